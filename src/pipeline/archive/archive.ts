import { Clock, Context, Effect } from "effect"
import { WINDOW_MS, windowAt, windowStart } from "../../domain/archive-window.ts"
import { Archive } from "../../store/archive.ts"
import { countsOf } from "../../store/archive-lines.ts"
import { Deadline } from "../../store/deadline.ts"
import { EventWindows } from "../../store/event-windows.ts"
import { noTally, sameTally } from "../../store/tally.ts"
import { archiveSegment, HELD } from "./segment.ts"
import {
  type ArchiveState,
  addSlots,
  archiveState,
  newSegment,
  notWriting,
  type Pass,
  type SegmentState,
  type Slots,
  segmentState,
  windowOfSlot
} from "./state.ts"

/** Ms after the end of a window until it is archived: whatever was about to be stored in it is stored by then. */
export const CLOSING_MS = 3_600_000

/** Ms for which DynamoDB is left to delete a window before it is counted again, where the next one waits for it. */
const DELETING_MS = 2 * 86_400_000

/** Ms after which another worker takes a segment over. Longer than an invocation lasts. */
const LEASE_MS = 16 * 60_000

/** What the archiver was told. `retentionMs`: how long events stay in the table at least. `segments`: of a pass. `held`: events before a write. */
export interface ArchiveSettings {
  readonly retentionMs: number
  readonly segments: number
  readonly held: number
}

export class ArchivePlan extends Context.Service<ArchivePlan, ArchiveSettings>()("projections/ArchivePlan") {
  static readonly held = HELD
}

/** Windows that may leave and have not, in order: confirmed, with their time over. None after one that is not confirmed. */
const due = Effect.fnUntraced(function* (state: ArchiveState, now: number) {
  const { retentionMs } = yield* ArchivePlan
  const waiting = (yield* Archive.use((archive) => archive.windows)).filter(({ window }) => window >= state.gone)
  const stays = waiting.findIndex(
    ({ state: of, window }) => of !== "confirmed" || windowStart(window + 1) + retentionMs > now
  )
  const may = stays < 0 ? waiting : waiting.slice(0, stays)
  return may.filter(({ items }) => items > 0).map(({ window }) => window)
})

/** The pass that is to begin now, if any. */
const passOf = Effect.fnUntraced(function* (state: ArchiveState, now: number) {
  const closed = windowAt(now - CLOSING_MS)
  const { segments } = yield* ArchivePlan
  const windows = yield* Archive.use((archive) => archive.windows)
  const unconfirmed = windows.flatMap(({ state: of, window }) => (of === "sealed" ? [window] : []))
  const write = Array.from({ length: Math.max(0, closed - state.next) }, (_, i) => state.next + i)
  const waits = (yield* due(state, now)).length > 1
  const counts = waits && now - Math.max(state.expiring?.since ?? now, state.ended ?? 0) >= DELETING_MS
  if (write.length === 0 && state.suspects.length === 0 && !counts) return undefined
  return {
    number: state.passes + 1,
    began: now,
    segments,
    write,
    confirm: unconfirmed,
    suspects: state.suspects
  } satisfies Pass
})

/** What a segment has come to, all of a pass together. */
const total = (segments: ReadonlyArray<SegmentState>) => {
  const left: Record<string, number> = {}
  for (const one of segments)
    for (const [window, count] of Object.entries(one.left)) left[window] = (left[window] ?? 0) + count
  return {
    table: segments.map(({ table }) => table).reduce(addSlots, {}),
    archive: segments.map(({ archive }) => archive).reduce(addSlots, {}),
    left,
    missing: segments.reduce((sum, one) => sum + one.missing, 0),
    lists: (window: number) => segments.flatMap(({ lists }) => lists[window] ?? []),
    bytes: (window: number) => segments.reduce((sum, { bytes }) => sum + (bytes[window] ?? 0), 0)
  }
}

const slotsOf = (slots: Slots, window: number) => Object.keys(slots).filter((slot) => windowOfSlot(slot) === window)

/** Ends a pass of which all segments are done: seals, adds what was missing, confirms, and says what is suspect. */
const conclude = Effect.fnUntraced(function* (state: ArchiveState, pass: Pass, segments: ReadonlyArray<SegmentState>) {
  const archive = yield* Archive
  const now = yield* Clock.currentTimeMillis
  const all = total(segments)
  const windows = yield* archive.windows
  for (const window of pass.write) {
    const items = slotsOf(all.table, window).reduce((sum, slot) => sum + (all.table[slot]?.items ?? 0), 0)
    yield* archive.seal({
      window,
      state: "sealed",
      sealedAt: now,
      items,
      bytes: all.bytes(window),
      lists: all.lists(window)
    })
  }
  const suspects: Array<string> = []
  for (const window of windows.filter((one) => pass.confirm.includes(one.window))) {
    const slots = new Set([...slotsOf(all.table, window.window), ...slotsOf(all.archive, window.window)])
    const unequal = [...slots].filter(
      (slot) => !pass.suspects.includes(slot) && !sameTally(all.table[slot] ?? noTally, all.archive[slot] ?? noTally)
    )
    suspects.push(...unequal)
    yield* archive.amend(
      window.window,
      Effect.fnUntraced(function* (known) {
        const lists = [...new Set([...known.lists, ...all.lists(window.window)])]
        const isNew = unequal.length === 0 && known.state === "sealed"
        return {
          ...known,
          lists,
          // Counted anew: an erasure may have come between, and been cut off before it counted.
          ...countsOf(yield* archive.objects({ ...known, lists })),
          ...(isNew ? { state: "confirmed" as const, confirmedAt: now } : {})
        }
      })
    )
  }
  const { pass: _, expiring, ...rest } = state
  const left = expiring === undefined ? undefined : (all.left[expiring.window] ?? 0)
  // Counted after DynamoDB was told: what a pass saw that began before says nothing.
  const isGone = expiring !== undefined && left === 0 && pass.began >= expiring.since
  return {
    ...rest,
    next: Math.max(state.next, ...pass.write.map((window) => window + 1)),
    passes: pass.number,
    ended: now,
    suspects,
    missing: all.missing,
    // A table that was recovered to a point in time may hold what had left it.
    gone: Math.min(isGone ? expiring.window + 1 : state.gone, ...Object.keys(all.left).map(Number)),
    ...(expiring === undefined || isGone ? {} : { expiring: { ...expiring, left: left ?? 0 } })
  } satisfies ArchiveState as ArchiveState
})

