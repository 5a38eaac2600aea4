import { Clock, Context, Effect, Option, Result } from "effect"
import { reduceDeltas } from "../domain/delta.ts"
import { foldEvent, type RefusedUpdate, refusalOf } from "../domain/fold-event.ts"
import { heartbeatTime } from "../domain/heartbeat.ts"
import { type Histogram, histogram } from "../domain/histogram.ts"
import { isLate, planSettlements, settlementOf, type Window } from "../domain/settle.ts"
import { decodeEvent } from "../genesys/decoder.ts"
import type { Event } from "../genesys/event.ts"
import { isSnapshotTopic } from "../genesys/snapshot.ts"
import { EntityIndex } from "../store/entity-index.ts"
import { type Appended, EventStore } from "../store/event-store.ts"
import { Parked, type ParkedLetter } from "../store/parked.ts"
import { Quarantine, type Quarantined } from "../store/quarantine.ts"
import { deltaBytes, MAX_MESSAGE_BYTES, SettleQueue } from "../store/settle-queue.ts"
import { type DriftReport, tally, tallyDrift, tallyTopics } from "./drift.ts"
import { entriesOf } from "./entity-entries.ts"
import { SettleWindow } from "./folding.ts"
import { LiveProjections } from "./live-projections.ts"
import { parkLetters } from "./refused.ts"

/** One record as it arrived: its bytes and the time of arrival in epoch ms. */
export interface Arrival {
  readonly raw: Uint8Array
  readonly received: number
}

/**
 * The account of one batch: received = appended + duplicates + conflicts + quarantined + failed. `failed` lists the positions
 * that must be delivered again; they are counted nowhere else. `unrouted` and `late` are among the appended, `future` too: a
 * clock beyond the skew bound was replaced by the arrival. An event that people have erased and that comes again is a duplicate of which
 * nothing is stored, sent or kept. `parked`: events, appended or repeated, of which an update cannot be written and
 * which were put aside for that, while their other updates went on. `heartbeats` of the stack's own came beside them, and are counted nowhere else.
 */
export interface AppendReport {
  readonly received: number
  readonly appended: number
  readonly duplicates: number
  readonly conflicts: number
  readonly quarantined: number
  readonly unrouted: number
  readonly late: number
  readonly future: number
  readonly parked: number
  readonly deltas: number
  readonly messages: number
  readonly heartbeats: number
  /** How many were quarantined by reason, and how many were unrouted by topic. */
  readonly reasons: Readonly<Record<string, number>>
  readonly unroutedTopics: Readonly<Record<string, number>>
  /** From publication to stored, of the appended. */
  readonly eventLag: Histogram
  /** What the appended hold that the contract does not know. */
  readonly drift: DriftReport
  readonly failed: ReadonlyArray<number>
}

const isFuture = (event: Event, window: Window): boolean => {
  const latest = event.received + window.skew
  return event.published > latest || event.facets.some(({ clock }) => clock !== undefined && clock > latest)
}

/** A record that holds an event. `at`: its position in the batch. */
interface Decoded {
  readonly at: number
  readonly arrival: Arrival
  readonly event: Event
}

/** What became of a record, until its deltas are sent. `refusal`: what quarantine is told. `event`: of one that is stored. */
type Handled =
  | {
      readonly at: number
      readonly outcome: "appended" | "duplicate"
      readonly raw: Uint8Array
      readonly event: Event
      readonly received: number
    }
  | { readonly at: number; readonly outcome: "unreadable" | "conflict"; readonly refusal: Quarantined }
  | { readonly at: number; readonly outcome: "erased" }
  | { readonly at: number; readonly outcome: "failed" }

type Stored = Extract<Handled, { readonly event: Event }>
type Refused = Extract<Handled, { readonly refusal: Quarantined }>

const isStored = (handled: Handled): handled is Stored => "event" in handled
const isRefused = (handled: Handled): handled is Refused => "refusal" in handled

