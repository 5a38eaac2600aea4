import { Clock, Data, Effect, Semaphore } from "effect"
import { hourAt } from "../../domain/archive-window.ts"
import type { EventId } from "../../domain/ids.ts"
import { Archive, type ArchivedEvent, type ArchiveObject } from "../../store/archive.ts"
import { Control } from "../../store/control.ts"
import { Deadline } from "../../store/deadline.ts"
import { EventWindows, type WindowedEvent } from "../../store/event-windows.ts"
import { tallyOf } from "../../store/tally.ts"
import { erasures } from "./erasures.ts"
import { addSlots, type Pass, type SegmentState, type Slots, slotOf, windowOfSlot } from "./state.ts"

/** Events that a segment holds before it writes. Their objects are of one hour each, so more of them make fewer objects. */
export const HELD = 200_000

/** Ms that writing what is held may take, before the deadline. */
const WRITING_MS = 60_000

const tallySlots = (events: ReadonlyArray<Pick<WindowedEvent, "id" | "window" | "received">>): Slots => {
  const ids = new Map<string, Array<EventId>>()
  for (const { id, window, received } of events) {
    const slot = slotOf(window, received)
    const held = ids.get(slot)
    if (held === undefined) ids.set(slot, [id])
    else held.push(id)
  }
  return Object.fromEntries([...ids].map(([slot, own]) => [slot, tallyOf(own)]))
}

/** The ids that the archive has in some slots. An object that cannot be read has none: its events are archived again, and it is emptied. */
const idsIn = Effect.fnUntraced(function* (slots: ReadonlyArray<string>) {
  const archive = yield* Archive
  const known = new Set<EventId>()
  const wanted = new Set(slots)
  if (wanted.size === 0) return known
  const windows = new Set(slots.map(windowOfSlot))
  for (const window of (yield* archive.windows).filter((one) => windows.has(one.window)))
    for (const object of yield* archive.objects(window)) {
      if (!wanted.has(slotOf(object.window, object.hour))) continue
      const events = yield* Effect.catch(archive.read(object), () =>
        Effect.as(
          archive.replace(object, () => Effect.succeed([])),
          []
        )
      )
      for (const { id } of events) known.add(id)
    }
  return known
})

/** The segment is another worker's. */
class Taken extends Data.TaggedError("Taken") {}

/** Writes what is held as objects of one window and hour each, and the list of each window. Fails where the segment is another worker's by now. */
const writeHeld = Effect.fnUntraced(function* (
  segment: number,
  pass: Pass,
  state: SegmentState,
  held: ReadonlyArray<readonly [number, ArchivedEvent]>,
  stillOurs: Effect.Effect<void, Taken>
) {
  if (held.length === 0) return state
  const archive = yield* Archive
  const places = new Map<
    string,
    { readonly window: number; readonly hour: number; readonly events: Array<ArchivedEvent> }
  >()
  for (const [window, event] of held) {
    const slot = slotOf(window, event.received)
    const place = places.get(slot)
    if (place === undefined) places.set(slot, { window, hour: hourAt(event.received), events: [event] })
    else place.events.push(event)
  }
  const part = `${pass.number}-${segment}-${state.part}`
  const objects = yield* Effect.forEach(
    places.values(),
    ({ window, hour, events }) => archive.write({ window, hour, part }, events, stillOurs),
    { concurrency: 8 }
  )
  const byWindow = Map.groupBy(objects, ({ window }) => window)
  const [lists, bytes] = [{ ...state.lists }, { ...state.bytes }]
  for (const [window, own] of byWindow) {
    const key = yield* archive.list(window, part, own, stillOurs)
    lists[window] = [...(lists[window] ?? []), key]
    bytes[window] = (bytes[window] ?? 0) + own.reduce((sum, object) => sum + object.bytes, 0)
  }
  return { ...state, lists, bytes, part: state.part + 1 }
})

/**
 * Goes on with one segment of a pass until it is done or its time is up, and saves how far it is after each write. A crash repeats what was
 * not saved, under the same names. `save` is false where another worker has the segment. What was read before an erasure is read anew.
 */
