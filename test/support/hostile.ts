import type { SeededRandom } from "aws-in-process/random"
import type { Json } from "../../src/domain/json.ts"
import { iso } from "../../src/domain/stamp.ts"
import { SIMULATED_SOURCE } from "../../src/local/partner.ts"
import { START } from "./history.ts"

/** Ids that no key can hold, that only just can be one, and that are like what the project itself puts into keys. None is blank. */
const hostileIds: ReadonlyArray<string> = [
  "s".repeat(1_100),
  "a".repeat(2_100),
  "€".repeat(700),
  "€".repeat(340),
  "k".repeat(1_016),
  "k".repeat(2_048),
  "half \ud800 of a character",
  "\udc00",
  "\ufffe\uffff",
  "\u0000",
  "constructor",
  "__proto__",
  "state",
  "member#",
  "#",
  "~listed",
  '["a","b"]',
  "x".repeat(300_000)
]

/** Texts that columns and registers get. The local engine cannot write a map with a field called `__proto__`. */
const hostileTexts: ReadonlyArray<string> = [...hostileIds.filter((id) => id !== "__proto__"), "", " "]

const nested = (levels: number): Json =>
  levels === 0 ? 1 : levels % 2 === 0 ? [nested(levels - 1)] : { "": nested(levels - 1) }

const hostileValues: ReadonlyArray<Json> = [
  ...hostileTexts,
  nested(30),
  nested(33),
  nested(58),
  1e-300,
  -0,
  2 ** 53 - 1,
  [],
  {}
]

export const hostileId = (random: SeededRandom): string => random.pick(hostileIds as [string, ...Array<string>])
export const hostileValue = (random: SeededRandom): Json => random.pick(hostileValues as [Json, ...Array<Json>])

/** The line of an event of a topic, published at `at` (epoch ms). */
export const lineOf = (
  id: string,
  topic: string,
  ids: ReadonlyArray<string>,
  eventBody: { readonly [field: string]: Json },
  at = START
): string => {
  let next = 0
  return JSON.stringify({
    version: "0",
    id,
    "detail-type": topic,
    source: SIMULATED_SOURCE,
    detail: {
      topicName: topic.replaceAll("{id}", () => ids[next++] ?? ""),
      version: "2",
      eventBody,
      metadata: {},
      timestamp: iso(at)
    }
  })
}

export interface Start {
  readonly conversation?: string
  readonly session?: string
  readonly user?: string
  readonly queue?: string
}

/** The line of the event that says that an agent's session in a conversation has begun. */
export const startLine = (id: string, start: Start = {}, at = START): string => {
  const { conversation = "conversation", session = "session", user = "user", queue = "queue" } = start
  const body = {
    eventTime: at,
    conversationId: conversation,
    sessionId: session,
    userId: user,
    queueId: queue,
    mediaType: "VOICE"
  }
  return lineOf(id, "v2.detail.events.conversation.{id}.user.start", [conversation], body, at)
}

/** A random event of which one or another part is hostile. */
export const hostileLine = (id: string, random: SeededRandom, at = START): string => {
  const plain = (name: string) => `${name}-${random.int(4)}`
  const odd = (name: string) => (random.chance(0.5) ? hostileId(random) : plain(name))
  const text = () => (random.chance(0.7) ? hostileValue(random) : "VOICE")
  const conversation = odd("conversation")
  const session = { eventTime: at, conversationId: conversation, sessionId: odd("session"), mediaType: text() }
  const named = { userId: odd("user"), queueId: odd("queue") }
  const of = (kind: string) => `v2.detail.events.conversation.{id}.${kind}`
  const user = odd("user")
  const lines: ReadonlyArray<() => string> = [
    () => lineOf(id, of("user.start"), [conversation], { ...session, ...named }, at),
    () => lineOf(id, of("user.end"), [conversation], { ...session, ...named }, at),
    () => lineOf(id, of("acd.start"), [conversation], { ...session, ...named }, at),
    () => lineOf(id, of("customer.start"), [conversation], session, at),
    () =>
      lineOf(
        id,
        "v2.users.{id}.activity",
        [user],
        {
          id: user,
          routingStatus: { status: text(), startTime: iso(at) },
          presence: { presenceDefinition: { id: odd("presence"), systemPresence: text() }, modifiedDate: iso(at) },
          activeQueueIds: [odd("queue"), odd("queue")],
          dateActiveQueuesChanged: iso(at)
        },
        at
      ),
    () => lineOf(id, "v2.users.{id}.station", [user], { associatedStation: { id: odd("station"), name: text() } }, at),
    () =>
      lineOf(
        id,
        "v2.users.{id}.conversationsummary",
        [user],
        {
          userId: user,
          [String(odd("voice"))]: { contactCenter: { active: 1, acw: 0 } },
          call: { contactCenter: { active: text() } }
        },
        at
      )
  ]
  return (lines[random.int(lines.length)] as () => string)()
}

/** The line of an event that says that an agent is joined to a queue, of which the agent's row can tell, and no key: only project finds that. */
export const unlistableLine = (id: string, agent: string, at = START): string => {
  const body = { id: agent, activeQueueIds: ["q".repeat(2_100)], dateActiveQueuesChanged: iso(at) }
  return lineOf(id, "v2.users.{id}.activity", [agent], body, at)
}
