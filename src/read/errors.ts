import { Data } from "effect"
import type { BadOption } from "../genesys-api/bad-option.ts"

export { BadOption } from "../genesys-api/bad-option.ts"

/**
 * DynamoDB could not answer. `op` is the call (`GetItem`), `reason` the name of the failure (`AccessDeniedException`), without any value.
 * `retryable`: the reader retried for as long as `timeout` allowed, and the same call may succeed later.
 */
export class ReaderError extends Data.TaggedError("ReaderError")<{
  readonly op: string
  readonly reason: string
  readonly retryable: boolean
}> {
  override get message() {
    return `${this.op}: ${this.reason}${this.retryable ? "; the same call may succeed later" : ""}`
  }
}

/**
 * Why an answer would be older than allowed. `window`: no answer is that fresh, because an event becomes visible a settle window later.
 * `behind`: nothing has settled for longer than that; updates are delayed, or there were none for up to a minute. `unsettled`: nothing has
 * settled yet.
 */
export type StaleReason = "window" | "behind" | "unsettled"

const explanations: Readonly<Record<StaleReason, string>> = {
  window: "no answer is fresher than the settle window; set maxAge above it",
  behind:
    "nothing has settled since. Without events a heartbeat settles once a minute, so a greater age is a delay: see the stack's dashboard",
  unsettled: "nothing has settled in this stack yet"
}

/** The answer is older than `maxAge`. Ages are in ms; `ageMs` is the time since `settledThrough`, infinite for `unsettled`. */
export class StaleAnswer extends Data.TaggedError("StaleAnswer")<{
  readonly ageMs: number
  readonly maxAgeMs: number
  readonly settledThrough?: string
  readonly reason: StaleReason
}> {
  override get message() {
    return `the answer is ${this.ageMs} ms old, but maxAge allows ${this.maxAgeMs} ms: ${explanations[this.reason]}`
  }
}

/** The control table names no active generation of this projection. */
export class NoActiveGeneration extends Data.TaggedError("NoActiveGeneration")<{
  readonly projection: string
  readonly table: string
}> {
  override get message() {
    return `${this.table} has no item readers/${this.projection}: is the prefix that of a deployed stack, and does it fold ${this.projection}?`
  }
}

/**
 * Why the directory cannot say which agents or queues there are. `missing`: the stack has no table of names. `unfilled`: no sweep of the
 * Genesys Cloud API has come to its end yet. `ids`: it keeps no names of people. `division`: it keeps nothing of that division.
 */
export type NoDirectoryReason = "missing" | "unfilled" | "ids" | "division"

const cures: Readonly<Record<NoDirectoryReason, string>> = {
  missing: "there is no such table: is the prefix that of a deployed stack, and is its version as new as the reader's?",
  unfilled: "nothing has filled it yet. Set genesysCredentialsSecret and run: npx projections reconcile",
  ids: "it keeps no names of people, so that none is found by name. Set directory to names",
  division: "it keeps nothing of that division, or of any that the setting divisions names. Correct divisions"
}

/** The directory is not there, or would return an empty list for a reason other than that there is nobody. */
export class NoDirectory extends Data.TaggedError("NoDirectory")<{
  readonly table: string
  readonly reason: NoDirectoryReason
}> {
  override get message() {
    return `${this.table}: ${cures[this.reason]}`
  }
}

/** Every error of the reader's calls, except `critical`, which also fails with `NotConfirmed`. */
export type ReadError = ReaderError | StaleAnswer | NoActiveGeneration | NoDirectory | BadOption