export const archiveSegment = Effect.fnUntraced(function* (
  pass: Pass,
  segment: number,
  begun: SegmentState,
  save: (state: SegmentState) => Effect.Effect<boolean, never, Control>,
  held: number = HELD
) {
  const [archive, table, ends] = [yield* Archive, yield* EventWindows, yield* Deadline]
  const [control, one] = [yield* Control, yield* Semaphore.make(1)]
  const [write, confirm, suspects] = [new Set(pass.write), new Set(pass.confirm), new Set(pass.suspects)]
  const isOver = Effect.map(Clock.currentTimeMillis, (now) => now + WRITING_MS > ends)
  let state = begun
  const known = state.phase === "table" ? yield* idsIn(pass.suspects) : new Set<EventId>()

  let gathered: Array<readonly [number, ArchivedEvent]> = []
  let seen: SegmentState = state
  let erased = yield* erasures
  while (seen.phase === "table") {
    const page = yield* table.page({
      segment,
      segments: pass.segments,
      restore: (window, received) => write.has(window) || suspects.has(slotOf(window, received)),
      ...(seen.cursor === undefined ? {} : { cursor: seen.cursor })
    })
    let missing = 0
    for (const { id, window, event } of page.events) {
      if (event === undefined) continue
      if (!write.has(window)) {
        if (known.has(id)) continue
        missing++
      }
      gathered.push([window, event])
    }
    const counted = page.events.filter(({ window }) => write.has(window) || confirm.has(window))
    const left = { ...seen.left }
    for (const { window } of page.events) left[window] = (left[window] ?? 0) + 1
    const { cursor: _, ...rest } = seen
    seen = {
      ...rest,
      table: addSlots(seen.table, tallySlots(counted)),
      left,
      missing: seen.missing + missing,
      readUnits: seen.readUnits + page.readUnits,
      ...(page.cursor === undefined ? { phase: "objects" as const } : { cursor: page.cursor })
    }
    const over = yield* isOver
    if (gathered.length < held && seen.phase === "table" && !over) continue
    const renewed = save({ ...state, writing: erased })
    if (gathered.length > 0 && !(yield* renewed)) return state
    const now = yield* erasures
    // Objects are written side by side, and each save is after the one before.
    const stillOurs = renewed.pipe(
      Effect.flatMap((isOurs) => (isOurs ? Effect.void : Effect.fail(new Taken()))),
      Effect.provideService(Control, control),
      one.withPermit
    )
    // What is held may name somebody who was erased since it was read.
    const isKept = gathered.length === 0 || now === erased
    const written = yield* (isKept ? writeHeld(segment, pass, seen, gathered, stillOurs) : Effect.succeed(state)).pipe(
      Effect.catchTag("Taken", () => Effect.undefined)
    )
    if (written === undefined) return state
    seen = written
    gathered = []
    erased = now
    state = seen
    if (!(yield* save(state)) || over) return state
  }

  while (state.phase === "objects") {
    if (yield* isOver) return state
    const lists = (yield* archive.windows)
      .filter(({ window }) => confirm.has(window))
      .flatMap((window) => window.lists.map((list) => ({ window, list })))
      .filter((_, i) => i % pass.segments === segment)
      .toSorted((a, b) => (a.list < b.list ? -1 : 1))
    const next = lists.find(({ list }) => list > (state.cursor ?? ""))
    const { cursor: _, ...rest } = state
    if (next === undefined) state = { ...rest, phase: "done" }
    else {
      const objects = yield* archive.objects({ ...next.window, lists: [next.list] })
      const found = yield* Effect.forEach(
        objects,
        (object: ArchiveObject) =>
          archive.read(object).pipe(
            Effect.map((events) =>
              tallySlots(events.map(({ id, received }) => ({ id, received, window: object.window })))
            ),
            // What cannot be read holds nothing: its hour will not be as the table has it.
            Effect.catchIf(
              ({ retryable }) => !retryable,
              (error) => Effect.as(Effect.logWarning(error.message), {} as Slots)
            )
          ),
        { concurrency: 4 }
      )
      state = { ...rest, archive: found.reduce(addSlots, state.archive), cursor: next.list }
    }
    if (!(yield* save(state))) return state
  }
  return state
})
