import { agentIntervals } from "../../projections/agent-intervals.ts"
import { projections } from "../../projections/index.ts"

/** What a stack folds whose settings say nothing of it: all that is listed, without what only a setting adds. */
export const delivered = projections.filter(({ name }) => name !== agentIntervals.name)
