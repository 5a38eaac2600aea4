import { Clock, Effect, Result } from "effect"
import type { Delta } from "../../domain/delta.ts"
import { isDerived } from "../../domain/derivation.ts"
import type { EntityId } from "../../domain/ids.ts"
import { canonical } from "../../domain/json.ts"
import { generation, mergeRow } from "../../domain/projection.ts"
import { asOf, emptyRow, type Register, type Row } from "../../domain/row.ts"
import { compareStamps } from "../../domain/stamp.ts"
import { utf8Bytes } from "../../domain/writable.ts"
import { Deadline } from "../../store/deadline.ts"
import { EventSource } from "../../store/event-source.ts"
import { type Page, ProjectionStore } from "../../store/projection-store.ts"
import { SettleWindow } from "../folding.ts"
import { tried } from "../tried.ts"
import { addCounts, isSpent, limitRate, noCounts, ReplayBounds, shareOf } from "./budget.ts"
import { foldPage, foldWith, parkOrRefuse, settleRefused, topicsOf } from "./fold.ts"
import { type Difference, partOfStore, ReplayError, type ReplayScope } from "./plan.ts"
import { type OnProgress, type OpenSegment, toReport } from "./record.ts"

/** Events a page. */
const PAGE = 1_000

/** Differences that a report names, and bytes that they take: a checkpoint is an item of at most 400 KB. All are counted. */
const MAX_NAMED = 100
const MAX_NAMED_BYTES = 200_000

/** Which part of the entities an entity is of. FNV-1a. */
export const partOf = (entity: EntityId, parts: number): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < entity.length; i++) hash = Math.imul(hash ^ entity.charCodeAt(i), 0x01000193) >>> 0
  return hash % parts
}

/** Whether a scope leaves out events of the entities that it is about: then a table may well know more than the fold. */
const isPartial = ({ topics, since, until }: ReplayScope): boolean =>
  topics !== undefined || since !== undefined || until !== undefined

const differs = (folded: Register | undefined, held: Register | undefined, partial: boolean): boolean => {
  if (folded === undefined) return !partial
  if (held === undefined) return true
  const order = compareStamps(folded.stamp, held.stamp)
  return order === 0 ? canonical(folded.value) !== canonical(held.value) : order > 0 || !partial
}

/** The registers in which a row of the table is not what the store says. */
const differing = (folded: Row, held: Row, partial: boolean): ReadonlyArray<string> =>
  [...new Set([...folded.keys(), ...held.keys()])]
    .filter((name) => !isDerived(name) && differs(folded.get(name), held.get(name), partial))
    .sort()

const publishedLast = (...rows: ReadonlyArray<Row>): number =>
  Math.max(0, ...rows.flatMap((row) => [...row.values()].map(({ stamp }) => Math.max(stamp.published, stamp.clock))))

/**
 * Folds all events of one part of the entities and compares the rows with those of the table, writing none of them.
 *
 * The part is one of entities, not of events, and each reads the whole store: only who has seen all events of a row can say what it must
 * be. So memory is bounded by rows, whose number falls with the number of parts, and nothing is spilled. Reads are cheap, a unit
 * for 8 KB: ten parts of a store cost a fifth of writing its events once. Summaries and derived registers are not compared: they follow from other rows.
 * Rows whose last update is younger than what a live one may take to be seen are left out as `unsettled`.
 */
