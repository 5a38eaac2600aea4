import type { QueueFigures } from "../../../projections/queue-figures.ts"

/** What happened in a queue, and of its waits those that count towards the service level. */
export interface DayFigures extends QueueFigures {
  readonly judged: number
}

/** What an agent did today, over all queues. */
export type AgentFigures = Pick<QueueFigures, "handled" | "notAnswered" | "transferred" | "averageHandleMs">

/** A quarter of an hour that has begun, epoch ms, and what happened in it. */
export interface Quarter extends DayFigures {
  readonly from: number
}
