import type { Reading } from "../board.ts"
import { count, duration } from "../view/numbers.ts"
import { useNow } from "./clock.ts"

/** A reading is late where it is older than two of them, ms at least. */
const LATE_MS = 15_000

/** Without events a stack says once a minute how far it has settled: whoever is behind by more has a delay. */
const BEHIND_MS = 120_000

interface Part {
  readonly key: string
  readonly name: string
  readonly value: string
  readonly note?: string
  readonly tone?: "warn" | "bad"
  readonly word?: string
}

const readPart = ({ readAt, everySeconds, by, problem }: Reading, now: number): Part => {
  const age = Math.max(0, now - readAt)
  const isLate = age > Math.max(LATE_MS, 2_000 * everySeconds)
  return {
    key: "read",
    name: by === "polling" ? "read" : "heard",
    value: readAt === 0 ? "not yet" : `${duration(age)} ago`,
    ...(problem !== undefined
      ? { tone: "bad", word: "reading fails", note: problem }
      : isLate
        ? { tone: "warn", word: "late", note: `every ${everySeconds} s` }
        : { note: by === "polling" ? `every ${everySeconds} s` : "from the change streams" })
  }
}

const settledPart = ({ settledThrough }: Reading, now: number): Part =>
  settledThrough === undefined
    ? { key: "settled", name: "settled", value: "–", note: "the stack has not said how far" }
    : {
        key: "settled",
        name: "settled through",
        value: `${duration(Math.max(0, now - settledThrough))} ago`,
        ...(now - settledThrough > BEHIND_MS ? { tone: "warn", word: "the stack is behind" } : {})
      }

const unitsPart = ({ unitsLastMinute, unitsAMinute }: Reading): Part => ({
  key: "units",
  name: "read units a minute",
  value: count(Math.round(unitsLastMinute)),
  note: `about ${count(unitsAMinute)} were stated`
})

/** How the wall of a deployed stack gets what it shows, and in a quiet line what it cannot show. */
export const ReadingStrip = ({ reading }: { readonly reading: Reading }) => {
  const now = useNow()
  const parts = [readPart(reading, now), settledPart(reading, now), unitsPart(reading)]
  return (
    <section
      class={`pipeline reading ${parts.some(({ word }) => word !== undefined) ? "wrong" : ""}`}
      aria-label="How this wall reads the stack"
    >
      {parts.map(({ key, name, value, note, tone, word }) => (
        <div key={key} class="part" data-part={key}>
          <p class="told">
            <span>{name}</span> <b class={tone === undefined ? "" : `tone-${tone}`}>{value}</b>
            {word !== undefined && <em class={`tone-${tone}`}>{word}</em>}
            {note !== undefined && <small>{note}</small>}
          </p>
        </div>
      ))}
      <p class="without">{reading.without}</p>
    </section>
  )
}
