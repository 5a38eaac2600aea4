import { Clock, Effect, Option } from "effect"
import { windowAt, windowStart } from "../../domain/archive-window.ts"
import { generation as nameOf } from "../../domain/projection.ts"
import { iso } from "../../domain/stamp.ts"
import { explainPast } from "../../pipeline/explain.ts"
import { scansOf } from "../../pipeline/fold-entity.ts"
import { Projections } from "../../pipeline/folding.ts"
import { retiredGenerations } from "../../pipeline/generations.ts"
import { Archive } from "../../store/archive.ts"
import { objectsOfArrivals } from "../../store/archived-events.ts"
import { sealedBefore } from "../../store/cold-source.ts"
import { EntityIndex, type EntityRequest } from "../../store/entity-index.ts"
import { TableSizes } from "../../store/table-sizes.ts"
import {
  archivedBefore,
  type Cost,
  costOf,
  costOfObjects,
  costText,
  scanUnits,
  sizeOfEvents,
  withArchive
} from "../cost.ts"
import { events, makeProgress } from "../screen.ts"
import type { StackTarget } from "../stack/stack.ts"
import { filtersOf, recorded } from "../uses.ts"

/** Segments of the event store that are read in parallel. */
const SEGMENTS = 4

/**
 * A deployment makes the index first and then tells append, and an invocation that has begun by then goes on for as long as Lambda lets
 * it: 15 minutes.
 */
const ALLOWANCE_MS = 15 * 60_000

/** An entity of a generation, at a past time (epoch ms). `arrived`: as of what had arrived by then, instead of what was true then. */
export interface Question {
  readonly generation: string
  readonly id: string
  readonly at: number
  readonly arrived: boolean
  readonly closed: boolean
  readonly scan: boolean
  readonly why: Option.Option<string>
  /** `--at` as it was given. */
  readonly given: string
}

/**
 * How the past is read. By the index, it is complete for events that arrived after `from` (epoch ms); absent where that is all of them. `cost`:
 * what the index lists that may be in the archive alone; absent where that is nothing.
 */
export type Reading =
  | { readonly _tag: "index"; readonly index: EntityIndex["Service"]; readonly from?: number; readonly cost?: Cost }
  | { readonly _tag: "scan"; readonly because: string; readonly cost: Cost }

/**
 * The entity index of a stack, or why it does not serve a generation. It lists what is folded while it is kept: nothing of a generation
 * that is retired, and only the later events of one that was added later.
 */
const indexFor = Effect.fnUntraced(function* ({ outputs }: StackTarget, generation: string) {
  const { entityIndexName, eventTableName, projectionTables } = outputs
  if (entityIndexName === "") return "there is no index by entity"
  if ((yield* retiredGenerations).has(generation))
    return `the index by entity does not follow ${generation}, which is retired`
  const { since } = yield* TableSizes
  const [eventsSince, indexSince, rowsSince] = yield* Effect.all(
    [since(eventTableName), since(entityIndexName), since(projectionTables[generation]?.name ?? "")],
    { concurrency: 3 }
  )
  // A deployment that makes all of them makes the index before the event table, and the others when it comes to them.
  const late = [
    ...(indexSince > eventsSince ? [indexSince] : []),
    ...(rowsSince > eventsSince + ALLOWANCE_MS ? [rowsSince] : [])
  ]
  const from = late.length === 0 ? {} : { from: Math.max(...late) + ALLOWANCE_MS }
  return { _tag: "index" as const, index: yield* EntityIndex, ...from }
})

/** What the archive has of the hours in which events of an entity arrived that may have left the table: at most that is read of it. */
const coldCost = Effect.fnUntraced(function* (
  { outputs }: StackTarget,
  index: EntityIndex["Service"],
  entity: EntityRequest
) {
  const archive = yield* Effect.serviceOption(Archive)
  if (Option.isNone(archive)) return {}
  const left = (yield* Clock.currentTimeMillis) - outputs.eventRetentionDays * 86_400_000
  const arrivals = new Set<number>()
  let cursor: string | undefined
  do {
    const page = yield* index.page({ ...entity, ...(cursor === undefined ? {} : { cursor }) })
    for (const received of page.arrivals.values())
      if (windowStart(windowAt(received) + 1) < left) arrivals.add(received)
    cursor = page.cursor
  } while (cursor !== undefined)
  const objects = yield* Effect.provideService(objectsOfArrivals(arrivals), Archive, archive.value)
  return objects.length === 0 ? {} : { cost: costOfObjects(objects) }
})

/** Chooses the index where it serves the generation, unless `--scan` asks for the whole event store. */
export const readingOf = Effect.fnUntraced(function* (
  stack: StackTarget,
  { generation, scan }: Pick<Question, "generation" | "scan">,
  entity?: Pick<EntityRequest, "entity" | "until">
) {
  const all = yield* Projections
  const of = all.find((one) => nameOf(one) === generation)
  const found = scan ? "without the index by entity" : yield* indexFor(stack, generation)
  if (typeof found !== "string") {
    const cold =
      entity === undefined ? {} : yield* coldCost(stack, found.index, { projection: of?.name ?? "", ...entity })
    return { ...found, ...cold } satisfies Reading as Reading
  }
  const size = yield* sizeOfEvents(stack)
  const scans = of === undefined ? 1 : scansOf(of, all)
  const archive = yield* Effect.serviceOption(Archive)
  const sealed = Option.isNone(archive) ? undefined : sealedBefore(yield* archive.value.windows)
  const archived = yield* archivedBefore(sealed)
  const scanned = costOf(scans * (size.items + archived.items), scans * scanUnits(size), 0)
  const cost = withArchive(scanned, scans * archived.bytes)
  return { _tag: "scan", because: found, cost } satisfies Reading as Reading
})

/** Explains an entity as it was and records the use. `notes`: what that has cost, and from when on the index is complete. */
export const explainAt = Effect.fnUntraced(function* (stack: StackTarget, question: Question, reading: Reading) {
  const { generation, id, at, arrived, closed, scan, given, why } = question
  const when = { ...(arrived ? { arrived: at } : { at }), tombstones: closed }
  const filters = filtersOf({ generation, id, at: given, arrived, scan, closed })
  const run = <A extends { readonly scanned: number; readonly folded: number }, E, R>(work: Effect.Effect<A, E, R>) =>
    recorded({ stack, command: "explain", filters, why }, work, (done) => ({
      outcome: "explained",
      counts: done._tag === "Some" ? { scanned: done.value.scanned, folded: done.value.folded } : { scanned: 0 }
    }))
  if (reading._tag === "scan") {
    const { items } = reading.cost
    const progress = yield* makeProgress(Math.max(1, items))
    const onPage = ({ scanned }: { readonly scanned: number }) => progress(Math.min(scanned, items))
    return { found: yield* run(explainPast(generation, id, { ...when, segments: SEGMENTS, onPage })), notes: [] }
  }
  const { index, from } = reading
  const found = yield* run(explainPast(generation, id, { ...when, index }))
  const cost = costText(withArchive(costOf(found.scanned, found.readUnits, 0), found.archiveBytes))
  const notes = [`read ${events(found.scanned)} by the index: ${cost}`]
  if (from === undefined) return { found, notes }
  const warning = `the index may lack events that arrived before ${iso(from)}; --scan reads the whole event store`
  return { found: { ...found, indexedFrom: iso(from) }, notes: [...notes, warning] }
})
