import type { Quarter } from "../view/day-figures.ts"
import { count } from "../view/numbers.ts"
import { minuteOfDay } from "./clock.ts"
import type { Row } from "./explained.tsx"
import { type Comparison, comparisons } from "./reported.ts"
import { percent, words } from "./words.ts"

const text = ({ figure }: Comparison, value: number | undefined): string =>
  value === undefined ? "–" : figure === "Service level" ? percent(value) : count(value)

/** What Genesys reports of a queue beside what is counted here; nothing where it reports none of it. */
export const Compared = ({
  rows,
  quarters
}: {
  readonly rows: ReadonlyArray<Row>
  readonly quarters: ReadonlyArray<Quarter>
}) => {
  const all = comparisons(rows, quarters)
  if (all.length === 0) return null
  return (
    <table class="compared">
      <caption>As counted here by event time, all media, and as Genesys reports</caption>
      <thead>
        <tr>
          <th scope="col">Figure</th>
          <th scope="col">In the time</th>
          <th scope="col">Ours</th>
          <th scope="col">Theirs</th>
        </tr>
      </thead>
      <tbody>
        {all.map((one) => (
          <tr key={`${one.figure} ${one.media} ${one.from}`}>
            <th scope="row">{one.figure}</th>
            <td>
              {minuteOfDay(one.from)} to {minuteOfDay(one.to)}
            </td>
            <td>{text(one, one.ours)}</td>
            <td>
              {text(one, one.theirs)} ({words(one.media)})
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
