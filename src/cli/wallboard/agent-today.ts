import { Effect } from "effect"
import { INTERVAL_MS, intervalOf } from "../../domain/interval.ts"
import { type AgentToday, agentTodayOf } from "../../wallboard/agent-today.ts"
import { makeCalendar } from "../../wallboard/today.ts"
import type { FailedRead } from "./failed-read.ts"
import type { Reads } from "./reads.ts"

/** The day of an agent is shown for so long before it is read again, ms: what was seen since then goes on from it. */
export const AGENT_DAY_EVERY_MS = 15_000

/** Agents whose days are remembered at once. */
const MOST_REMEMBERED = 50

/** Reads the day of an agent, by a time zone, from the rows of `agent-intervals`: when somebody opens it. `now` is epoch ms. */
export const makeAgentDays = (reads: Reads, now: () => number, timeZone: string) => {
  const held = new Map<string, { readonly at: number; readonly today: AgentToday }>()
  const calendar = makeCalendar(now, timeZone, () => held.clear())
  const read = Effect.fnUntraced(function* (agentId: string) {
    const { since } = calendar.turn()
    const from = yield* reads.agentIntervals
    const at = now()
    const { rows, earlier } = yield* reads.agentRows(from, agentId, [since, intervalOf(at) + INTERVAL_MS])
    return { at, today: agentTodayOf([...earlier, ...rows], since, at) }
  })
  return {
    /** When the day began, epoch ms. */
    since: () => calendar.turn().since,
    of: (agentId: string): Effect.Effect<AgentToday, FailedRead> =>
      Effect.gen(function* () {
        calendar.turn()
        const known = held.get(agentId)
        if (known !== undefined && now() - known.at < AGENT_DAY_EVERY_MS) return known.today
        const next = yield* read(agentId)
        if (held.size >= MOST_REMEMBERED) held.clear()
        held.set(agentId, next)
        return next.today
      })
  }
}

export type AgentDays = ReturnType<typeof makeAgentDays>
