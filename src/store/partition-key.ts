import { Result } from "effect"

/** Characters that Kinesis takes in a partition key. */
export const MAX_PARTITION_KEY = 256

/**
 * The partition key that the rule's target would choose for an event: its topic name, or else its id. Undefined for what is no event,
 * which has an id and a detail.
 */
export const partitionKeyOf = (body: string): string | undefined => {
  const parsed = Result.try(() => JSON.parse(body) as unknown)
  if (Result.isFailure(parsed) || typeof parsed.success !== "object" || parsed.success === null) return undefined
  const { id, detail } = parsed.success as { id?: unknown; detail?: { topicName?: unknown } | null }
  if (typeof id !== "string" || id === "" || typeof detail !== "object" || detail === null) return undefined
  const { topicName } = detail
  return (typeof topicName === "string" && topicName !== "" ? topicName : id).slice(0, MAX_PARTITION_KEY)
}