/** Lets the first window leave whose time has come, and no other. */
const expireDue = Effect.fnUntraced(function* (state: ArchiveState, now: number) {
  const [first] = yield* due(state, now)
  const said = yield* EventWindows.use((table) => table.expire(first))
  const { expiring, ...rest } = state
  if (first === undefined) return rest
  if (said === "changing") return rest
  return expiring?.window === first ? state : { ...rest, expiring: { window: first, since: now } }
})

/** Works on segments of a pass that nobody else works on, until all are done or time is up. Returns them, once they are. */
const work = Effect.fnUntraced(function* (pass: Pass) {
  const { held } = yield* ArchivePlan
  const ends = yield* Deadline
  const found: Array<SegmentState> = []
  for (let segment = 0; segment < pass.segments; segment++) {
    const kept = segmentState(pass.number, segment)
    const { value = newSegment, version: first } = yield* kept.read
    let [state, version] = [notWriting(value), first]
    const save = Effect.fnUntraced(function* (next: SegmentState) {
      const done = next.phase === "done"
      const leased = { ...next, leasedUntil: done ? 0 : (yield* Clock.currentTimeMillis) + LEASE_MS }
      const isOurs = yield* kept.write(leased, version)
      if (isOurs) version++
      return isOurs
    })
    const now = yield* Clock.currentTimeMillis
    const isFree = state.phase !== "done" && state.leasedUntil <= now && now < ends
    // Of a segment that another has taken meanwhile it is not known here that it is done.
    if (isFree && (yield* save(state))) {
      state = yield* archiveSegment(pass, segment, state, (next) => Effect.orDie(save(next)), held)
      // Whoever ends early leaves the segment to the next at once.
      if (state.phase !== "done") yield* kept.write({ ...state, leasedUntil: 0 }, version)
    }
    found.push(state)
  }
  return found.every(({ phase }) => phase === "done") ? found : undefined
})

/** What a tick has done, for the log. Ages are ms since the end of the first window that is not sealed, and not confirmed; 0: none is late. */
export interface ArchiveReport {
  readonly state: "idle" | "reading" | "ended"
  readonly sealed: number
  readonly confirmed: number
  readonly suspects: number
  readonly missing: number
  readonly archiveAge: number
  readonly confirmAge: number
}

/**
 * One tick of the archiver: begins a pass when a window has closed, works on the one under way for as long as there is time, ends it, and lets
 * a confirmed window leave the table when its time has come.
 */
export const archiveTick = Effect.gen(function* () {
  const now = yield* Clock.currentTimeMillis
  const { value, version: first } = yield* archiveState.read
  // Events are stored with their window from the deployment on that also makes this tick.
  let state: ArchiveState = value ?? { next: windowAt(now), passes: 0, suspects: [], missing: 0, gone: 0 }
  let version = first
  const keep = Effect.fnUntraced(function* (next: ArchiveState) {
    if (JSON.stringify(next) === JSON.stringify(state)) return true
    const isOurs = yield* archiveState.write(next, version)
    if (isOurs) [state, version] = [next, version + 1]
    return isOurs
  })
  if (value === undefined) yield* archiveState.write(state, version++)

  let done: ArchiveReport["state"] = "idle"
  const pass = state.pass ?? (yield* passOf(state, now))
  if (pass !== undefined && (yield* keep({ ...state, pass }))) {
    done = "reading"
    const segments = yield* work(pass)
    if (segments !== undefined && (yield* keep(yield* conclude(state, pass, segments)))) done = "ended"
  }
  yield* keep(yield* expireDue(state, now))

  const windows = yield* Archive.use((archive) => archive.windows)
  const unconfirmed = windows.find(({ state: of }) => of === "sealed")?.window ?? state.next
  const since = (window: number) => Math.max(0, now - windowStart(window) - WINDOW_MS)
  return {
    state: done,
    sealed: windows.length,
    confirmed: windows.filter(({ state: of }) => of === "confirmed").length,
    suspects: state.suspects.length,
    missing: state.missing,
    archiveAge: since(state.next),
    confirmAge: since(unconfirmed)
  } satisfies ArchiveReport as ArchiveReport
})
