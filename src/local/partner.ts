import type { Envelope } from "aws-in-process"
import { Result } from "effect"
import type { Stack } from "./stack.ts"

/** How a partner's event source, and so its bus, is named. */
const PARTNER_SOURCE = /^aws\.partner\/genesys\.com\/cloud\/[\w.-]+\/[\w.-]+$/

/** The source of the simulated organisation, and of files that name none. */
export const SIMULATED_SOURCE = "aws.partner/genesys.com/cloud/5ca1ab1e-0000-4000-8000-000000000001/local"

const parse = (line: string): Envelope | undefined => {
  const parsed = Result.try(() => JSON.parse(line) as unknown)
  if (Result.isFailure(parsed)) return undefined
  const value = parsed.success
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Envelope) : undefined
}

/** The partner source that a line comes from; undefined where it does not say, or names no partner. */
export const sourceOf = (line: string): string | undefined => {
  const source = parse(line)?.source
  return typeof source === "string" && PARTNER_SOURCE.test(source) ? source : undefined
}

/**
 * How a line went in: `bus` as an event that a rule took, `dropped` as an event that no rule takes, `stream` past the bus, `refused` where not even the
 * stream takes its size.
 */
export type Way = "bus" | "dropped" | "stream" | "refused"

/** What a rule looks at. Nothing without both is an event of a bus. */
const isEvent = (envelope: Envelope): boolean =>
  typeof envelope.source === "string" && typeof envelope["detail-type"] === "string"

/** Why no rule takes an event: one sentence. `taken` is the source whose events the rule takes. */
export const whyDropped = (line: string, taken: string): string => {
  const { source, "detail-type": topic } = parse(line) as Envelope
  return source === taken
    ? `its detail-type is ${JSON.stringify(topic)}, which is none of the stack's topics`
    : `its source is ${JSON.stringify(source)}, and the rule takes ${JSON.stringify(taken)}`
}

/**
 * Hands over one line as it came. What no bus would carry, because it is no event, goes onto the stream as it is, so that the function's own
 * decoder judges it. An event that no rule takes is dropped, as EventBridge drops it.
 */
export const deliver = (stack: Stack, line: string): Way => {
  const envelope = parse(line)
  if (envelope !== undefined) {
    const taken = Result.try(() => stack.send(envelope, line))
    if (Result.isSuccess(taken)) {
      if (taken.success) return "bus"
      if (isEvent(envelope)) return "dropped"
    }
  }
  return Result.isSuccess(Result.try(() => stack.put(line))) ? "stream" : "refused"
}