const judge = ({ at, arrival, event }: Decoded, outcome: Appended): Handled => {
  switch (outcome._tag) {
    case "inserted":
      return { at, outcome: "appended", raw: arrival.raw, event, received: event.received }
    case "duplicate":
      return { at, outcome: "duplicate", raw: arrival.raw, event, received: outcome.received }
    case "conflict": {
      const detail = "the id is stored already with other content, which stays"
      return { at, outcome: "conflict", refusal: { ...arrival, reason: "Conflict", detail } }
    }
    case "erased":
      return { at, outcome: "erased" }
    case "failed":
      return { at, outcome: "failed" }
  }
}

/**
 * Ms for which events are in the table at least. One that was published before may have left it: it cannot be told any more whether its id is
 * stored with other content.
 */
export const EventRetention = Context.Reference<number>("projections/EventRetention", {
  defaultValue: () => Number.POSITIVE_INFINITY
})

/** Ms by which a clock that publishes may run ahead of one that stores. */
const AHEAD_MS = 86_400_000

/** Whether an event with this id may have been stored and have left the table. Snapshots are told by the stack itself, once. */
const mayBeGone = ({ published, topic }: Event, now: number, retention: number): boolean =>
  published < now - retention + AHEAD_MS && !isSnapshotTopic(topic)

/** Appends the events of records. Of a call that failed as a whole, each has. */
const storeAll = Effect.fnUntraced(function* (decoded: ReadonlyArray<Decoded>) {
  if (decoded.length === 0) return []
  const { append } = yield* EventStore
  const outcomes = yield* append(decoded.map(({ event }) => event)).pipe(
    Effect.catch((cause) => Effect.succeed(decoded.map((): Appended => ({ _tag: "failed", cause }))))
  )
  return decoded.map((record, i) => judge(record, outcomes[i] as Appended))
})

/** An event of which an update cannot be written, as it came: what brings it back is the event, once the projection makes another update of it. */
const letterOf = (
  { raw, received }: Stored,
  refused: readonly [RefusedUpdate, ...ReadonlyArray<RefusedUpdate>]
): ParkedLetter => ({ from: "append", body: Buffer.from(raw).toString(), ...refusalOf(refused), received, attempts: 1 })

/**
 * Takes a batch of records: decodes, appends, quarantines what cannot be appended, hands the deltas to the settle queue, and tells the
 * index by entity, where there is one. What no table could hold of an event is parked with it, and the rest of it goes on.
 *
 * Duplicates are projected again, because a crash may have come between their insert and their message; merging makes that
 * harmless. Never fails: what could not be done is in `failed`.
 */
