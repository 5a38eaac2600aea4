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

/** How a line went in: `bus` as an event that a rule took, `stream` past it, `refused` where not even the stream takes its size. */
export type Way = "bus" | "stream" | "refused"

/**
 * Hands over one line as it came. What no rule takes, because it is no event or of another source or topic, goes onto the stream as
 * it is, so that the function's own door judges it and every line is accounted for.
 */
export const deliver = (stack: Stack, line: string): Way => {
  const envelope = parse(line)
  if (
    envelope !== undefined &&
    Result.getOrElse(
      Result.try(() => stack.send(envelope, line)),
      () => false
    )
  )
    return "bus"
  return Result.isSuccess(Result.try(() => stack.put(line))) ? "stream" : "refused"
}
