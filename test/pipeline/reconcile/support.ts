import { Result } from "effect"
import { agents } from "../../../projections/agents.ts"
import { conversations } from "../../../projections/conversations.ts"
import { queues } from "../../../projections/queues.ts"
import { decodeParsed } from "../../../src/genesys/decoder.ts"
import type { Event } from "../../../src/genesys/event.ts"
import type { Statement } from "../../../src/genesys/snapshot.ts"
import type { AgentAnswer, Compared, Counts, Held, QueueAnswer, Told } from "../../../src/pipeline/reconcile/answers.ts"
import { AGE_MS, compareAgent as agentOf, compareQueue as queueOf } from "../../../src/pipeline/reconcile/compare.ts"
import { foldInOrder } from "../../../src/testing/fold.ts"
import { event, noon } from "../../projections/support.ts"
import { snapshotOf } from "../../support/snapshots.ts"

export { AGENT, event, iso, noon, QUEUE } from "../../projections/support.ts"

export const CALL = "c1"
/** When the API is asked, in ms after noon; everything that events tell has then been for a while. */
export const ASKED = 600_000
export const asked = noon + ASKED
/** As of when what the answer does not date is stated. */
export const STATED = ASKED - AGE_MS

/** The rows of an agent or a queue after some events, read so long after the question that events have told everything. */
export const heldBy = (
  entity: string,
  events: ReadonlyArray<Event>,
  { read = asked + 60_000, heard }: { readonly read?: number; readonly heard?: number } = {}
): Held => {
  const rowsOf = (folded: ReturnType<typeof foldInOrder>) =>
    [...folded.values()].flatMap((one) =>
      one.entity === entity && one.registers.size > 0 ? [[one.row, one.registers] as const] : []
    )
  const all = [
    ...rowsOf(foldInOrder([agents, conversations], events)),
    ...rowsOf(foldInOrder([queues, agents, conversations], events))
  ]
  return { rows: new Map(all), read, ...(heard === undefined ? {} : { heard }) }
}

/** Statements as the events that are sent. */
export const sent = (statements: ReadonlyArray<Statement>, when = asked): ReadonlyArray<Event> =>
  statements.map(({ facet, at }) => Result.getOrThrow(decodeParsed(snapshotOf(facet, at), when + 1_000)))

const detail = (topic: string, sessionId: string, at: number, more: object) =>
  event(
    `v2.detail.events.conversation.{id}.${topic}`,
    CALL,
    { eventTime: noon + at, sessionId, mediaType: "VOICE", ...more },
    at + 80
  )

/** Events of one call; times are ms after noon. */
export const call = {
  waits: (at: number, queueId: string, sessionId = "a1") => detail("acd.start", sessionId, at, { queueId }),
  answered: (at: number, queueId: string) => detail("acd.end", "a1", at, { queueId, acdOutcome: "ANSWERED" }),
  starts: (at: number, userId: string, queueId: string) => detail("user.start", "s1", at, { userId, queueId }),
  ends: (at: number, userId: string, queueId: string) => detail("user.end", "s1", at, { userId, queueId }),
  segment: (currentState: string, at: number, userId: string, queueId: string) =>
    event(
      "v2.detail.events.agent.{id}.state",
      userId,
      {
        conversationId: CALL,
        sessionId: "s1",
        currentState,
        currentStateStart: noon + at,
        mediaType: "VOICE",
        queueId
      },
      at + 90
    )
}

const withMissing = (counts: Counts, missing: Compared["missing"], as: Told): Counts => {
  const sum: { [facet: string]: number } = { ...counts }
  for (const { told, statement } of missing)
    if (told === as) sum[statement.facet.facet] = (sum[statement.facet.facet] ?? 0) + 1
  return sum
}

/** All that an answer says in the end: what is sent at once, and what is said to be over once the sweep is whole. */
const everything = ({ statements, corrected, early, missing, known }: Compared): Compared => ({
  statements: [...statements, ...missing.map(({ statement }) => statement)],
  corrected: withMissing(corrected, missing, "corrected"),
  early: withMissing(early, missing, "early"),
  missing,
  known
})

export const compareAgent = (answer: AgentAnswer, held: Held): Compared => everything(agentOf(answer, held))
export const compareQueue = (answer: QueueAnswer, held: Held): Compared => everything(queueOf(answer, held))