export const appendBatch = Effect.fnUntraced(function* (arrivals: ReadonlyArray<Arrival>) {
  const [queue, quarantine, parking, window, index] = [
    yield* SettleQueue,
    yield* Quarantine,
    yield* Parked,
    yield* SettleWindow,
    Option.getOrUndefined(yield* Effect.serviceOption(EntityIndex))
  ]

  const [began, retention] = [yield* Clock.currentTimeMillis, yield* EventRetention]
  const decoded: Array<Decoded> = []
  const unreadable: Array<Handled> = []
  const heartbeats: Array<number> = []
  arrivals.forEach((arrival, at) => {
    const result = decodeEvent(arrival.raw, arrival.received)
    if (Result.isSuccess(result) && mayBeGone(result.success, began, retention)) {
      const detail = "it was published before the time for which events stay in the table; compare it with the archive"
      unreadable.push({ at, outcome: "unreadable", refusal: { ...arrival, reason: "TooOld", detail } })
      return
    }
    if (Result.isSuccess(result)) {
      decoded.push({ at, arrival, event: result.success })
      return
    }
    const heartbeat = heartbeatTime(arrival.raw)
    if (heartbeat !== undefined) {
      // A clock that runs ahead would settle what has not come yet.
      heartbeats.push(Math.min(heartbeat, arrival.received))
      return
    }
    const { _tag: reason, message: detail } = result.failure
    unreadable.push({ at, outcome: "unreadable", refusal: { ...arrival, reason, detail } })
  })

  // Asked for events only: heartbeats alone, at night, need not know.
  const projections = decoded.length === 0 ? [] : yield* yield* LiveProjections
  const handled = [...unreadable, ...(yield* storeAll(decoded))]
  const stored = handled.filter(isStored)
  const refusals = handled.filter(isRefused).map(({ refusal }) => refusal)
  const letters = new Map<number, ParkedLetter>()
  const refused: Array<RefusedUpdate> = []
  const deltas = stored.flatMap((one) => {
    const { event, received } = one
    const folded = foldEvent(projections, received === event.received ? event : { ...event, received }, window)
    const [first, ...others] = folded.refused
    if (first !== undefined) {
      letters.set(one.at, letterOf(one, [first, ...others]))
      refused.push(first, ...others)
    }
    return folded.deltas
  })

  const now = yield* Clock.currentTimeMillis
  const planned = planSettlements(reduceDeltas(deltas), now, window, deltaBytes, MAX_MESSAGE_BYTES)
  // It says that what came before it is sent, so it must not overtake what failed.
  const complete = handled.every(({ outcome }) => outcome !== "failed")
  const carried = heartbeats.length > 0 && complete ? [settlementOf(Math.max(...heartbeats), window)] : []
  const settlements = [...planned, ...carried]
  const indexed = index === undefined ? [] : entriesOf(projections, [...deltas, ...indexable(refused)], stored)
  const [kept, parked, sent, found] = yield* Effect.all(
    [
      refusals.length === 0 ? Effect.succeed(true) : succeeds(quarantine.put(refusals)),
      letters.size === 0
        ? Effect.succeed(true)
        : succeeds(Effect.provideService(parkLetters([...letters.values()]), Parked, parking)),
      settlements.length === 0 ? Effect.succeed(true) : succeeds(queue.send(settlements)),
      index === undefined || indexed.length === 0 ? Effect.succeed(true) : succeeds(index.add(indexed))
    ],
    { concurrency: 4 }
  )

  // Which event a settlement or an entry is of is not worth tracking: all are delivered again, come back as duplicates and are sent.
  const isDone = (one: Handled) =>
    isStored(one)
      ? sent && found && (parked || !letters.has(one.at))
      : one.outcome === "erased" || (isRefused(one) && kept)
  const done = handled.filter(isDone)
  const count = (wanted: Handled["outcome"]) => done.filter(({ outcome }) => outcome === wanted).length
  const fresh = done.filter(isStored).flatMap(({ outcome, event }) => (outcome === "appended" ? [event] : []))
  const unrouted = fresh.filter(({ routed }) => !routed)
  // A snapshot is published as of the time at which what it says began, and says nothing of how long events are under way.
  const underWay = fresh.filter(({ topic }) => !isSnapshotTopic(topic))
  return {
    received: arrivals.length - heartbeats.length,
    appended: fresh.length,
    duplicates: count("duplicate") + count("erased"),
    conflicts: count("conflict"),
    quarantined: count("unreadable"),
    unrouted: unrouted.length,
    late: underWay.filter(({ published, received }) => isLate(published, received, window)).length,
    future: fresh.filter((event) => isFuture(event, window)).length,
    parked: done.filter(({ at }) => letters.has(at)).length,
    deltas: deltas.length,
    messages: sent ? settlements.length : 0,
    heartbeats: heartbeats.length,
    reasons: tally(done.filter(isRefused).map(({ refusal }) => refusal.reason)),
    unroutedTopics: tallyTopics(unrouted),
    eventLag: histogram(underWay.map(({ published }) => now - published)),
    drift: tallyDrift(fresh),
    failed: handled
      .filter((one) => !isDone(one))
      .map(({ at }) => at)
      .sort((a, b) => a - b)
  } satisfies AppendReport
})

/** The index tells of an entity also what cannot be written of it, so that whoever looks for it finds the event. */
const indexable = (refused: ReadonlyArray<RefusedUpdate>) =>
  refused.flatMap(({ delta }) => (typeof delta?.entity === "string" ? [delta] : []))

const succeeds = <E extends { readonly message: string }, R>(effect: Effect.Effect<void, E, R>) =>
  effect.pipe(
    Effect.as(true),
    Effect.catch((error) => Effect.as(Effect.logWarning(error.message), false))
  )
