import { agentIntervals } from "./agent-intervals.ts"
import { agents } from "./agents.ts"
import { conversations } from "./conversations.ts"
import { queueIntervals } from "./queue-intervals.ts"
import { queues } from "./queues.ts"

/** Everything that is folded. A line here is all that a new projection needs besides its own file. */
export const projections = [agents, queues, conversations, queueIntervals, agentIntervals] as const
