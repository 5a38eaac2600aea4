/** What a batch's answer says failed: the identifiers, `[]` for none, or `all` where Lambda takes the whole batch for failed. */
export type Failures = ReadonlyArray<string> | "all"

const identifier = (failure: unknown): unknown =>
  typeof failure === "object" && failure !== null && "itemIdentifier" in failure ? failure.itemIdentifier : undefined

/**
 * Reads an answer under `ReportBatchItemFailures`: nothing, `{}`, a null or empty list mean success; an identifier that is empty,
 * missing or not of the batch means that all failed, and so does an answer of another kind.
 */
export const readFailures = (answer: unknown, isOfBatch: (identifier: string) => boolean): Failures => {
  if (answer === null || answer === undefined) return []
  if (typeof answer !== "object" || Array.isArray(answer)) return "all"
  const failures: unknown = "batchItemFailures" in answer ? answer.batchItemFailures : null
  if (failures === null) return []
  if (!Array.isArray(failures)) return "all"
  const identifiers = failures.map(identifier)
  return identifiers.every((id) => typeof id === "string" && id !== "" && isOfBatch(id))
    ? (identifiers as Array<string>)
    : "all"
}

/** True when the mapping reads the answer; throws on a response type that the engine does not implement. */
export const reportsFailures = (types: ReadonlyArray<string> | undefined): boolean => {
  for (const type of types ?? [])
    if (type !== "ReportBatchItemFailures")
      throw new Error(`not implemented by aws-in-process: function response type ${type}`)
  return (types ?? []).length > 0
}

/** The batch size and window of a mapping, checked as AWS does when it is created. The window in ms. */
export const batching = (size: number, windowSeconds: number): { readonly size: number; readonly window: number } => {
  if (!Number.isInteger(size) || size < 1 || size > 10_000) throw new Error(`batchSize must be 1 to 10000, not ${size}`)
  if (!Number.isInteger(windowSeconds) || windowSeconds < 0 || windowSeconds > 300)
    throw new Error(`maximumBatchingWindowInSeconds must be 0 to 300, not ${windowSeconds}`)
  if (size > 10 && windowSeconds < 1)
    throw new Error("InvalidParameterValueException: a batch above 10 needs a window of at least 1 s")
  return { size, window: windowSeconds * 1_000 }
}
