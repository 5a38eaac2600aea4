import type { QueueFigures } from "../../../projections/queue-figures.ts"

/** What happened in a queue, and of its waits those that count towards the service level. */
export interface DayFigures extends QueueFigures {
  readonly judged: number
}

/** What an agent did today, over all queues. How long talk and hold were is told by the stack that counts agents' time. */
export interface AgentFigures
  extends Pick<QueueFigures, "handled" | "notAnswered" | "transferred" | "averageHandleMs"> {
  readonly talkMs?: number
  readonly heldMs?: number
}

/** A quarter of an hour that has begun, epoch ms, and what happened in it. */
export interface Quarter extends DayFigures {
  readonly from: number
}
