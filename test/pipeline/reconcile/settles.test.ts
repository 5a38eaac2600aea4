import { assert, describe, it } from "@effect/vitest"
import { type SeededRandom, seededRandom } from "aws-in-process/random"
import { agents } from "../../../projections/agents.ts"
import { conversations } from "../../../projections/conversations.ts"
import { queues } from "../../../projections/queues.ts"
import type { Event } from "../../../src/genesys/event.ts"
import type { AgentSession } from "../../../src/genesys-api/organisation.ts"
import type { AgentAnswer, Compared, Held, QueueAnswer } from "../../../src/pipeline/reconcile/answers.ts"
import { historiesOf } from "../../../src/testing/suite.ts"
import { seeds } from "../../support/seeds.ts"
import { compareAgent, compareQueue, heldBy, sent } from "./support.ts"

/** Generated histories are about these. */
const [AGENT, QUEUE, OTHER] = ["user-1", "queue-1", "user-2"]
const MOMENT_MS = 20_000

const textOf = (value: unknown) => JSON.stringify(value)

/** When events end: the API is asked some time after that. */
const endOf = (events: ReadonlyArray<Event>) =>
  Math.max(...events.flatMap(({ published, facets }) => [published, ...facets.map(({ clock = 0 }) => clock)]))

const maybe = <K extends string, A>(random: SeededRandom, key: K, value: () => A): { readonly [key in K]?: A } =>
  random.chance(0.6) ? ({ [key]: value() } as { readonly [key in K]: A }) : {}

/** Any answer: right, wrong, older than the rows or newer, with facets missing. */
const agentAnswer = (random: SeededRandom, asked: number): AgentAnswer => {
  const since = () => maybe(random, "since", () => asked - random.int(12) * MOMENT_MS)
  const session = (sessionId: string): AgentSession => ({
    sessionId,
    state: random.pick(["ALERT", "INTERACT", "WRAPUP", "HOLD"]),
    ...since(),
    ...maybe(random, "conversationId", () => random.pick(["conversation-1", "conversation-2"])),
    ...maybe(random, "queueId", () => QUEUE),
    ...maybe(random, "mediaType", () => random.pick(["VOICE", "CHAT"]))
  })
  return {
    agentId: AGENT,
    ...maybe(random, "user", () => ({
      asked,
      said: {
        ...maybe(random, "state", () => random.pick(["active", "inactive", "deleted"] as const)),
        ...maybe(random, "presence", () => ({
          value: { systemPresence: random.pick(["ON_QUEUE", "OFFLINE"]), definitionId: random.pick(["p", "q"]) },
          ...since()
        })),
        ...maybe(random, "routingStatus", () => ({ value: random.pick(["IDLE", "OFF_QUEUE"]), ...since() })),
        ...maybe(random, "outOfOffice", () => random.chance(0.5)),
        ...maybe(random, "station", () => random.pick([null, { id: "station-1" }])),
        conversations: ["call", "chat"].map((media) => ({
          media,
          value: { active: random.int(2), acw: random.int(2) }
        }))
      }
    })),
    ...maybe(random, "status", () => ({
      asked,
      said: {
        complete: random.chance(0.7),
        sessions: ["session-1", "session-2"].filter(() => random.chance(0.5)).map(session)
      }
    }))
  }
}

const queueAnswer = (random: SeededRandom, asked: number): QueueAnswer => {
  const wait = (conversationId: string) => ({
    conversationId,
    ...maybe(random, "sessionId", () => random.pick(["session-1", "session-2"])),
    ...maybe(random, "since", () => asked - random.int(12) * MOMENT_MS),
    ...maybe(random, "mediaType", () => "VOICE")
  })
  const some = () => ["conversation-1", "conversation-2"].filter(() => random.chance(0.5)).map(wait)
  return {
    queueId: QUEUE,
    ...maybe(random, "members", () => ({
      asked,
      said: {
        complete: random.chance(0.7),
        items: [AGENT, OTHER].filter(() => random.chance(0.6)).map((userId) => ({ userId, joined: random.chance(0.7) }))
      }
    })),
    ...maybe(random, "waits", () => ({
      asked,
      said: { complete: random.chance(0.7), waiting: some(), alerting: some() }
    }))
  }
}

const histories = historiesOf([queues, agents, conversations], 14)

const check = (
  seed: number,
  entity: string,
  compare: (random: SeededRandom, asked: number) => (held: Held) => Compared
) => {
  const random = seededRandom(seed)
  const events = histories(seed)
  const asked = endOf(events) + 70_000 + random.int(5) * MOMENT_MS
  const held = (all: ReadonlyArray<Event>) => heldBy(entity, all, { read: asked + 60_000, heard: asked - 200_000 })
  const answered = compare(random, asked)
  const { statements, corrected, early } = answered(held(events))
  const told = [...events]
  let rounds = 0
  for (let next = statements; next.length > 0 && rounds < 5; rounds++) {
    told.push(...sent(next, asked))
    next = answered(held(told)).statements
  }
  return { statements, rounds, counted: { ...corrected, ...early } }
}

describe("an answer of the API", () => {
  it.each([
    [
      "an agent",
      AGENT,
      (random: SeededRandom, asked: number) => {
        const answer = agentAnswer(random, asked)
        return (held: Held) => compareAgent(answer, held)
      }
    ],
    [
      "a queue",
      QUEUE,
      (random: SeededRandom, asked: number) => {
        const answer = queueAnswer(random, asked)
        return (held: Held) => compareQueue(answer, held)
      }
    ]
  ] as const)(
    "[P3] of %s leaves nothing to state once its statements are folded, and soon where they end a session by a rule",
    (_, entity, compare) => {
      const all = seeds(200).map((seed) => ({ seed, ...check(seed, entity, compare) }))
      for (const { seed, statements, rounds, counted } of all) {
        assert.isAtMost(rounds, 3, `seed ${seed}`)
        assert.isAtMost(
          Object.values(counted).reduce((sum, count) => sum + count, 0),
          statements.length
        )
        assert.strictEqual(new Set(statements.map(textOf)).size, statements.length, `seed ${seed}`)
      }
      // Shares say nothing of the few seeds of the fast lane.
      if (all.length < 50) return
      assert.isAbove(all.filter(({ rounds }) => rounds > 0).length, all.length / 3)
      assert.isBelow(all.filter(({ rounds }) => rounds > 1).length, Math.max(1, all.length / 10))
    }
  )
})
