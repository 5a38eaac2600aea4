import { createHash } from "node:crypto"
import { Clock, Effect } from "effect"
import type { Projection } from "../../domain/projection.ts"
import { iso } from "../../domain/stamp.ts"
import type { Event } from "../../genesys/event.ts"
import { Projections } from "../../pipeline/folding.ts"
import { type HandedOver, SettleReturn, StreamSink } from "../../store/hand-over.ts"
import { type OpenedEvent, parseRejectedKey, type RejectedEvent, RejectedEvents } from "../../store/rejected-events.ts"
import { bytes, events, fields, makeProgress } from "../screen.ts"
import { decide, decisionText, type Route, redact, topicOf } from "./opened.ts"
import { GONE, NOT_TRIED, type Place, type Redriving, type Tally } from "./place.ts"
import { paced } from "./redrive.ts"

type Listing = ReadonlyArray<Projection<Event>>

/** Events opened or retired at a time. */
const IN_FLIGHT = 8

/** An event of a list, with its topic where that was asked for. */
export type ListedEvent = RejectedEvent & { readonly topic?: string }

/** Opens an event to add its topic. */
const withTopic = Effect.fnUntraced(function* (event: RejectedEvent) {
  const opened = yield* (yield* RejectedEvents).open(event.key)
  const topic = opened && topicOf(opened.raw)
  return { ...event, ...(topic !== undefined && { topic }) } satisfies ListedEvent as ListedEvent
})

const documentOf = (listed: Listing) => (key: string, event: OpenedEvent) => ({
  key,
  reason: event.reason,
  detail: event.detail,
  received: iso(event.received),
  ...(event.attempts !== undefined && { attempts: event.attempts }),
  size: event.raw.length,
  sha256: createHash("sha256").update(event.raw).digest("hex"),
  decoder: decisionText(decide(key, event, listed)),
  event: redact(event.raw)
})

const textOf =
  (listed: Listing) =>
  (key: string, opened: OpenedEvent): string => {
    const { event, ...notes } = documentOf(listed)(key, opened)
    return [...fields(notes), "", JSON.stringify(event, undefined, 2), ""].join("\n")
  }

/** An event that is sent back, and where to. */
interface Ready {
  readonly key: string
  readonly event: OpenedEvent
  readonly route: Route
}

/** Opens a batch and separates what can be sent back from what stays. */
const prepare = Effect.fnUntraced(function* (keys: ReadonlyArray<string>, force: boolean, tally: Tally) {
  const { open } = yield* RejectedEvents
  const opened = yield* Effect.forEach(keys, open, { concurrency: IN_FLIGHT })
  const ready: Array<Ready> = []
  const listed = yield* Projections
  for (const [i, key] of keys.entries()) {
    const event = opened[i]
    const decision = event && decide(key, event, listed)
    if (event === undefined || decision === undefined) tally.left.push({ key, why: GONE })
    else if (decision._tag === "accepted" || (decision._tag === "refused" && force))
      ready.push({ key, event, route: decision.route })
    else tally.left.push({ key, why: decision.why })
  }
  return ready
})

/** Sends each event back by its route. Returns the results in the order of the input. */
const send = Effect.fnUntraced(function* (ready: ReadonlyArray<Ready>) {
  const [stream, settleQueue] = [yield* StreamSink, yield* SettleReturn]
  const results = new Map<Ready, HandedOver>()
  const records = ready.flatMap((one) =>
    one.route.to === "stream" ? [{ one, record: { key: one.route.partitionKey, data: one.event.raw } }] : []
  )
  const messages = ready.filter(({ route }) => route.to === "settleQueue")
  const put = records.length === 0 ? [] : yield* stream.put(records.map(({ record }) => record))
  for (const [i, { one }] of records.entries()) if (put[i] !== undefined) results.set(one, put[i])
  const bodies = messages.map(({ event }) => ({
    body: Buffer.from(event.raw).toString(),
    attempts: (event.attempts ?? 0) + 1
  }))
  const sent = bodies.length === 0 ? [] : yield* settleQueue.send(bodies)
  for (const [i, one] of messages.entries()) if (sent[i] !== undefined) results.set(one, sent[i])
  return results
})

/** Sends a batch back; what was accepted leaves its place, the rest stays. Returns whether others are worth trying. */
const sendBack = Effect.fnUntraced(function* (ready: ReadonlyArray<Ready>, tally: Tally) {
  const { retire } = yield* RejectedEvents
  const results = yield* send(ready)
  const at = yield* Clock.currentTimeMillis
  yield* Effect.forEach(
    ready,
    (one) => {
      const result = results.get(one)
      if (result?._tag === "accepted") {
        tally.redriven.push(one.key)
        tally.events++
        return retire(one.key, one.event, at)
      }
      tally.left.push({ key: one.key, why: `not accepted: ${result?.reason}` })
      return Effect.void
    },
    { concurrency: IN_FLIGHT, discard: true }
  )
  return ready.length === 0 || [...results.values()].some(({ _tag }) => _tag !== "unavailable")
})

const redrive = Effect.fnUntraced(function* (
  keys: ReadonlyArray<string>,
  { apply, force, rate }: Redriving,
  tally: Tally
) {
  if (!apply) {
    const ready = yield* prepare(keys, force, tally)
    tally.redriven.push(...ready.map(({ key }) => key))
    tally.events = ready.length
    return
  }
  const progress = yield* makeProgress(keys.length)
  const step = (batch: ReadonlyArray<string>) =>
    Effect.flatMap(prepare(batch, force, tally), (ready) => sendBack(ready, tally))
  const untried = yield* paced(keys, rate, step, progress)
  tally.left.push(...untried.map((key) => ({ key, why: NOT_TRIED })))
})

/** The events in quarantine, or parked. `listed`: by which it is decided what this version would do with them. `topics`: the list opens each event for its topic. */
export const eventsIn = (
  name: "quarantine" | "parked",
  listed: Listing,
  topics = false
): Place<ListedEvent, OpenedEvent> => ({
  name,
  items: "events",
  count: events,
  isKey: (key) => parseRejectedKey(key)?.place === name,
  list: Effect.fnUntraced(function* (filter) {
    const { events, more } = yield* (yield* RejectedEvents).list(name, filter)
    const found = topics ? yield* Effect.forEach(events, withTopic, { concurrency: IN_FLIGHT }) : events
    return { found, more }
  }),
  columns: [
    { title: "RECEIVED", cell: ({ received }) => iso(received) },
    { title: "REASON", cell: ({ reason }) => reason },
    ...(name === "parked" ? [{ title: "FROM", cell: ({ from = "" }: ListedEvent) => from }] : []),
    { title: "SIZE", cell: ({ size }, aligned) => (aligned ? bytes(size) : String(size)) },
    ...(topics ? [{ title: "TOPIC", cell: ({ topic = "-" }: ListedEvent) => topic }] : [])
  ],
  listedDocument: (event) => ({ ...event, received: iso(event.received) }),
  open: (key) => RejectedEvents.use(({ open }) => open(key)),
  document: documentOf(listed),
  text: textOf(listed),
  eventsIn: () => 1,
  redrive
})
