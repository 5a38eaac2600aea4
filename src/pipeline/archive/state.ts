import { Effect, Result, Schema } from "effect"
import { hourAt } from "../../domain/archive-window.ts"
import { Control } from "../../store/control.ts"
import { StoreError } from "../../store/store-error.ts"
import { addTally, noTally, Tally } from "../../store/tally.ts"

/** Tallies by window and hour of arrival, as `slotOf` names them. */
const Slots = Schema.Record(Schema.String, Tally)
export type Slots = typeof Slots.Type

export const slotOf = (window: number, received: number): string => `${window}/${hourAt(received) / 3_600_000}`

export const windowOfSlot = (slot: string): number => Number(slot.split("/")[0])

export const addSlots = (a: Slots, b: Slots): Slots => {
  const sum: Record<string, Tally> = { ...a }
  for (const [slot, tally] of Object.entries(b)) sum[slot] = addTally(sum[slot] ?? noTally, tally)
  return sum
}

/**
 * A pass over the whole table, in `segments`. `write`: the windows that it archives. `confirm`: those that an earlier pass sealed and this one
 * compares again. `suspects`: slots in which the last pass found other ids in the table than in the archive; this one compares each id.
 */
export const Pass = Schema.Struct({
  number: Schema.Finite,
  began: Schema.Finite,
  segments: Schema.Finite,
  write: Schema.Array(Schema.Finite),
  confirm: Schema.Array(Schema.Finite),
  suspects: Schema.Array(Schema.String)
})
export type Pass = typeof Pass.Type

/**
 * What the archiver knows. `next`: the first window that is not sealed. `pass`: the one under way. `ended`: when the last one ended.
 * `expiring`: the window whose events may leave the table, since when, and `left` of it at the last count. `gone`: windows before
 * this one have left. `missing`: events that the last pass found in the table alone, all of which it archived.
 */
export const ArchiveState = Schema.Struct({
  next: Schema.Finite,
  passes: Schema.Finite,
  pass: Schema.optionalKey(Pass),
  ended: Schema.optionalKey(Schema.Finite),
  suspects: Schema.Array(Schema.String),
  missing: Schema.Finite,
  gone: Schema.Finite,
  expiring: Schema.optionalKey(
    Schema.Struct({ window: Schema.Finite, since: Schema.Finite, left: Schema.optionalKey(Schema.Finite) })
  )
})
export type ArchiveState = typeof ArchiveState.Type

/**
 * How far a segment of a pass is. `phase`: it reads the table, then reads objects back, then it is done. `cursor`: up to where all is written.
 * `part`: how many parts it has written. `lists`: those, by window. `table` and `archive`: what it found there. `left`: events by
 * window. `leasedUntil`: another may take it over then. `writing`: it is writing what it has read since so many erasures (`erasures.ts`).
 */
export const SegmentState = Schema.Struct({
  phase: Schema.Literals(["table", "objects", "done"]),
  cursor: Schema.optionalKey(Schema.String),
  part: Schema.Finite,
  lists: Schema.Record(Schema.String, Schema.Array(Schema.String)),
  bytes: Schema.Record(Schema.String, Schema.Finite),
  table: Slots,
  archive: Slots,
  left: Schema.Record(Schema.String, Schema.Finite),
  missing: Schema.Finite,
  readUnits: Schema.Finite,
  leasedUntil: Schema.Finite,
  writing: Schema.optionalKey(Schema.Finite)
})
export type SegmentState = typeof SegmentState.Type

/** As a segment is for whoever takes it over: a worker that wrote it is gone. */
export const notWriting = ({ writing: _, ...state }: SegmentState): SegmentState => state

export const newSegment: SegmentState = {
  phase: "table",
  part: 0,
  lists: {},
  bytes: {},
  table: {},
  archive: {},
  left: {},
  missing: 0,
  readUnits: 0,
  leasedUntil: 0
}

export const STATE_KEY = "archive"
export const segmentKey = (pass: number, segment: number): string => `archive/${pass}/${segment}`

/** Reads and writes a record of the control table. `write` is false where somebody else has written meanwhile. */
export const record = <A>(schema: Schema.Codec<A, unknown>, key: string) => {
  const decode = Schema.decodeUnknownResult(schema)
  return {
    read: Effect.gen(function* () {
      const { value, version } = yield* Control.use(({ read }) => read(key))
      if (value === undefined) return { value: undefined, version }
      const decoded = decode(value)
      if (Result.isSuccess(decoded)) return { value: decoded.success, version }
      const reason = `${key} holds no state of the archive of this version`
      return yield* new StoreError({ store: "control table", operation: "read", reason, retryable: false })
    }),
    write: Effect.fnUntraced(function* (value: A, version: number) {
      const written = yield* Control.use(({ write }) => write(key, JSON.parse(JSON.stringify(value)), version))
      return written === "written"
    })
  }
}

export const archiveState = record(ArchiveState as unknown as Schema.Codec<ArchiveState, unknown>, STATE_KEY)
export const segmentState = (pass: number, segment: number) =>
  record(SegmentState as unknown as Schema.Codec<SegmentState, unknown>, segmentKey(pass, segment))
