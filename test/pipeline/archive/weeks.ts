import { effectClock, virtualClock } from "aws-in-process/clock"
import { Effect, Layer } from "effect"
import { WINDOW_MS, windowStart } from "../../../src/domain/archive-window.ts"
import type { Json } from "../../../src/domain/json.ts"
import { ArchivePlan, archiveTick } from "../../../src/pipeline/archive/archive.ts"
import {
  Archive,
  type ArchivedEvent,
  type ArchiveObject,
  type ArchiveWindow,
  archiveWindowKey
} from "../../../src/store/archive.ts"
import { Control, type Controlled } from "../../../src/store/control.ts"
import { Deadline } from "../../../src/store/deadline.ts"
import { EventWindows } from "../../../src/store/event-windows.ts"
import { memoryArchive } from "../../../src/store/memory/archive.ts"
import { memoryControl } from "../../../src/store/memory/control.ts"

export const HOUR = 3_600_000
export const DAY = 86_400_000

/** An event of the table. `hour`: in which it arrived, counted from 1970. */
export interface Stored {
  readonly id: string
  readonly window: number
  readonly hour: number
}

export const event = (id: string, window: number, hour = window * 168): Stored => ({ id, window, hour })

export const archived = ({ id, hour }: Stored): ArchivedEvent => ({
  ...{ id, topic: "t", published: hour * HOUR, received: hour * HOUR + 5 },
  envelope: { id }
})

/** Pages of two events take three read units. */
const PAGE = 2

/**
 * A table by windows, an archive and a control table in memory, at the beginning of a window. Events stay for three weeks. `calls` are
 * those that read and write objects, in order.
 */
export const makeWeeks = (first: number, { segments = 1, held = 5 } = {}) => {
  const clock = virtualClock(windowStart(first))
  const stored: Array<Stored> = []
  const expired: Array<number | undefined> = []
  const calls: Array<string> = []
  const written: Array<readonly [key: string, value: Json, version: number]> = []
  const [archive, control] = [memoryArchive(), memoryControl()]
  const rule = {
    ends: Number.POSITIVE_INFINITY,
    says: "set" as "set" | "changing",
    conflicts: (_key: string, _value: Json): boolean => false
  }
  const windows = Layer.succeed(EventWindows, {
    page: ({ segment, segments: all, cursor = "0", restore }) =>
      Effect.sync(() => {
        const own = stored.filter((_, i) => i % all === segment)
        const to = Number(cursor) + PAGE
        calls.push(`page ${segment}/${all} ${cursor}`)
        return {
          readUnits: 3,
          events: own.slice(Number(cursor), to).map((one) => {
            const { id, received } = archived(one)
            return { id, received, window: one.window, ...(restore(one.window, received) && { event: archived(one) }) }
          }),
          ...(to < own.length ? { cursor: String(to) } : {})
        }
      }),
    expiring: Effect.sync(() => expired.at(-1)),
    expire: (window) =>
      Effect.sync(() => {
        expired.push(window)
        return rule.says
      })
  })
  const noted = Layer.effect(
    Archive,
    Effect.map(Archive, (inner) => ({
      ...inner,
      objects: (window: ArchiveWindow) =>
        Effect.suspend(() => {
          calls.push(`objects ${window.window}`)
          return inner.objects(window)
        }),
      read: (object: ArchiveObject, unchecked?: "unchecked") =>
        Effect.suspend(() => {
          calls.push(`read ${object.key}`)
          return inner.read(object, unchecked)
        })
    }))
  ).pipe(Layer.provide(archive.layer))
  const controlled = Layer.effect(
    Control,
    Effect.map(Control, ({ read, write }) => ({
      read,
      write: (key: string, value: Json, version: number) =>
        Effect.suspend(() => {
          if (rule.conflicts(key, value)) return Effect.succeed("conflict" as const)
          written.push([key, value, version])
          return write(key, value, version)
        })
    }))
  ).pipe(Layer.provide(control.layer))
  const plan = Layer.succeed(ArchivePlan, { retentionMs: 3 * WINDOW_MS, segments, held })
  const layer = Layer.mergeAll(windows, noted, controlled, plan, effectClock(clock))
  const run = <A, E>(effect: Effect.Effect<A, E, Layer.Success<typeof layer>>) =>
    Effect.runPromise(effect.pipe(Effect.provideService(Deadline, rule.ends), Effect.provide(layer, { local: true })))
  return {
    ...{ clock, stored, expired, calls, written, rule, run },
    kept: () => archive.kept() as Map<string, Uint8Array>,
    /** The state of the archiver, as it is kept. */
    state: () => control.held().get("archive")?.value,
    segment: (pass: number, of = 0) => control.held().get(`archive/${pass}/${of}`)?.value,
    /** Writes a record of the control table over what it holds. */
    put: (key: string, value: object) =>
      run(Control.use(({ read, write }) => Effect.flatMap(read(key), (at) => write(key, value as Json, at.version)))),
    /** The same by somebody else, between a read and a write of the one who works. */
    overwrite: (key: string, value: object) => {
      const held = control.held() as Map<string, Controlled>
      held.set(key, { value: value as Json, version: (held.get(key)?.version ?? 0) + 1 })
    },
    tickAt: (ms: number) => {
      clock.advanceTo(ms)
      return run(archiveTick)
    },
    windows: () => run(Archive.use((one) => one.windows)),
    /** Writes objects of one hour each, and their list. */
    listed: (part: string, ...events: ReadonlyArray<Stored>) =>
      run(
        Effect.gen(function* () {
          const { write, list } = yield* Archive
          const objects = yield* Effect.forEach(Map.groupBy(events, ({ hour }) => hour).values(), (own) => {
            const [{ window, hour } = event("none", 0)] = own
            return write({ window, hour: hour * HOUR, part }, own.map(archived))
          })
          return yield* list(events[0]?.window ?? 0, part, objects)
        })
      ),
    /** Says of a window that it is sealed, whatever was known of it. */
    seal: (window: number, lists: ReadonlyArray<string>, more: { readonly items?: number } = {}) => {
      const known = { window, state: "sealed", sealedAt: 1, items: 2, bytes: 10, lists, ...more }
      ;(archive.kept() as Map<string, Uint8Array>).set(archiveWindowKey(window), Buffer.from(JSON.stringify(known)))
    }
  }
}

export type Weeks = ReturnType<typeof makeWeeks>
