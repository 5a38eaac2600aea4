import { Clock, Effect, Option, Result } from "effect"
import { type Delta, reduceDeltas } from "../domain/delta.ts"
import { heartbeatTime } from "../domain/heartbeat.ts"
import { type Histogram, histogram } from "../domain/histogram.ts"
import { deriveDeltas } from "../domain/projection.ts"
import { isLate, planSettlements, settlementOf, type Window } from "../domain/settle.ts"
import { decodeEvent } from "../genesys/decoder.ts"
import type { Event } from "../genesys/event.ts"
import { EntityIndex } from "../store/entity-index.ts"
import { EventStore } from "../store/event-store.ts"
import { Quarantine, type Quarantined } from "../store/quarantine.ts"
import { deltaBytes, MAX_MESSAGE_BYTES, SettleQueue } from "../store/settle-queue.ts"
import { type DriftReport, tally, tallyDrift, tallyTopics } from "./drift.ts"
import { entriesOf } from "./entity-entries.ts"
import { LiveProjections } from "./live-projections.ts"
import { SettleWindow } from "./window.ts"

/** One record as it arrived: its bytes and the time of arrival in epoch ms. */
export interface Arrival {
  readonly raw: Uint8Array
  readonly received: number
}

/**
 * The account of one batch: received = appended + duplicates + conflicts + quarantined + failed. `failed` lists the positions
 * that must be delivered again; they are counted nowhere else. `unrouted` and `late` are among the appended, `future` too: a
 * clock beyond the skew bound was replaced by the arrival. `heartbeats` of the stack's own came beside them, and are counted nowhere else.
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

/**
 * Takes a batch of records: decodes, appends, quarantines what cannot be appended, hands the deltas to the settle queue, and tells the
 * index by entity, where there is one.
 *
 * Duplicates are projected again, because a crash may have come between their insert and their message; merging makes that
 * harmless. Never fails: what could not be done is in `failed`.
 */
export const appendBatch = Effect.fnUntraced(function* (arrivals: ReadonlyArray<Arrival>) {
  const [store, queue, quarantine, window, index] = [
    yield* EventStore,
    yield* SettleQueue,
    yield* Quarantine,
    yield* SettleWindow,
    Option.getOrUndefined(yield* Effect.serviceOption(EntityIndex))
  ]

  const events: Array<Event> = []
  const positions: Array<number> = []
  const heartbeats: Array<number> = []
  const refused: Array<{ readonly at: number; readonly entry: Quarantined }> = []
  arrivals.forEach(({ raw, received }, at) => {
    const decoded = decodeEvent(raw, received)
    if (Result.isSuccess(decoded)) {
      events.push(decoded.success)
      positions.push(at)
    } else {
      const heartbeat = heartbeatTime(raw)
      if (heartbeat !== undefined) {
        // A clock that runs ahead would settle what has not come yet.
        heartbeats.push(Math.min(heartbeat, received))
        return
      }
      const { _tag: reason, message: detail } = decoded.failure
      refused.push({ at, entry: { raw, received, reason, detail } })
    }
  })

  // Asked for events only: heartbeats alone, at night, need not know.
  const projections = events.length === 0 ? [] : yield* yield* LiveProjections
  const failed = new Set<number>()
  const outcomes =
    events.length === 0
      ? []
      : yield* store
          .append(events)
          .pipe(Effect.catch((cause) => Effect.succeed(events.map(() => ({ _tag: "failed", cause }) as const))))

  const appended: Array<number> = []
  const duplicates: Array<number> = []
  const conflicts: Array<number> = []
  const deltas: Array<Delta> = []
  const firstArrivals = new Map<string, number>()
  outcomes.forEach((outcome, i) => {
    const [event, at] = [events[i] as Event, positions[i] as number]
    switch (outcome._tag) {
      case "inserted":
        appended.push(i)
        deltas.push(...deriveDeltas(projections, event, window))
        if (index !== undefined) firstArrivals.set(event.id, event.received)
        return
      case "duplicate":
        duplicates.push(i)
        deltas.push(...deriveDeltas(projections, { ...event, received: outcome.received }, window))
        if (index !== undefined) firstArrivals.set(event.id, outcome.received)
        return
      case "conflict": {
        conflicts.push(i)
        const { raw, received } = arrivals[at] as Arrival
        const detail = "the id is stored already with other content, which stays"
        refused.push({ at, entry: { raw, received, reason: "Conflict", detail } })
        return
      }
      case "failed":
        failed.add(at)
    }
  })

  const now = yield* Clock.currentTimeMillis
  const planned = planSettlements(reduceDeltas(deltas), now, window, deltaBytes, MAX_MESSAGE_BYTES)
  // It says that what came before it is sent, so it must not overtake what failed.
  const carried = heartbeats.length > 0 && failed.size === 0 ? [settlementOf(Math.max(...heartbeats), window)] : []
  const settlements = [...planned, ...carried]
  const indexed = index === undefined ? [] : entriesOf(projections, deltas, firstArrivals)
  const [parked, sent, found] = yield* Effect.all(
    [
      refused.length === 0 ? Effect.succeed(true) : succeeds(quarantine.put(refused.map(({ entry }) => entry))),
      settlements.length === 0 ? Effect.succeed(true) : succeeds(queue.send(settlements)),
      index === undefined || indexed.length === 0 ? Effect.succeed(true) : succeeds(index.add(indexed))
    ],
    { concurrency: 3 }
  )
  if (!parked) for (const { at } of refused) failed.add(at)
  // Which event a settlement or an entry is of is not worth tracking: all are delivered again, come back as duplicates and are sent.
  if (!(sent && found)) for (const i of [...appended, ...duplicates]) failed.add(positions[i] as number)

  const kept = (indexes: ReadonlyArray<number>) => indexes.filter((i) => !failed.has(positions[i] as number))
  const fresh = kept(appended).map((i) => events[i] as Event)
  const conflicting = kept(conflicts).length
  const entries = refused.filter(({ at }) => !failed.has(at)).map(({ entry }) => entry)
  const unrouted = fresh.filter(({ routed }) => !routed)
  return {
    received: arrivals.length - heartbeats.length,
    appended: fresh.length,
    duplicates: kept(duplicates).length,
    conflicts: conflicting,
    quarantined: entries.length - conflicting,
    unrouted: unrouted.length,
    late: fresh.filter(({ published, received }) => isLate(published, received, window)).length,
    future: fresh.filter((event) => isFuture(event, window)).length,
    deltas: deltas.length,
    messages: sent ? settlements.length : 0,
    heartbeats: heartbeats.length,
    reasons: tally(entries.map(({ reason }) => reason)),
    unroutedTopics: tallyTopics(unrouted),
    eventLag: histogram(fresh.map(({ published }) => now - published)),
    drift: tallyDrift(fresh),
    failed: [...failed].sort((a, b) => a - b)
  } satisfies AppendReport
})

const succeeds = <E extends { readonly message: string }, R>(effect: Effect.Effect<void, E, R>) =>
  effect.pipe(
    Effect.as(true),
    Effect.catch((error) => Effect.as(Effect.logWarning(error.message), false))
  )
