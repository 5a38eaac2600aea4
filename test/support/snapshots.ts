import { createHash } from "node:crypto"
import type { SeededRandom } from "aws-in-process/random"
import { type Stated, snapshotEvent } from "../../src/genesys/snapshot.ts"
import { isUuid } from "../../src/genesys/template.ts"

export const shortHash = (text: string): string => createHash("sha256").update(text).digest("base64url").slice(0, 22)

/** The envelope of what the API said, which holds since `at` (epoch ms) or was asked then. */
export const snapshotOf = (facet: Stated, at: number) => snapshotEvent({ facet, at }, shortHash)

interface Told {
  readonly topic: string
  readonly at: number
  readonly id: string
  readonly body: { readonly [field: string]: string | undefined }
}

const toldBy = (line: string): Told | undefined => {
  try {
    const { "detail-type": topic, detail } = JSON.parse(line)
    const id = String(detail.topicName)
      .split(".")
      .find((part) => isUuid(part))
    const at = Date.parse(detail.timestamp)
    const body = Object.entries(detail.eventBody as object).filter(([, value]) => typeof value === "string")
    return id === undefined || Number.isNaN(at) ? undefined : { topic, at, id, body: Object.fromEntries(body) }
  } catch {
    return undefined
  }
}

/** What a sweep might say, right or wrong, of what an event is about. */
const statementsOf = ({ topic, id, body }: Told, random: SeededRandom): ReadonlyArray<Stated> => {
  const value = random.chance(0.4)
  const { sessionId, queueId, userId, conversationId } = body
  if (topic.startsWith("v2.users.{id}"))
    return [
      { facet: "presence", agentId: id, value: { systemPresence: value ? "ON_QUEUE" : "OFFLINE" } },
      { facet: "conversations", agentId: id, media: "call", value: { active: value ? 1 : 0, acw: 0 } },
      { facet: "station", agentId: id, value: null }
    ]
  if (topic === "v2.routing.queues.{id}.users")
    return body.id === undefined ? [] : [{ facet: "member", queueId: id, userId: body.id, joined: value }]
  if (sessionId === undefined) return []
  const named = random.chance(0.8) ? { conversationId: conversationId ?? id } : {}
  if (topic.includes(".acd.") && queueId !== undefined)
    return [
      { facet: "sessionSeen", ...named, queueId, sessionId, value },
      { facet: "acdSession", conversationId: id, queueId, sessionId, value: { conversationId: id } }
    ]
  const agent = topic === "v2.detail.events.agent.{id}.state" ? id : userId
  if (agent === undefined) return []
  const came = queueId === undefined || random.chance(0.3) ? {} : { queueId }
  return [
    { facet: "sessionSeen", ...named, ...came, userId: agent, sessionId, value },
    { facet: "segment", userId: agent, ...came, sessionId, value: { state: value ? "INTERACT" : "WRAPUP", ...named } }
  ]
}

/** Snapshots of what the events of some lines are about, a little before or after them: some true, some false, some contradicting others. */
export const snapshotsAbout = (lines: ReadonlyArray<string>, random: SeededRandom): ReadonlyArray<string> =>
  lines.flatMap((line) => {
    const told = random.chance(0.15) ? toldBy(line) : undefined
    if (told === undefined) return []
    const [first, ...others] = statementsOf(told, random)
    if (first === undefined) return []
    return [JSON.stringify(snapshotOf(random.pick([first, ...others]), told.at + (random.int(7) - 3) * 20_000))]
  })
