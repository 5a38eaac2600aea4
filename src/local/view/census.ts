import type { AgentLine } from "../../wallboard/view/snapshot.ts"
import { rankOf, toneOf } from "../../wallboard/view/states.ts"
import { count, joinFitting, type Line, span } from "./text.ts"

/** How many agents are in each state, in the order in which a supervisor looks for them. */
const countStates = (agents: ReadonlyArray<AgentLine>): ReadonlyArray<readonly [state: string, agents: number]> => {
  const counts = new Map<string, number>()
  for (const { state } of agents) counts.set(state, (counts.get(state) ?? 0) + 1)
  return [...counts].sort(([a], [b]) => rankOf(a) - rankOf(b))
}

/** `12 Interacting`, `3 On Queue`, ...: one part a state, in that order. */
export const census = (agents: ReadonlyArray<AgentLine>): ReadonlyArray<Line> =>
  countStates(agents).map(([state, number]) => [span(`${count(number)} ${state}`, toneOf(state))])

/** The same in one line after a title. States that do not fit are counted together, so that the line adds up. */
export const censusLine = (title: Line, agents: ReadonlyArray<AgentLine>, width: number): Line =>
  joinFitting([title, ...census(agents)], "  ", width, (shown) => {
    const others = countStates(agents).slice(shown - 1)
    return [span(`${count(others.reduce((sum, [, number]) => sum + number, 0))} other`, "dim")]
  })
