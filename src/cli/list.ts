import { Effect, Option } from "effect"
import { iso } from "../domain/time.ts"
import { type Place, type RejectedEvent, RejectedEvents } from "../store/rejected-events.ts"
import { audited, requireWhy } from "./audit.ts"
import { given, type SelectionOptions, type SiteOptions } from "./flags.ts"
import { onSite } from "./open.ts"
import { topicOf } from "./redact.ts"
import { bytes, events as eventsText, Screen, table } from "./screen.ts"
import { byFilter, insistOnSome } from "./select.ts"

/** Events opened at a time. */
const IN_FLIGHT = 8

export interface ListOptions extends SiteOptions, SelectionOptions {
  readonly topics: boolean
  readonly json: boolean
  readonly why: Option.Option<string>
}

const withTopic = Effect.fnUntraced(function* (event: RejectedEvent) {
  const held = yield* RejectedEvents
  const opened = yield* held.open(event.key)
  const topic = opened === undefined ? undefined : topicOf(opened.raw)
  return topic === undefined ? event : { ...event, topic }
})

type Listed = RejectedEvent & { readonly topic?: string }

const rowsOf = (place: Place, listed: ReadonlyArray<Listed>, topics: boolean, forPerson: boolean) =>
  table(
    [
      ...["RECEIVED", "REASON", ...(place === "parked" ? ["FROM"] : []), "SIZE"],
      ...[...(topics ? ["TOPIC"] : []), "KEY"]
    ],
    listed.map(({ key, reason, from = "", received, size, topic = "-" }) => [
      ...[iso(received), reason, ...(place === "parked" ? [from] : []), forPerson ? bytes(size) : String(size)],
      ...[...(topics ? [topic] : []), key]
    ]),
    forPerson
  )

/** `projections quarantine list` and `projections parked list`. */
export const list = (place: Place) =>
  Effect.fnUntraced(function* (options: ListOptions) {
    const { topics, json, why, limit, reason, since, until } = options
    if (topics) yield* requireWhy(why)
    const screen = yield* Screen
    yield* onSite(options, (site) =>
      Effect.gen(function* () {
        const use = { site, command: `${place} list`, filters: given({ reason, since, until, limit, topics }), why }
        const work = Effect.gen(function* () {
          const { events, more } = yield* byFilter(place, options)
          const listed: ReadonlyArray<Listed> = topics
            ? yield* Effect.forEach(events, withTopic, { concurrency: IN_FLIGHT })
            : events
          return { listed, more }
        })
        const { listed, more } = yield* audited(use, work, (done) => ({
          outcome: "listed",
          counts: { events: Option.match(done, { onNone: () => 0, onSome: ({ listed }) => listed.length }) }
        }))
        if (json) {
          const shown = listed.map((event) => ({ ...event, received: iso(event.received) }))
          screen.print(JSON.stringify({ stack: site.name, place, events: shown, more }, undefined, 2))
        } else if (listed.length > 0) {
          screen.print(rowsOf(place, listed, topics, screen.outputIsTerminal))
          if (more)
            screen.note(`the oldest ${eventsText(listed.length)}; for more, raise --limit or narrow with --since`)
        }
        yield* insistOnSome(place, { events: listed })
      })
    )
  })
