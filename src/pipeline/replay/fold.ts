import { Effect, Result } from "effect"
import type { Delta } from "../../domain/delta.ts"
import { foldEvent, refusalOf } from "../../domain/fold-event.ts"
import { generation, type Projection } from "../../domain/projection.ts"
import type { Window } from "../../domain/settle.ts"
import { decodeStored } from "../../genesys/decoder.ts"
import type { Event } from "../../genesys/event.ts"
import type { EventPage, SourcedEvent } from "../../store/event-source.ts"
import { Parked } from "../../store/parked.ts"
import { park, type Refused } from "../refused.ts"
import { ReplayRefused, type ReplayScope } from "./plan.ts"

/** What a stored event says: its deltas, none where it is out of scope, and why what it says besides is refused. */
export interface Folded {
  readonly deltas?: ReadonlyArray<Delta>
  readonly refusal?: ReplayRefused
}

/** The topics of a scope that the projections fold. Events of others are out of scope, whatever they hold. */
export const topicsOf = (projections: ReadonlyArray<Projection<Event>>, scope: ReplayScope): ReadonlySet<string> =>
  new Set(projections.flatMap(({ topics }) => topics).filter((topic) => scope.topics?.includes(topic) ?? true))

/**
 * A fold of stored events as append folds them when they arrive: by their first arrival, through the same decoder. The projection comes
 * first, and then those that it derives from: what events about the entity of a scope say of others is folded too.
 */
export const foldWith = (
  projections: readonly [Projection<Event>, ...ReadonlyArray<Projection<Event>>],
  scope: ReplayScope,
  window: Window
) => {
  const name = generation(projections[0])
  const topics = topicsOf(projections, scope)
  const { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY, entity } = scope
  return ({ id, topic, envelope, received }: SourcedEvent): Folded => {
    if (!topics.has(topic)) return {}
    const refused = (reason: string) => ({ refusal: new ReplayRefused({ eventId: id, topic, reason }) })
    const decoded = decodeStored(envelope, received)
    if (Result.isFailure(decoded)) return refused(`${decoded.failure._tag}: ${decoded.failure.message}`)
    const { published } = decoded.success
    if (published < since || published >= until) return {}
    const { deltas, refused: unwritable } = foldEvent(projections, decoded.success, window)
    const isOther = (delta: Delta) => delta.projection === name && delta.entity !== entity
    const isAbout = (delta: Delta | undefined) => delta?.projection === name && delta.entity === entity
    if (entity === undefined || deltas.some(isAbout) || unwritable.some(({ delta }) => isAbout(delta))) {
      const [first, ...others] =
        entity === undefined ? unwritable : unwritable.filter(({ delta }) => !delta || !isOther(delta))
      return {
        deltas: entity === undefined ? deltas : deltas.filter((delta) => !isOther(delta)),
        ...(first === undefined ? {} : refused(refusalOf([first, ...others]).detail))
      }
    }
    // What threw may have been about the entity as well.
    const [threw, ...others] = unwritable.filter(({ delta }) => delta === undefined)
    return threw === undefined ? {} : refused(refusalOf([threw, ...others]).detail)
  }
}

/** What of a page cannot be folded, by event, beside the deltas of what can be. */
export const foldPage = (page: EventPage, fold: ReturnType<typeof foldWith>, startedAt: number) => {
  const refused = page.unreadable.map(({ id, topic, reason }) => ({
    refusal: new ReplayRefused({ eventId: id, topic, reason }),
    body: JSON.stringify({ id, "detail-type": topic }),
    received: startedAt
  }))
  const folded = page.events.flatMap((event) => {
    const { deltas, refusal } = fold(event)
    if (refusal !== undefined) refused.push({ refusal, body: JSON.stringify(event.envelope), received: event.received })
    return deltas === undefined || (refusal !== undefined && deltas.length === 0) ? [] : [deltas]
  })
  return { folded, refused }
}

type Unfoldable = ReturnType<typeof foldPage>["refused"]

/** Puts aside what cannot be folded, or fails with the first of it. */
export const settleRefused = Effect.fnUntraced(function* (refused: Unfoldable, isParked: boolean) {
  const [first] = refused
  if (first === undefined) return
  if (!isParked) return yield* first.refusal
  const { put } = yield* Parked
  yield* Effect.forEach(
    refused,
    ({ refusal: { eventId, topic, reason }, body, received }) =>
      put({
        from: "replay",
        body,
        reason: "Unfoldable",
        detail: `event ${eventId}${topic === undefined ? "" : ` (${topic})`}: ${reason}`,
        received,
        attempts: 1
      }),
    { discard: true }
  )
})

/** Parks updates that cannot be written, and returns how many, or fails with the first of them. */
export const parkOrRefuse = (unwritten: ReadonlyArray<Refused>, isParked: boolean) => {
  const [first] = unwritten
  if (first === undefined || isParked) return park(unwritten)
  const { projection, deltas, detail } = first
  const eventId = deltas[0]?.stamp.eventId ?? "unknown"
  return new ReplayRefused({ eventId, reason: `an update of ${projection}: ${detail}` })
}
