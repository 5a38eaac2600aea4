import { type Cause, Clock, Effect, Random } from "effect"
import { iso } from "../domain/stamp.ts"
import type { Agent, Queue } from "../read/answers.ts"
import type { Calls } from "../read/calls.ts"
import type { ReadError } from "../read/errors.ts"
import { type Problem, problemBody } from "./problem.ts"
import type { Write } from "./reply.ts"
import { versionOf } from "./version.ts"

/** What a stream of changes is of: ids, none twice. */
export interface Subscription {
  readonly agents: ReadonlyArray<string>
  readonly queues: ReadonlyArray<string>
  readonly names: boolean
}

/** How often a stream reads, and when it ends, in ms. */
export interface Pace {
  readonly pollMs: number
  readonly streamMs: number
}

/** Something is sent at least so often, so that nobody on the way takes the stream for dead, and its end is noticed. In ms. */
const HEARTBEAT_MS = 15_000

/** How long a client waits before it connects again, in ms: after an end that nobody meant, and after a failure. */
const AGAIN_MS = 1_000
const AGAIN_AFTER_FAILURE_MS = 5_000

/** Clients that began together must not all come back together. In ms. */
const AGAIN_SPREAD = [250, 2_500] as const

/** Characters of a version in an event's id. Two versions of one entity share them once in 280 million million changes. */
const MARK = 8
const UNSEEN = "-".repeat(MARK)

/** Queues that are read at once. */
const AT_ONCE = 10

const keysOf = ({ agents, queues }: Subscription) => [
  ...agents.map((id) => ["agent", id] as const),
  ...queues.map((id) => ["queue", id] as const)
]

const block = (event: string, data: object, id?: string): string =>
  `event: ${event}\n${id === undefined ? "" : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`

/** What a client has, by the id of the last event that it got: a mark for each of what it follows, in their order. */
const marksOf = (lastEventId: string | null, entities: number): ReadonlyArray<string> =>
  lastEventId !== null && lastEventId.length === entities * MARK
    ? Array.from({ length: entities }, (_, i) => lastEventId.slice(i * MARK, (i + 1) * MARK))
    : Array.from({ length: entities }, () => UNSEEN)

/** Each of what is followed as it is now, in the order of their keys; undefined for what no event mentioned. */
export const readAll = (reader: Calls, { agents, queues, names }: Subscription) =>
  Effect.all(
    [
      agents.length === 0 ? Effect.succeed([]) : reader.agents(agents, { names }),
      Effect.forEach(queues, (id) => reader.queue(id, { names }), { concurrency: AT_ONCE })
    ],
    { concurrency: 2 }
  ).pipe(Effect.map(([found, counted]): ReadonlyArray<Agent | Queue | undefined> => [...found, ...counted]))

/**
 * Sends each of what is followed as it is, and again whenever it changes, until the time is over. `first` is what was read already. Every
 * batch ends with the event `freshness`, whose id says what the client has then; without changes it comes as a heartbeat. What cannot be
 * read ends the stream with the event `problem`, whatever the reason.
 */
export const followChanges = (
  reader: Calls,
  subscription: Subscription,
  { pollMs, streamMs }: Pace,
  first: ReadonlyArray<Agent | Queue | undefined>,
  lastEventId: string | null,
  problemOf: (cause: Cause.Cause<ReadError>) => Effect.Effect<Problem>
) =>
  Effect.fnUntraced(function* (write: Write) {
    const keys = keysOf(subscription)
    const end = (yield* Clock.currentTimeMillis) + streamMs
    let marks = marksOf(lastEventId, keys.length)
    let spokenAt = Number.NEGATIVE_INFINITY

    const send = Effect.fnUntraced(function* (found: ReadonlyArray<Agent | Queue | undefined>) {
      const now = yield* Clock.currentTimeMillis
      const next = found.map((one) => (one === undefined ? UNSEEN : versionOf(one).slice(0, MARK)))
      const changed = keys.flatMap(([kind, id], i) => {
        if (next[i] === marks[i]) return []
        const one = found[i]
        return [one === undefined ? block("gone", { [`${kind}Id`]: id }) : block(kind, one)]
      })
      if (changed.length === 0 && now - spokenAt < HEARTBEAT_MS) return
      marks = next
      spokenAt = now
      const settledThrough = found.find((one) => one?.settledThrough !== undefined)?.settledThrough
      const freshness = {
        ...(settledThrough === undefined ? {} : { settledThrough }),
        readAt: iso(now)
      }
      yield* write([...changed, block("freshness", freshness, next.join(""))].join(""))
    })

    yield* write(`retry: ${AGAIN_MS}\n\n`)
    yield* send(first)
    while ((yield* Clock.currentTimeMillis) + pollMs <= end) {
      yield* Effect.sleep(pollMs)
      const read = yield* Effect.exit(readAll(reader, subscription))
      if (read._tag === "Failure") {
        const problem = problemBody(yield* problemOf(read.cause))
        return yield* write(`${block("problem", problem)}retry: ${AGAIN_AFTER_FAILURE_MS}\n\n`)
      }
      yield* send(read.value)
    }
    yield* write(`retry: ${yield* Random.nextIntBetween(...AGAIN_SPREAD)}\n\n`)
  })
