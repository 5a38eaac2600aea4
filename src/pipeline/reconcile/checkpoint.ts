import { Clock, Data, Effect } from "effect"
import { canonical, type Json } from "../../domain/json.ts"
import { Control } from "../../store/control.ts"

/** What a sweep goes through, in this order: what it asks the API, and last, what it says of things that no answer has listed. */
export const PHASES = [
  "agents",
  "queues",
  "inactive",
  "deleted",
  "presences",
  "wrapupCodes",
  "divisions",
  "missing"
] as const
export type Phase = (typeof PHASES)[number]

/** How many by facet. */
export type ByFacet = { readonly [facet: string]: number }

/**
 * What a sweep has done so far. `requests` to the API; `agents`, `queues`, their `members`, `former` users and `names` that it was told of; `stated`: the statements
 * that it sent, of which `corrected` say what events should have told, and `early` what events may tell still; `known`: how many sessions,
 * waits and members the rows had that complete answers spoke of, and `missing`, how many of them no answer had; `closed`: sessions
 * and waits that it ended.
 */
export interface SweepCounts {
  readonly requests: number
  readonly agents: number
  readonly queues: number
  readonly members: number
  readonly former: number
  readonly names: number
  readonly stated: ByFacet
  readonly corrected: ByFacet
  readonly early: ByFacet
  readonly known: ByFacet
  readonly missing: ByFacet
  readonly closed: number
}

/**
 * Where a sweep is. `next`: the page of the phase that follows, absent for the first; `pages`: how many of the phase were read. `pending`: queues of the last page that are still to be
 * looked at. `chunk`: how many of them at a time. Times are epoch ms. `totals`: how many there are, where the API said. `kept`: where
 * what was found missing is kept until every page has been answered, and `refused`, why nothing of it is said. `holder` runs the sweep until
 * `until` at most; without one it waits for the next invocation.
 */
export interface Sweep {
  readonly began: number
  readonly by: string
  readonly phase: Phase
  readonly next?: string
  readonly pages?: number
  readonly pending?: ReadonlyArray<string>
  readonly chunk: number
  readonly counts: SweepCounts
  readonly totals: { readonly agents?: number; readonly queues?: number }
  readonly kept?: Kept
  readonly refused?: Refused
  readonly holder?: string
  readonly until?: number
}

/**
 * Where a sweep keeps what it has found missing: in `items` items of the control table, the last of which holds `last`. `slots`: items that
 * any sweep has written and nobody has emptied. `over`: how many did not fit.
 */
export interface Kept {
  readonly items: number
  readonly last: number
  readonly slots: number
  readonly over: number
}

/** Of which kind so many were missing that nobody can believe it: `missing` of the `known`. */
export interface Refused {
  readonly kind: string
  readonly missing: number
  readonly known: number
}

/** A whole sweep. `refused`: it has closed nothing, because too much was missing. */
export interface Reconciled {
  readonly began: number
  readonly ended: number
  readonly counts: SweepCounts
  readonly refused?: Refused
}

/**
 * `sweep` is under way, `last` is the last that was whole, `failure` is why the last invocation gave up, if it did, and `wanted` says that
 * somebody has asked for a sweep, which the next tick begins.
 */
export interface Checkpoint {
  readonly sweep?: Sweep
  readonly last?: Reconciled
  readonly wanted?: { readonly at: number; readonly by: string }
  readonly failure?: { readonly at: number; readonly message: string }
}

/** Under which key of the control table the checkpoint is. */
export const RECONCILE_KEY = "reconcile"

/** Queues that are looked at between two checkpoints, unless that takes longer than an invocation. */
export const QUEUES_A_CHUNK = 25

export const noCounts: SweepCounts = {
  requests: 0,
  agents: 0,
  queues: 0,
  members: 0,
  former: 0,
  names: 0,
  stated: {},
  corrected: {},
  early: {},
  known: {},
  missing: {},
  closed: 0
}

/** A sweep that an earlier version began has no counts of some. */
export const addFacets = (a: ByFacet = {}, b: ByFacet = {}): ByFacet => {
  const sum: Record<string, number> = { ...a }
  for (const [facet, count] of Object.entries(b)) sum[facet] = (sum[facet] ?? 0) + count
  return sum
}

export const addCounts = (a: SweepCounts, b: SweepCounts): SweepCounts => ({
  requests: a.requests + b.requests,
  agents: a.agents + b.agents,
  queues: a.queues + b.queues,
  members: a.members + b.members,
  former: (a.former ?? 0) + b.former,
  names: a.names + b.names,
  stated: addFacets(a.stated, b.stated),
  corrected: addFacets(a.corrected, b.corrected),
  early: addFacets(a.early, b.early),
  known: addFacets(a.known, b.known),
  missing: addFacets(a.missing, b.missing),
  closed: a.closed + b.closed
})

export const totalOf = (counts: ByFacet): number => Object.values(counts).reduce((sum, count) => sum + count, 0)

/** Somebody else has written the checkpoint since: the sweep is theirs. */
export class Overtaken extends Data.TaggedError("Overtaken") {}

/** What is remembered of sweeps, with the version of the item. */
export const readCheckpoint = Effect.gen(function* () {
  const { value, version } = yield* (yield* Control).read(RECONCILE_KEY)
  // Nobody else writes this key.
  return { checkpoint: (value ?? {}) as Checkpoint, version }
})

/** Writes it over a version. Returns the next one. Fails with `Overtaken` where that is not the version any more. */
export const writeCheckpoint = Effect.fnUntraced(function* (checkpoint: Checkpoint, version: number) {
  const control = yield* Control
  const value = checkpoint as unknown as Json
  if ((yield* control.write(RECONCILE_KEY, value, version)) === "written") return version + 1
  // After a lost answer the conflict is with one's own write.
  const held = yield* control.read(RECONCILE_KEY)
  return canonical(held.value ?? null) === canonical(value) ? held.version : yield* new Overtaken()
})

/**
 * Asks for a sweep, which the next tick begins. `underWay` where there is one already: nothing is written then. Fails with `Overtaken` where
 * somebody else writes the checkpoint at the same moment.
 */
export const wantSweep = Effect.fnUntraced(function* (by: string) {
  const { checkpoint, version } = yield* readCheckpoint
  if (checkpoint.sweep !== undefined || checkpoint.wanted !== undefined) return "underWay" as const
  yield* writeCheckpoint({ ...checkpoint, wanted: { at: yield* Clock.currentTimeMillis, by } }, version)
  return "wanted" as const
})
