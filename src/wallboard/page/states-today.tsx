import type { AgentDay } from "../agent-day.ts"
import type { AgentFigures } from "../view/day-figures.ts"
import { count, duration } from "../view/numbers.ts"
import { toneOf } from "../view/states.ts"
import { minuteOfDay, useNow } from "./clock.ts"
import { bandsOf, beginOf, cut, timesOf } from "./spans.ts"
import { percent } from "./words.ts"

/** No time that somebody works, or none that is known: it is no part of what the shares are of. */
const AWAY: ReadonlySet<string> = new Set(["Offline", "Unknown"])

/** How long an agent was in each state, to the second, and which share of the time that the agent was logged on. */
export const StatesToday = ({ day }: { readonly day: AgentDay }) => {
  const until = useNow()
  const from = beginOf(day, until)
  const times = timesOf(cut(bandsOf(day.states, until), from))
  const worked = times.reduce((sum, [state, ms]) => (AWAY.has(state) ? sum : sum + ms), 0)
  if (times.length === 0) return null
  return (
    <table class="in-states">
      <caption>Time in each state since {minuteOfDay(from)}</caption>
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col">Time</th>
          <th scope="col" colSpan={2}>
            Share of the time logged on
          </th>
        </tr>
      </thead>
      <tbody>
        {times.map(([state, ms]) => {
          const share = AWAY.has(state) || worked === 0 ? undefined : ms / worked
          return (
            <tr key={state}>
              <th scope="row" class={`tone-${toneOf(state)}`}>
                {state}
              </th>
              <td>{duration(ms)}</td>
              <td>{share === undefined ? "–" : percent(share)}</td>
              <td class="share">
                <svg width="100%" height="10" aria-hidden="true">
                  <rect class={`shape-${toneOf(state)}`} width={`${(share ?? 0) * 100}%`} height="10" />
                </svg>
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

/** What an agent has handled today. */
export const HandledToday = ({ today }: { readonly today: AgentFigures }) => {
  const { handled, notAnswered, transferred, talkMs, heldMs, averageHandleMs } = today
  const figures: ReadonlyArray<readonly [label: string, value: string | undefined]> = [
    ["Handled", count(handled)],
    ["Not answered", count(notAnswered)],
    ["Transferred", count(transferred)],
    ["Talk", talkMs === undefined ? undefined : duration(talkMs)],
    ["Hold", heldMs === undefined ? undefined : duration(heldMs)],
    ["Handle time on average", averageHandleMs === undefined ? undefined : duration(averageHandleMs)]
  ]
  return (
    <dl class="handled">
      {figures.map(
        ([label, value]) =>
          value !== undefined && (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          )
      )}
    </dl>
  )
}
