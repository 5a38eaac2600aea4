import { fillTemplate } from "../genesys/template.ts"
import { makeAgenda } from "./agenda.ts"
import type { Body } from "./bodies.ts"
import { corrupt, delayOf, disturb, drawMishaps, unknownEvent } from "./chaos.ts"
import { makeIds, makeRandom } from "./random.ts"
import type { Topic } from "./topics.ts"

/**
 * One record as it reaches the bus. `at` is epoch ms; `line` is the JSON text of the envelope, except for a `malformed` one. A
 * `duplicate` repeats the bytes of an earlier delivery, a `resend` its content under another id.
 */
export interface Delivery {
  readonly at: number
  readonly line: string
  readonly kind: "event" | "duplicate" | "resend" | "malformed" | "unknown"
}

/** The greatest share of events that may be lost: where next to nothing arrives, the next delivery is never found. */
export const MOST_LOST = 0.9

/** Nothing is delivered sooner than this after its publication, ms. */
export const MIN_DELAY_MS = 50
const MAX_DELAY_MS = 1_500
const MAX_LAG_MS = 400

export interface Wire {
  /**
   * Publishes a body whose own time is `at` and returns when (epoch ms). Bodies without a clock of their own give `publisher`: what one
   * publisher says is published in the order in which it is said.
   */
  readonly publish: (
    topic: Topic,
    ids: ReadonlyArray<string>,
    body: Body,
    at: number,
    publisher?: { published: number }
  ) => number
  readonly due: () => number | undefined
  readonly take: () => Delivery | undefined
  /** Records put on their way so far, everything counted, also what was lost. */
  readonly emitted: () => number
  /** Events that were lost so far. */
  readonly lost: () => number
  readonly inFlight: () => number
}

export interface WireOptions {
  readonly seed: number
  readonly start: number
  /** What arrives before this instant (epoch ms) nobody receives. */
  readonly heardFrom: number
  readonly chaos: number
  /** The share of events that are lost, 0 to `MOST_LOST`. */
  readonly lose: number
  /** Envelope `source`: the name of the partner event source. */
  readonly source: string
  readonly account: string
  readonly region: string
}

/**
 * From a body to deliveries: envelope, transport delay and, with `chaos`, everything that can go wrong on the way. A lost event is in no
 * delivery; all others are the same as without losses.
 */
export const makeWire = ({ seed, start, heardFrom, chaos, lose, source, account, region }: WireOptions): Wire => {
  const random = makeRandom(`${seed}:wire`)
  const mischief = makeRandom(`${seed}:chaos`)
  const losses = makeRandom(`${seed}:losses`)
  const eventId = makeIds(`${seed}:${start}:events`)
  const otherId = makeIds(`${seed}:${start}:chaos`)
  const traceId = makeIds(`${seed}:${start}:traces`)
  const agenda = makeAgenda<Delivery>()
  let emitted = 0
  let lost = 0

  const deliver = (isLost: boolean, at: number, lineOf: () => string, kind: Delivery["kind"]): void => {
    emitted++
    if (!isLost && at >= heardFrom) agenda.add(at, { at, line: lineOf(), kind })
  }

  const envelope = (id: string, topic: string, name: string, body: Body, published: number, trace: string): Body => {
    const timestamp = new Date(published).toISOString()
    return {
      version: "0",
      id,
      "detail-type": topic,
      source,
      account,
      time: `${timestamp.slice(0, 19)}Z`,
      region,
      resources: [],
      detail: {
        topicName: name,
        version: "2",
        eventBody: body,
        metadata: { CorrelationId: trace },
        timestamp
      }
    }
  }

  return {
    publish: (topic, ids, body, at, publisher) => {
      const lag = Math.min(MAX_LAG_MS, Math.round(15 + random.wait(70)))
      const published = Math.max(at + lag, (publisher?.published ?? 0) + 1)
      if (publisher !== undefined) publisher.published = published
      const transit = Math.min(MAX_DELAY_MS, Math.round(MIN_DELAY_MS + random.wait(220)))

      const mishaps = drawMishaps(mischief, chaos)
      const clock = mishaps.has("clockAhead") ? published + 600_000 : published
      const sent = envelope(
        eventId("0"),
        topic,
        fillTemplate(topic, ids),
        disturb(mischief, mishaps, body),
        clock,
        traceId()
      )
      if (mishaps.has("extraField")) Object.assign(sent, { "trace-header": "Root=1-0-0", novelty: { level: 1 } })
      const arrival = published + transit + delayOf(mischief, mishaps)
      let line: string | undefined
      const lineOf = () => {
        line ??= JSON.stringify(sent)
        return line
      }
      // Copies of a lost event are lost with it: nobody published it. The draws stay the same, and so does the day.
      const isLost = lose > 0 && losses.chance(lose)
      if (isLost && arrival >= heardFrom) lost++
      deliver(isLost, arrival, lineOf, "event")

      if (mishaps.has("duplicate")) deliver(isLost, arrival + mischief.whole(200, 60_000), lineOf, "duplicate")
      if (mishaps.has("resend")) {
        const [later, id] = [arrival + mischief.whole(1_000, 30_000), otherId("0")]
        deliver(isLost, later, () => JSON.stringify({ ...sent, id }), "resend")
      }
      if (mishaps.has("unknownTopic")) {
        const [name, template, unknown] = unknownEvent(mischief, otherId, at)
        const stranger = envelope(otherId("0"), template, name, unknown, published, otherId())
        deliver(isLost, published + transit, () => JSON.stringify(stranger), "unknown")
      }
      if (mishaps.has("malformed")) {
        const later = arrival + mischief.whole(0, 2_000)
        const broken = corrupt(mischief, { ...sent, id: otherId("0") })
        deliver(isLost, later, () => broken, "malformed")
      }
      return published
    },
    due: agenda.due,
    take: agenda.take,
    emitted: () => emitted,
    lost: () => lost,
    inFlight: agenda.size
  }
}
