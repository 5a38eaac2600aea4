import { createHash } from "node:crypto"
import { Clock, Effect } from "effect"
import { iso } from "../../domain/stamp.ts"
import {
  type FailedBatch,
  FailedBatches,
  type FailedRecord,
  type OpenedBatch,
  parseFailedKey
} from "../../store/failed-batches.ts"
import { type HandedOver, StreamSink } from "../../store/hand-over.ts"
import { batches, bytes, fields, makeProgress } from "../screen.ts"
import { redact, refusalOf } from "./opened.ts"
import { GONE, NOT_TRIED, type Place, type Redriving, type Tally } from "./place.ts"
import { paced } from "./redrive.ts"

const refusalOfRecord = ({ data, arrival }: FailedRecord) => refusalOf(data, arrival)

const recordDocument = (record: FailedRecord) => ({
  arrival: iso(record.arrival),
  size: record.data.length,
  sha256: createHash("sha256").update(record.data).digest("hex"),
  decoder: refusalOfRecord(record) ?? "accepts it",
  event: redact(record.data)
})

const document = (key: string, { condition, attempts, records }: OpenedBatch) => ({
  key,
  condition,
  attempts,
  // Null tells an object that Lambda did not write from a batch without records.
  records: records?.map(recordDocument) ?? null
})

const text = (key: string, batch: OpenedBatch): string => {
  const { records, ...notes } = document(key, batch)
  const shown = records?.flatMap(({ event, ...about }) => ["", ...fields(about), JSON.stringify(event, undefined, 2)])
  return [...fields(notes), ...(shown ?? ["records   unreadable: not a document that Lambda writes"]), ""].join("\n")
}

/** Puts records on the stream at `rate` a second, until one is not accepted, which it returns. */
const putAll = Effect.fnUntraced(function* (records: ReadonlyArray<FailedRecord>, rate: number) {
  const { put } = yield* StreamSink
  let hitch: Exclude<HandedOver, { _tag: "accepted" }> | undefined
  const began = yield* Clock.currentTimeMillis
  yield* paced(
    records,
    rate,
    Effect.fnUntraced(function* (some: ReadonlyArray<FailedRecord>) {
      const results = yield* put(some.map(({ partitionKey: key, data }) => ({ key, data })))
      hitch = results.find((result) => result._tag !== "accepted")
      return hitch === undefined
    }),
    () => Effect.void
  )
  // The next batch begins when the pace allows its first record.
  const due = began + (records.length * 1_000) / rate
  const now = yield* Clock.currentTimeMillis
  if (hitch === undefined && now < due) yield* Effect.sleep(due - now)
  return hitch
})

/** One batch: it is sent back whole, or it stays. Returns whether others are worth trying. */
const sendBack = Effect.fnUntraced(function* (key: string, { apply, rate }: Redriving, tally: Tally) {
  const { open, retire } = yield* FailedBatches
  const batch = yield* open(key)
  const records = batch?.records
  if (batch === undefined || records === undefined) {
    tally.left.push({ key, why: batch === undefined ? GONE : "it is not a document that Lambda writes about a batch" })
    return true
  }
  const hitch = apply ? yield* putAll(records, rate) : undefined
  if (hitch !== undefined) {
    tally.left.push({ key, why: `not accepted: ${hitch.reason}` })
    return hitch._tag === "refused"
  }
  tally.events += records.length
  tally.refused += records.filter((record) => refusalOfRecord(record) !== undefined).length
  tally.redriven.push(key)
  if (apply) yield* retire(key, batch, yield* Clock.currentTimeMillis)
  return true
})

const redrive = Effect.fnUntraced(function* (keys: ReadonlyArray<string>, how: Redriving, tally: Tally) {
  const progress = yield* makeProgress(keys.length)
  for (const [i, key] of keys.entries()) {
    const goOn = yield* sendBack(key, how, tally)
    if (how.apply) yield* progress(i + 1)
    if (goOn) continue
    tally.left.push(...keys.slice(i + 1).map((key) => ({ key, why: NOT_TRIED })))
    return
  }
})

/** The batches of the stream that Lambda gave up. */
export const failedPlace: Place<FailedBatch, OpenedBatch> = {
  name: "failed",
  items: "batches",
  count: batches,
  isKey: (key) => parseFailedKey(key) !== undefined,
  list: Effect.fnUntraced(function* (filter) {
    const { batches, more } = yield* (yield* FailedBatches).list(filter)
    return { found: batches, more }
  }),
  columns: [
    { title: "GIVEN UP", cell: ({ at }) => iso(at) },
    { title: "SHARD", cell: ({ shard }) => shard },
    { title: "SIZE", cell: ({ size }, aligned) => (aligned ? bytes(size) : String(size)) }
  ],
  listedDocument: (batch) => ({ ...batch, at: iso(batch.at) }),
  open: (key) => FailedBatches.use(({ open }) => open(key)),
  document,
  text,
  eventsIn: ({ records = [] }) => records.length,
  redrive
}