export const verifySegment = Effect.fnUntraced(function* (open: OpenSegment, onProgress: OnProgress) {
  const { run, projection, segment, held, save } = open
  const { plan } = run
  const [source, store, window, ends] = [
    yield* EventSource,
    yield* ProjectionStore,
    yield* SettleWindow,
    yield* Deadline
  ]
  const { verifyRows } = yield* ReplayBounds
  if (held.state === "done") return toReport(segment, "done", held)
  const name = generation(projection)
  const pace = yield* limitRate(plan.eventsPerSecond / Math.min(plan.concurrency ?? plan.segments, plan.segments), 0)
  const fold = foldWith([projection], plan.scope, window)
  const topics = topicsOf([projection], plan.scope)
  const allowance = shareOf(plan.budget, segment, plan.segments)
  const began = yield* Clock.currentTimeMillis
  const isOurs = (entity: EntityId) =>
    partOf(entity, plan.segments) === segment && (plan.scope.entity ?? entity) === entity

  const rows = new Map<string, Map<string, Row>>()
  let size = 0
  const gather = ({ entity, row, register, value, stamp }: Delta) => {
    const ofEntity = rows.get(entity) ?? new Map<string, Row>()
    if (ofEntity.size === 0) rows.set(entity, ofEntity)
    const before = ofEntity.get(row)
    if (before === undefined) size++
    ofEntity.set(row, mergeRow(projection, row, before ?? emptyRow, [[register, { value, stamp }]]))
  }

  let counts = noCounts
  const stop = Effect.fnUntraced(function* () {
    if ((yield* Clock.currentTimeMillis) < ends) return isSpent(counts, allowance)
    return yield* new ReplayError({ reason: "a verify must end in one run; raise its segments, or give it more time" })
  })

  let cursor: string | undefined
  do {
    if (yield* stop()) return toReport(segment, "budget", { ...held, counts })
    const page = yield* source.page({
      ...partOfStore(plan),
      segment: 0,
      segments: 1,
      limit: PAGE,
      topics,
      ...(cursor && { cursor })
    })
    const scanned = page.events.length + page.unreadable.length + page.skipped
    if (page.cold !== true) yield* pace(scanned)
    const { folded, refused } = foldPage(page, fold, run.startedAt)
    // Each part reads all events: one of them answers for those that cannot be folded.
    yield* settleRefused(plan.park && segment > 0 ? [] : refused, plan.park)
    const ours = folded
      .map((deltas) => deltas.filter(({ entity }) => isOurs(entity)))
      .filter(({ length }) => length > 0)
    const unmerged = ours.flat().flatMap((delta) => {
      const merged = tried("merge", () => gather(delta))
      return Result.isSuccess(merged) ? [] : [{ projection: name, deltas: [delta], ...merged.failure }]
    })
    const parked = yield* parkOrRefuse(unmerged, plan.park)
    if (size > verifyRows)
      return yield* new ReplayError({ reason: `more than ${verifyRows} rows in one segment; raise segments` })
    counts = addCounts(counts, {
      scanned,
      folded: ours.length,
      deltas: ours.reduce((sum, { length }) => sum + length, 0),
      parked: parked + (segment === 0 ? refused.length : 0),
      readUnits: page.readUnits
    })
    cursor = page.cursor
    yield* onProgress(toReport(segment, "stopped", { ...held, counts }))
  } while (cursor !== undefined)

  const partial = isPartial(plan.scope)
  const differences: Array<Difference> = []
  let named = 0
  const differ = (difference: Difference) => {
    counts = addCounts(counts, { differences: 1 })
    named += utf8Bytes(JSON.stringify(difference))
    if (differences.length < MAX_NAMED && named <= MAX_NAMED_BYTES) differences.push(difference)
  }
  const settledBy = began - window.settle - window.skew
  const compare = (entity: EntityId, row: string, folded: Row | undefined, held: Row | undefined) => {
    counts = addCounts(counts, { rows: 1 })
    const registers = differing(folded ?? emptyRow, held ?? emptyRow, partial)
    if (registers.length === 0) return
    if (publishedLast(folded ?? emptyRow, held ?? emptyRow) > settledBy) {
      counts = addCounts(counts, { unsettled: 1 })
      return
    }
    // A tombstone may have been deleted since.
    const gone = (asOf(folded ?? emptyRow)?.clock ?? 0) + projection.tombstoneSeconds * 1_000 < began
    if (held === undefined && folded !== undefined && gone && projection.closed(row, folded)) return
    differ({
      entity,
      row,
      kind: held === undefined ? "missing" : folded === undefined ? "extra" : "different",
      registers
    })
  }

  do {
    if (yield* stop()) return toReport(segment, "budget", { ...held, counts })
    const page: Page = yield* store.pages(name, { segment: 0, segments: 1, ...(cursor && { cursor }) })
    counts = addCounts(counts, { readUnits: page.readUnits })
    for (const { entity, row, registers } of page.rows) {
      // A summary has no registers.
      if (!isOurs(entity) || registers.size === 0) continue
      compare(entity, row, rows.get(entity)?.get(row), registers)
      rows.get(entity)?.delete(row)
    }
    cursor = page.cursor
  } while (cursor !== undefined)
  for (const [entity, left] of rows) for (const [row, folded] of left) compare(entity, row, folded, undefined)

  const done = { ...held, state: "done" as const, counts, differences }
  yield* save(done)
  return toReport(segment, "done", done)
})
