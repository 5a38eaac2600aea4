import type { AgentLine } from "./snapshot.ts"
import { rankOf, toneOf } from "./states.ts"
import { count, type Line, span } from "./text.ts"

/** `12 Interacting`, `3 On Queue`, ...: one part a state, in the same order. */
export const census = (agents: ReadonlyArray<AgentLine>): ReadonlyArray<Line> => {
  const counts = new Map<string, number>()
  for (const { state } of agents) counts.set(state, (counts.get(state) ?? 0) + 1)
  return [...counts]
    .sort(([a], [b]) => rankOf(a) - rankOf(b))
    .map(([state, number]) => [span(`${count(number)} ${state}`, toneOf(state))])
}
