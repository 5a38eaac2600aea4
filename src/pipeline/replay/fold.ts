import { Effect, Result } from "effect"
import type { Delta } from "../../domain/delta.ts"
import { deriveDeltas, generation, type Projection } from "../../domain/projection.ts"
import type { Window } from "../../domain/settle.ts"
import { decodeParsed } from "../../genesys/decoder.ts"
import type { Event } from "../../genesys/event.ts"
import type { EventPage, SourcedEvent } from "../../store/event-source.ts"
import { Parked } from "../../store/parked.ts"
import { ReplayRefused, type ReplayScope } from "./plan.ts"

/** A projection, and those that it derives from. */
export type WithSources = readonly [Projection<Event>, ...ReadonlyArray<Projection<Event>>]

/** What a stored event says: its deltas, or nothing where it is out of scope. */
export type Folded = Result.Result<ReadonlyArray<Delta> | undefined, ReplayRefused>

/** The name of what was thrown. Its message may quote the event. */
const nameOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.constructor.name : typeof thrown)

/** The topics of a scope that the projections fold. Events of others are out of scope, whatever they hold. */
export const topicsOf = (projections: ReadonlyArray<Projection<Event>>, scope: ReplayScope): ReadonlySet<string> =>
  new Set(projections.flatMap(({ topics }) => topics).filter((topic) => scope.topics?.includes(topic) ?? true))

/**
 * A fold of stored events as append folds them when they arrive: by their first arrival, through the same decoder. The projection comes
 * first, and then those that it derives from: what events about the entity of a scope say of others is folded too.
 */
export const foldWith = (projections: WithSources, scope: ReplayScope, window: Window) => {
  const name = generation(projections[0])
  const topics = topicsOf(projections, scope)
  const { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY, entity } = scope
  return ({ id, topic, envelope, received }: SourcedEvent): Folded => {
    if (!topics.has(topic)) return Result.succeed(undefined)
    const refused = (reason: string) => Result.fail(new ReplayRefused({ eventId: id, topic, reason }))
    const decoded = decodeParsed(envelope, received)
    if (Result.isFailure(decoded)) return refused(`${decoded.failure._tag}: ${decoded.failure.message}`)
    const { published } = decoded.success
    if (published < since || published >= until) return Result.succeed(undefined)
    try {
      const deltas = deriveDeltas(projections, decoded.success, window)
      if (entity === undefined) return Result.succeed(deltas)
      const isOther = (delta: Delta) => delta.projection === name && delta.entity !== entity
      const isAbout = deltas.some((delta) => delta.projection === name && delta.entity === entity)
      return Result.succeed(isAbout ? deltas.filter((delta) => !isOther(delta)) : undefined)
    } catch (thrown) {
      return refused(`the fold threw ${nameOf(thrown)}`)
    }
  }
}

/** The events of a page that cannot be folded, beside the deltas of those that can. */
export const foldPage = (page: EventPage, fold: ReturnType<typeof foldWith>, startedAt: number) => {
  const refused = page.unreadable.map(({ id, topic, reason }) => ({
    refusal: new ReplayRefused({ eventId: id, topic, reason }),
    body: JSON.stringify({ id, "detail-type": topic }),
    received: startedAt
  }))
  const folded = page.events.flatMap((event) => {
    const result = fold(event)
    if (Result.isSuccess(result)) return result.success === undefined ? [] : [result.success]
    refused.push({ refusal: result.failure, body: JSON.stringify(event.envelope), received: event.received })
    return []
  })
  return { folded, refused }
}

type Refused = ReturnType<typeof foldPage>["refused"]

/** Puts aside what cannot be folded, or fails with the first of it. */
export const settleRefused = Effect.fnUntraced(function* (refused: Refused, park: boolean) {
  const [first] = refused
  if (first === undefined) return
  if (!park) return yield* first.refusal
  const { put } = yield* Parked
  yield* Effect.forEach(
    refused,
    ({ refusal: { eventId, topic, reason }, body, received }) =>
      put({
        from: "replay",
        body,
        reason: "Unfoldable",
        detail: `event ${eventId} (${topic}): ${reason}`,
        received,
        attempts: 1
      }),
    { discard: true }
  )
})
