import type { Delivery } from "../../src/simulator/wire.ts"

/** An event as the centre published it. `clock` is that of its body, or else its publication. */
export interface Published {
  readonly topic: string
  readonly at: number
  readonly clock: number
  readonly published: number
  readonly body: { readonly [field: string]: unknown }
}

export const parse = ({ line, at }: Delivery): Published => {
  const { "detail-type": topic, detail } = JSON.parse(line)
  const body = detail.eventBody
  const published = Date.parse(detail.timestamp)
  return { topic, at, body, published, clock: body.eventTime ?? body.currentStateStart ?? published }
}

/** A session of the centre: when it began, was over (`ended`) and was gone, wrap-up included (`gone`). */
export interface Session {
  readonly id: string
  readonly kind: "wait" | "user"
  readonly conversationId: string
  readonly queueId: string
  readonly userId: string | undefined
  readonly medium: string
  readonly began: number
  ended: number
  gone: number
}

const DETAIL = "v2.detail.events.conversation.{id}."
const STATE = "v2.detail.events.agent.{id}.state"
const SUMMARY = "v2.users.{id}.conversationsummary"

/** Every session of the day, from all that was published. */
export const sessionsOf = (all: ReadonlyArray<Published>): ReadonlyArray<Session> => {
  const sessions = new Map<string, Session>()
  for (const { topic, clock, body } of all) {
    if (topic !== `${DETAIL}acd.start` && topic !== `${DETAIL}user.start`) continue
    sessions.set(String(body.sessionId), {
      id: String(body.sessionId),
      kind: topic === `${DETAIL}acd.start` ? "wait" : "user",
      conversationId: String(body.conversationId),
      queueId: String(body.queueId),
      userId: body.userId === undefined ? undefined : String(body.userId),
      medium: String(body.mediaType),
      began: clock,
      ended: Number.POSITIVE_INFINITY,
      gone: Number.POSITIVE_INFINITY
    })
  }
  for (const { topic, clock, body } of all) {
    const session = sessions.get(String(body.sessionId))
    if (session === undefined) continue
    if (topic === `${DETAIL}acd.end`) session.ended = session.gone = clock
    if (topic === `${DETAIL}user.end`) session.ended = clock
    if (topic === STATE && body.currentState === "TERMINATED") session.gone = clock
  }
  return [...sessions.values()]
}

const LOADS: Readonly<Record<string, string>> = { VOICE: "call", CHAT: "chat", MESSAGE: "message" }

const isWithout = (body: Published["body"], medium: string): boolean => {
  const load = body[LOADS[medium] ?? ""] as Record<string, { active: number; acw: number }>
  return Object.values(load).every(({ active, acw }) => active === 0 && acw === 0)
}

const saysOffline = ({ topic, body }: Published): boolean => {
  if (topic === "v2.users.{id}.presence" && body.primary !== false)
    return (body.presenceDefinition as { systemPresence: string }).systemPresence === "OFFLINE"
  if (topic !== "v2.users.{id}.activity") return false
  const { presenceDefinition } = body.presence as { presenceDefinition: { systemPresence: string } }
  return presenceDefinition.systemPresence === "OFFLINE"
}

/**
 * When (epoch ms) the first event arrived that tells that a session is over; infinite where every one of them was lost. Of a wait: its
 * `acd.end`; the customer's end; that an agent of the queue was connected after it began. Of an agent's session: TERMINATED and `acw`;
 * `user.end`, unless wrap-up has begun; the customer's end, unless wrap-up has begun; the end of the wait without this agent, unless the
 * agent was seen connected; and of an agent who was seen connected, or never alerted, a summary without the medium, 5 s and more after
 * the last that was seen of the session; and that the agent logged off after that.
 */
export const toldAt = (session: Session, heard: ReturnType<typeof indexed>): number => {
  const { id, kind, conversationId, queueId, userId, medium, began, ended, gone } = session
  const own = heard.bySession.get(id) ?? []
  const conversation = heard.byConversation.get(conversationId) ?? []
  const customer = conversation.filter(({ topic }) => topic === `${DETAIL}customer.end`)
  const arrivals = (events: ReadonlyArray<Published>) => events.map(({ at }) => at)
  const first = (...times: ReadonlyArray<number>) => Math.max(kind === "wait" ? ended : gone, Math.min(...times))
  const isConnecting = ({ topic, body, clock }: Published) =>
    topic === STATE &&
    (body.currentState === "INTERACT" || body.currentState === "HOLD") &&
    body.queueId === queueId &&
    clock >= began
  if (kind === "wait")
    return first(
      ...arrivals(own.filter(({ topic }) => topic === `${DETAIL}acd.end`)),
      ...arrivals(customer),
      ...arrivals(conversation.filter(isConnecting))
    )
  const segments = own.filter(({ topic, body }) => topic === STATE && body.currentState !== "TERMINATED")
  const last = segments.reduce<Published | undefined>(
    (a, b) => (a !== undefined && a.clock > b.clock ? a : b),
    undefined
  )
  const state = last?.body.currentState
  const wrapsUp = state === "WRAPUP"
  const waits = conversation.filter(
    ({ topic, clock, body }) => topic === `${DETAIL}acd.end` && body.queueId === queueId && clock >= began
  )
  const wasConnected = own.some((event) => isConnecting(event)) || wrapsUp
  const starts = own.filter(({ topic }) => topic === `${DETAIL}user.start`)
  const seen = Math.max(
    0,
    ...[...segments, ...starts].map(({ clock }) => clock),
    ...waits.filter(({ body }) => body.answeredUserId === userId).map(({ clock }) => clock)
  )
  const agent = heard.byAgent.get(String(userId)) ?? []
  return first(
    ...arrivals(own.filter(({ topic, body }) => topic === `${DETAIL}acw` || body.currentState === "TERMINATED")),
    ...(wrapsUp ? [] : arrivals(own.filter(({ topic }) => topic === `${DETAIL}user.end`))),
    ...(wrapsUp ? [] : arrivals(customer)),
    ...(wasConnected ? [] : arrivals(waits.filter(({ body }) => body.answeredUserId !== userId))),
    ...(wasConnected
      ? arrivals(
          agent.filter(
            ({ topic, published, body }) => topic === SUMMARY && published > seen + 5_000 && isWithout(body, medium)
          )
        )
      : []),
    ...arrivals(agent.filter((event) => saysOffline(event) && event.clock > seen))
  )
}

/** Events as `toldAt` looks them up. */
export const indexed = (heard: ReadonlyArray<Published>) => {
  const by = (key: (event: Published) => unknown) => Map.groupBy(heard, (event) => String(key(event)))
  return {
    bySession: by(({ body }) => body.sessionId),
    byConversation: by(({ body }) => body.conversationId),
    byAgent: by(({ topic, body }) => (topic === SUMMARY ? body.userId : body.id))
  }
}
