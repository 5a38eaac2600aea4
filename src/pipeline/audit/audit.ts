import { Clock, Effect, Option } from "effect"
import { generation } from "../../domain/projection.ts"
import { CapacityUsed, countCapacity } from "../../store/counters.ts"
import { Deadline } from "../../store/deadline.ts"
import { EntityIndex } from "../../store/entity-index.ts"
import {
  type AuditCheckpoint,
  type AuditCounts,
  addAuditCounts,
  named,
  noAuditCounts,
  type Position,
  readAudit,
  type Seen,
  writeAudit
} from "./checkpoint.ts"
import { type Discrepancy, discrepancyKey } from "./discrepancy.ts"
import { generationsInUse, type InUse } from "./in-use.ts"
import { type Looked, next, someEntries, someEvents, someRows } from "./look.ts"
import { recheck } from "./recheck.ts"
import { AuditLimits } from "./settings.ts"

/** The tables beside those of projections, as positions call them. */
const EVENTS = "events"
const ENTRIES = "entries"

/** The longest time (ms) for which read units add up that were not spent. */
const SAVED_MS = 600_000

/** Ms at the end of an invocation that are for the checkpoint and the report. */
const RESERVE_MS = 10_000

/** Discrepancies that are looked at again in one audit: the oldest looks first. */
const RECHECKED = 40

/** What an audit did, and what it knows now. `run` is what this one looked at. */
export interface AuditReport {
  readonly state: "audited" | "overtaken"
  readonly run: AuditCounts
  readonly checkpoint?: AuditCheckpoint
}

/** Looks again at what was seen before: what counts by now, and what is still to be looked at. */
const lookAgain = Effect.fnUntraced(function* (generations: InUse, held: Pick<AuditCheckpoint, "suspects" | "found">) {
  const { confirmMs } = yield* AuditLimits
  const now = yield* Clock.currentTimeMillis
  const found: Array<Seen> = []
  const suspects: Array<Seen> = []
  const look = Effect.fnUntraced(function* (one: Seen, list: Array<Seen>) {
    const standing = yield* recheck(generations, one)
    if (standing === "unknown") suspects.push(one)
    else if (standing !== undefined) list.push({ ...standing, seen: one.seen })
  })
  for (const [i, one] of held.found.entries()) {
    if (i < RECHECKED) yield* look(one, found)
    else found.unshift(one)
  }
  let looks = 0
  for (const one of held.suspects) {
    if (now - one.seen >= confirmMs && looks++ < RECHECKED) yield* look(one, found)
    else suspects.push(one)
  }
  return { found, suspects }
})

/**
 * Compares a sample of events, rows and entries of the index by entity with each other, and remembers where it stopped: tables are gone
 * through page by page, in the order in which DynamoDB keeps them, which is that of a hash, so that what follows each other is a fair
 * sample. Of an event it looks whether its updates are in the rows in use, and its entries in the index; of a row whether the events that it names
 * say it, whether its columns, its expiry and the index of open rows follow from it, and whether what derives from it does.
 *
 * What seems wrong counts when it is so still `confirmMs` later, by consistent reads. Writes nothing but its checkpoint. Spends what
 * `readUnitsPerSecond` allow since the last audit, and at most one look more.
 */
export const audit = Effect.catchTag(
  Effect.suspend(() => run()),
  "AuditOvertaken",
  () => Effect.succeed<AuditReport>({ state: "overtaken", run: noAuditCounts })
)

const run = Effect.fnUntraced(function* () {
  const began = yield* Clock.currentTimeMillis
  const { readUnitsPerSecond } = yield* AuditLimits
  const { checkpoint, version } = yield* readAudit
  const index = Option.getOrUndefined(yield* Effect.serviceOption(EntityIndex))
  const indexedSince = index === undefined ? Number.POSITIVE_INFINITY : (checkpoint?.indexedSince ?? began)
  const since = Math.min(SAVED_MS, began - (checkpoint?.at ?? began - SAVED_MS))
  const saved = (checkpoint?.balance ?? 0) + (Math.max(0, since) / 1_000) * readUnitsPerSecond
  const balance = Math.min(saved, (SAVED_MS / 1_000) * readUnitsPerSecond)
  const spent = countCapacity()

  const work = Effect.gen(function* () {
    const { wrong, ...generations } = yield* generationsInUse
    const before = yield* lookAgain(generations, checkpoint ?? { suspects: [], found: [] })
    const looked = yield* lookFurther(
      generations,
      index,
      indexedSince,
      checkpoint?.positions ?? {},
      version,
      () => balance > spent.counts().readUnits
    )
    return { before, looked, seen: [...wrong, ...looked.found].map((one): Seen => ({ ...one, seen: began })) }
  })
  const { before, looked, seen } = yield* Effect.provideService(work, CapacityUsed, spent)

  const { readUnits } = spent.counts()
  const counts = addAuditCounts(looked.counts, { readUnits })
  const found = named(before.found, [])
  const known = new Set(found.kept.map(discrepancyKey))
  const suspects = named(
    before.suspects,
    seen.filter((one) => !known.has(discrepancyKey(one)))
  )
  const next: AuditCheckpoint = {
    began: checkpoint?.began ?? began,
    at: began,
    balance: balance - readUnits,
    ...(index === undefined ? {} : { indexedSince }),
    positions: looked.positions,
    counts: addAuditCounts(checkpoint?.counts ?? noAuditCounts, counts),
    suspects: suspects.kept,
    found: found.kept,
    more: found.more || suspects.more
  }
  yield* writeAudit(next, version)
  return { state: "audited", run: counts, checkpoint: next } satisfies AuditReport as AuditReport
})

/** Goes on through the tables in turn, each at most once to its end, as long as `hasMore` says that there is something left to spend. */
const lookFurther = Effect.fnUntraced(function* (
  { inUse, links }: InUse,
  index: EntityIndex["Service"] | undefined,
  indexedSince: number,
  held: AuditCheckpoint["positions"],
  turn: number,
  hasMore: () => boolean
) {
  const ends = (yield* Deadline) - RESERVE_MS
  const lookAt = (table: string, cursor: string | undefined) => {
    const of = inUse.find((one) => generation(one) === table)
    if (of !== undefined) return someRows(links, of, cursor)
    return table === ENTRIES && index !== undefined
      ? someEntries(inUse, index, cursor, indexedSince)
      : someEvents(inUse, cursor, indexedSince)
  }
  const tables = [EVENTS, ...inUse.map(generation), ...(index === undefined ? [] : [ENTRIES])]
  const positions = new Map(tables.map((table): [string, Position] => [table, held[table] ?? { rounds: 0 }]))
  const found: Array<Discrepancy> = []
  let counts = noAuditCounts
  // A budget that does not reach all tables begins at another one each time.
  const first = turn % tables.length
  let waiting: ReadonlyArray<string> = [...tables.slice(first), ...tables.slice(0, first)]
  while (waiting.length > 0) {
    for (const table of waiting) {
      if (!hasMore() || (yield* Clock.currentTimeMillis) >= ends)
        return { found, counts, positions: Object.fromEntries(positions) }
      const { rounds, cursor } = positions.get(table) ?? { rounds: 0 }
      const looked: Looked = yield* lookAt(table, cursor)
      found.push(...looked.found)
      counts = addAuditCounts(counts, looked.counts)
      const isWhole = looked.cursor === undefined
      positions.set(table, { rounds: isWhole ? rounds + 1 : rounds, ...next(looked) })
      if (isWhole) waiting = waiting.filter((other) => other !== table)
    }
  }
  return { found, counts, positions: Object.fromEntries(positions) }
})
