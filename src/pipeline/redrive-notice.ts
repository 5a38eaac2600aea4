import type { Source } from "../store/dead-letters.ts"
import type { Notice } from "../store/notices.ts"
import type { ParkReason } from "./redrive-lanes.ts"

/** How many letters of one queue were parked for one reason. */
export interface ParkedCount {
  readonly from: Source
  readonly reason: ParkReason
  readonly count: number
}

const queueNames: Readonly<Record<Source, string>> = {
  rule: "the rule's dead letters",
  settle: "the settle queue's dead letters"
}

const meanings: Readonly<Record<ParkReason, string>> = {
  NotAnEvent: "what came out of the queue is no event",
  NotASettlement: "what came out of the queue is no settle message",
  TooManyAttempts: "project gave it up each time that it was brought back",
  Refused: "the stream or queue that it belongs to will not take it"
}

const MAX_SUBJECT = 100

/** Tells people what was parked in a run: counts by queue and reason, and nothing of what is in it. */
export const parkedNotice = (stack: string, counts: ReadonlyArray<ParkedCount>): Notice => {
  const total = counts.reduce((sum, { count }) => sum + count, 0)
  const lines = counts.map(
    ({ from, reason, count }) => `- ${count} from ${queueNames[from]}: ${reason} (${meanings[reason]})`
  )
  return {
    subject: `${stack}: ${total} message${total === 1 ? " was" : "s were"} parked`.slice(-MAX_SUBJECT),
    text: [
      `Redrive of the stack ${stack} does not bring these back by itself any more:`,
      "",
      ...lines,
      "",
      "They are kept as they were in the quarantine bucket, under parked/. Look at them with the operator's command,",
      "mend what they trip over, and hand them back with it."
    ].join("\n")
  }
}
