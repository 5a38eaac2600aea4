import { queues } from "../../../projections/queues.ts"
import type { Columns } from "../../../src/domain/projection.ts"
import type { Event } from "../../../src/genesys/event.ts"
import type { Waiting } from "../../../src/genesys-api/organisation.ts"
import type { QueueAnswer } from "../../../src/pipeline/reconcile/answers.ts"
import { AGENT, asked, CALL, compareQueue, event, heldBy, noon, QUEUE, sent } from "./support.ts"

export const OTHER_QUEUE = "another-queue"
export const member = (joined: boolean, at: number, userId = AGENT) =>
  event("v2.routing.queues.{id}.users", QUEUE, { id: userId, joined }, at)
export const listing = (items: ReadonlyArray<{ userId: string; joined: boolean }>, complete = true): QueueAnswer => ({
  queueId: QUEUE,
  members: { asked, said: { complete, items } }
})
export const waiting = (
  all: ReadonlyArray<Waiting>,
  { complete = true, alerting = [] }: { complete?: boolean; alerting?: ReadonlyArray<Waiting> } = {}
): QueueAnswer => ({ queueId: QUEUE, waits: { asked, said: { complete, waiting: all, alerting } } })
export const wait = (more: Partial<Waiting> = {}): Waiting => ({
  conversationId: CALL,
  sessionId: "a1",
  since: noon + 1_000,
  mediaType: "VOICE",
  ...more
})

export const compared = (answer: QueueAnswer, events: ReadonlyArray<Event>, when: Parameters<typeof heldBy>[2] = {}) =>
  compareQueue(answer, heldBy(QUEUE, events, when))
export const stated = (answer: QueueAnswer, ...events: ReadonlyArray<Event>) =>
  compared(answer, events).statements.map(({ facet, at }) => [
    facet.facet === "member" ? facet.joined : facet.facet === "sessionSeen" ? facet.value : facet.facet,
    at - noon
  ])
export const healed = (answer: QueueAnswer, row: string, ...events: ReadonlyArray<Event>): Columns => {
  const { rows } = heldBy(QUEUE, [...events, ...sent(compared(answer, events).statements)])
  return queues.view(row, rows.get(row) ?? new Map())
}
