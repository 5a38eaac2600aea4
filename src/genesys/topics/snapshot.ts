import { flag, number, object, type ReadOf, text, time } from "../body.ts"
import type { Facet, UserState } from "../event.ts"
import { invented } from "../example.ts"
import { parseTime } from "../time.ts"
import { defineTopic, present } from "../topic.ts"
import { direction, mediaType, routingStatusWord, segmentState, userState } from "../words.ts"
import { presenceDefinition, presenceValue, routingStatusValue } from "./facets.ts"

// What the platform's API says, as events: `snapshotEvent` makes them, one facet each.

/** Who sends snapshots: no partner source has this name. */
export const SNAPSHOT_SOURCE = "genesys-cloud-projections.snapshot"

const PUBLICATION =
  "When that began is the publication; where the API does not say when, it is the time at which it was asked."

const session = { sessionId: text, conversationId: text, mediaType, direction }
const seen = { sessionId: text, conversationId: text, listed: flag }

const seenFacet = (
  named: { readonly userId?: string; readonly queueId?: string | undefined },
  { sessionId, conversationId, listed }: ReadOf<ReturnType<typeof object<typeof seen>>>
) =>
  sessionId && typeof listed === "boolean"
    ? ({ facet: "sessionSeen", ...present({ conversationId, ...named }), sessionId, value: listed } as const)
    : undefined

const isUserState = (word: string | undefined): word is UserState =>
  word !== undefined && (userState.words as ReadonlyArray<string>).includes(word)

const isCount = (count: number | undefined): count is number =>
  count === undefined || (Number.isInteger(count) && count >= 0)

const agentBody = object({
  presence: presenceDefinition,
  routingStatus: routingStatusWord,
  outOfOffice: flag,
  station: object({ id: text, name: text }),
  userState,
  conversations: object({ media: text, active: number, acw: number, enterpriseActive: number, enterpriseAcw: number }),
  session: object({ ...session, queueId: text, currentState: segmentState, sessionStart: time }),
  seen: object({ ...seen, queueId: text })
})

/** What each field of the body states; a field that is absent, or lacks what it must have, states nothing. */
const agentFacets = (agentId: string, body: ReadOf<typeof agentBody>): ReadonlyArray<Facet | undefined> => {
  const { outOfOffice, station, conversations, session } = body
  const presence = presenceValue(body.presence)
  const routingStatus = routingStatusValue(body.routingStatus)
  const { media, ...load } = conversations ?? {}
  return [
    presence && { facet: "presence", agentId, value: presence },
    routingStatus === undefined ? undefined : { facet: "routingStatus", agentId, value: routingStatus },
    typeof outOfOffice === "boolean" ? { facet: "outOfOffice", agentId, value: outOfOffice } : undefined,
    station && {
      facet: "station",
      agentId,
      value: station.id ? { id: station.id, ...present({ name: station.name }) } : null
    },
    isUserState(body.userState) ? { facet: "userState", agentId, value: body.userState } : undefined,
    // No medium has that name, and a column of counts by medium would lose it.
    media && media !== "__proto__" && Object.values(load).every(isCount)
      ? { facet: "conversations", agentId, media, value: present(load) }
      : undefined,
    session?.sessionId && session.currentState
      ? {
          facet: "segment",
          userId: agentId,
          ...present({ queueId: session.queueId }),
          sessionId: session.sessionId,
          value: {
            state: session.currentState,
            ...present({
              conversationId: session.conversationId,
              mediaType: session.mediaType,
              direction: session.direction,
              sessionStart: parseTime(session.sessionStart)
            })
          }
        }
      : undefined,
    body.seen && seenFacet({ userId: agentId, queueId: body.seen.queueId }, body.seen)
  ]
}

const stated = (facets: ReadonlyArray<Facet | undefined>): ReadonlyArray<Facet> =>
  facets.filter((facet) => facet !== undefined)

const agents = defineTopic({
  template: "snapshot.agents.{id}",
  meaning: `What the platform's API says of an agent, one facet an event: \`reconcile\` sends it where the rows said something else, or nothing. ${PUBLICATION} A station without \`id\` is none. \`seen\` says of a session whether a complete answer lists it.`,
  body: agentBody,
  clocks: {
    presence: null,
    routingStatus: null,
    outOfOffice: null,
    station: null,
    userState: null,
    conversations: null,
    segment: null,
    sessionSeen: null
  },
  facets: ({ subject, body }) => stated(agentFacets(subject, body)),
  example: {
    ids: [invented.agent],
    published: "2026-05-06T10:00:09.641Z",
    source: SNAPSHOT_SOURCE,
    body: {
      session: {
        sessionId: invented.agentSession,
        conversationId: invented.conversation,
        queueId: invented.queue,
        mediaType: "VOICE",
        currentState: "INTERACT"
      }
    }
  }
})

const queueBody = object({ member: object({ userId: text, joined: flag }), wait: object(session), seen: object(seen) })

const queueFacets = (queueId: string, body: ReadOf<typeof queueBody>): ReadonlyArray<Facet | undefined> => {
  const { member, wait } = body
  return [
    member?.userId && typeof member.joined === "boolean"
      ? { facet: "member", queueId, userId: member.userId, joined: member.joined }
      : undefined,
    wait?.sessionId && wait.conversationId
      ? {
          facet: "acdSession",
          conversationId: wait.conversationId,
          queueId,
          sessionId: wait.sessionId,
          value: {
            conversationId: wait.conversationId,
            ...present({ mediaType: wait.mediaType, direction: wait.direction })
          }
        }
      : undefined,
    body.seen && seenFacet({ queueId }, body.seen)
  ]
}

const queues = defineTopic({
  template: "snapshot.queues.{id}",
  meaning: `What the platform's API says of a queue, one facet an event: a member, a session that waits, or whether a complete answer still lists a session. ${PUBLICATION}`,
  body: queueBody,
  clocks: { member: null, acdSession: null, sessionSeen: null },
  facets: ({ subject, body }) => stated(queueFacets(subject, body)),
  example: {
    ids: [invented.queue],
    published: "2026-05-06T10:00:00.090Z",
    source: SNAPSHOT_SOURCE,
    body: {
      wait: { sessionId: invented.acdSession, conversationId: invented.conversation, mediaType: "VOICE" }
    }
  }
})

/** What the platform's API says, by what it is about. */
export const snapshots = { agents, queues } as const

export const snapshotTopics = [agents, queues] as const
