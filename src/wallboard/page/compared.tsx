import type { Comparison } from "../view/comparison.ts"
import { count } from "../view/numbers.ts"
import { minuteOfDay, timeOfDay } from "./clock.ts"
import { percent, words } from "./words.ts"

const text = ({ figure }: Comparison, value: number): string =>
  figure === "Service level" ? percent(value) : count(value)

const Ours = ({ one }: { readonly one: Comparison }) => {
  const { ours, theirs, heardFrom } = one
  if (ours === undefined) return <td>–</td>
  return (
    <td>
      {text(one, ours)}
      {heardFrom !== undefined && <small> since {minuteOfDay(heardFrom)}</small>}
      {heardFrom === undefined && text(one, ours) !== text(one, theirs) && <em class="tone-warn"> differs</em>}
    </td>
  )
}

const MINUTE_MS = 60_000

/** What Genesys reports of a queue beside what is counted here; nothing where it reports none of it. */
export const Compared = ({ all }: { readonly all: ReadonlyArray<Comparison> }) => {
  if (all.length === 0) return null
  return (
    <table class="compared">
      <caption>Each medium by itself: counted here by event time, and as Genesys reports the same time</caption>
      <thead>
        <tr>
          <th scope="col">Figure</th>
          <th scope="col">Medium</th>
          <th scope="col">In the time</th>
          <th scope="col">Ours</th>
          <th scope="col">Theirs</th>
        </tr>
      </thead>
      <tbody>
        {all.map((one) => (
          <tr key={`${one.figure} ${one.media} ${one.from}`}>
            <th scope="row">{one.figure}</th>
            <td>{one.media === "all" ? "all together" : words(one.media)}</td>
            <td>
              {minuteOfDay(one.from)} to{" "}
              {one.until % MINUTE_MS === 0 ? minuteOfDay(one.until) : timeOfDay(one.until).slice(-12, -4)}
            </td>
            <Ours one={one} />
            <td>{text(one, one.theirs)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
