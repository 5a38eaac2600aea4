import { Schema } from "effect"
import type { ReplayCounts } from "./budget.ts"

/**
 * Which events: of these topic templates, published from `since` up to and without `until` (epoch ms), and about one entity. What is
 * absent restricts nothing.
 *
 * A scope that holds the starts of sessions without their ends (`until`, `topics`) shows in the generation what it folds: a session whose
 * tombstone is gone by then stays open there. Such a scope is for registers that are replaced, such as a presence, and for verify.
 */
export const ReplayScope = Schema.Struct({
  topics: Schema.optionalKey(Schema.Array(Schema.String)),
  since: Schema.optionalKey(Schema.Finite),
  until: Schema.optionalKey(Schema.Finite),
  entity: Schema.optionalKey(Schema.String)
})
export type ReplayScope = typeof ReplayScope.Type

/** What a replay may spend from its first event to its last, however often it is resumed. What is absent is unlimited. */
export const ReplayBudget = Schema.Struct({
  items: Schema.optionalKey(Schema.Finite),
  readUnits: Schema.optionalKey(Schema.Finite),
  writeUnits: Schema.optionalKey(Schema.Finite),
  dollars: Schema.optionalKey(Schema.Finite)
})
export type ReplayBudget = typeof ReplayBudget.Type

/**
 * A replay. `id` names its checkpoints: the same id goes on where it stopped. `generation` is folded and, if `write`, written; otherwise
 * compared with what is there (verify). `segments`: parts of the store, or in a verify parts of the entities. `concurrency`: how many of
 * them run at a time, all where absent. `eventsPerSecond` are read and `rowsPerSecond` written by all that run at a time together; where
 * the latter is absent, as many rows as events. `days`: how long after it began it can be resumed, 7 where absent. `park`: an event that is
 * refused is parked, instead of ending the replay. `source`: the export that is read, the table itself where absent; checkpoints are of one
 * source. `sealed`: the window from which on events are read from the table, and before which from the archive; absent without an archive.
 */
export const ReplayPlan = Schema.Struct({
  id: Schema.String,
  generation: Schema.String,
  scope: ReplayScope,
  segments: Schema.Finite,
  concurrency: Schema.optionalKey(Schema.Finite),
  write: Schema.Boolean,
  source: Schema.optionalKey(Schema.String),
  sealed: Schema.optionalKey(Schema.Finite),
  park: Schema.Boolean,
  eventsPerSecond: Schema.Finite,
  rowsPerSecond: Schema.optionalKey(Schema.Finite),
  days: Schema.optionalKey(Schema.Finite),
  budget: ReplayBudget
})
export type ReplayPlan = typeof ReplayPlan.Type

/** What a plan asks of the source with every page: where archive and table meet, and when events were published. */
export const partOfStore = ({ sealed, scope: { since, until } }: ReplayPlan) => ({
  ...(sealed === undefined ? {} : { sealed }),
  ...(since === undefined ? {} : { since }),
  ...(until === undefined ? {} : { until })
})

/** Why a segment is at its end, or where it stopped. All but `done` are resumed by the same plan; after `budget` with a greater one. */
export const SegmentState = Schema.Literals(["done", "budget", "deadline", "stopped"])
export type SegmentState = typeof SegmentState.Type

/** A row that the store and the table do not agree on. `missing`: not in the table; `extra`: only there; `different`: in these registers. */
export const Difference = Schema.Struct({
  entity: Schema.String,
  row: Schema.String,
  kind: Schema.Literals(["missing", "extra", "different"]),
  registers: Schema.Array(Schema.String)
})
export type Difference = typeof Difference.Type

/** What a segment has come to, over all its runs. `differences` (verify): the first of them; `counts.differences` counts all. */
export interface SegmentReport {
  readonly segment: number
  readonly state: SegmentState
  readonly counts: ReplayCounts
  readonly dollars: number
  readonly differences: ReadonlyArray<Difference>
}

/** An event that cannot be folded, or whose update of a row cannot be written (then without `topic`). `reason` holds no value of it. */
export class ReplayRefused extends Schema.TaggedError<ReplayRefused>()("ReplayRefused", {
  eventId: Schema.String,
  topic: Schema.optionalKey(Schema.String),
  reason: Schema.String
}) {
  override get message() {
    const topic = this.topic === undefined ? "" : ` (${this.topic})`
    return `event ${this.eventId}${topic} is refused: ${this.reason}; fix the fold, or park the event`
  }
}

/** A plan that cannot be run, or not any more. `reason` says what to do. */
export class ReplayError extends Schema.TaggedError<ReplayError>()("ReplayError", { reason: Schema.String }) {
  override get message() {
    return `replay: ${this.reason}`
  }
}
