import { useMemo, useState } from "preact/hooks"
import type { AlignedData } from "uplot"
import type { Board, Sample } from "../board.ts"
import { count, duration, rate } from "../view/numbers.ts"
import { Chart, type Curve } from "./chart.tsx"
import { type Strip, seconds, stripOf } from "./health.ts"
import { ReadingStrip } from "./reading.tsx"
import type { Theme } from "./theme.ts"
import { show } from "./view.ts"

interface Drawn {
  readonly curves: ReadonlyArray<Curve>
  readonly valuesOf: (samples: ReadonlyArray<Sample>) => ReadonlyArray<ReadonlyArray<number | null>>
  readonly format: (value: number) => string
}

/** Samples that make a minute. */
const MINUTE = 60

const inTheLastMinute = (samples: ReadonlyArray<Sample>): ReadonlyArray<number> =>
  samples.map(({ late }, i) => late - (samples[Math.max(0, i - MINUTE)]?.late ?? 0))

const drawn: Readonly<Record<Strip["key"], Drawn>> = {
  rate: {
    curves: [{ colour: "good", filled: true }],
    valuesOf: (samples) => [samples.map(({ perSecond }) => perSecond)],
    format: rate
  },
  lag: {
    curves: [{ colour: "busy", filled: true }, { colour: "warn" }],
    valuesOf: (samples) => [samples.map(({ p50 }) => p50 ?? null), samples.map(({ p99 }) => p99 ?? null)],
    format: seconds
  },
  late: {
    curves: [{ colour: "warn", filled: true }],
    valuesOf: (samples) => [inTheLastMinute(samples)],
    format: count
  },
  held: {
    curves: [{ colour: "bad", filled: true }],
    valuesOf: (samples) => [samples.map(({ parked }) => parked)],
    format: count
  }
}

interface PartProps {
  readonly part: Strip
  readonly samples: ReadonlyArray<Sample>
  readonly theme: Theme
}

const Curves = ({ part, samples, theme }: PartProps) => {
  const [pointed, point] = useState<number | undefined>()
  const { curves, valuesOf, format } = drawn[part.key]
  const data = useMemo<AlignedData>(
    () => [samples.map(({ at }) => at / 1_000), ...valuesOf(samples)] as unknown as AlignedData,
    [samples]
  )
  const at = pointed === undefined ? undefined : samples[pointed]?.at
  const then = data
    .slice(1)
    .map((values) => (values?.[pointed ?? 0] == null ? "–" : format(Number(values[pointed ?? 0]))))
    .join(" · ")
  return (
    <>
      <Chart
        data={data}
        curves={curves}
        theme={theme}
        format={format}
        label={`${part.name} over the last minutes: now ${part.value}`}
        onPoint={point}
      />
      <p class="note">{at === undefined ? part.note : `${then}, ${duration((samples.at(-1)?.at ?? at) - at)} ago`}</p>
    </>
  )
}

/** How the pipeline does: one line, which grows and says a word where something is wrong. */
export const Pipeline = ({
  board,
  theme,
  curves
}: {
  readonly board: Board
  readonly theme: Theme
  readonly curves: boolean
}) => {
  if (board.figures.reading !== undefined) return <ReadingStrip reading={board.figures.reading} />
  const parts = stripOf(board)
  const isWrong = parts.some(({ word }) => word !== undefined)
  return (
    <section class={`pipeline ${isWrong ? "wrong" : ""} ${curves ? "open" : ""}`} aria-label="The pipeline">
      {parts.map((part) => (
        <div key={part.key} class="part" data-part={part.key}>
          <p class="told">
            <span>{part.name}</span> <b class={part.tone === undefined ? "" : `tone-${part.tone}`}>{part.value}</b>
            {part.word !== undefined && <em class={`tone-${part.tone}`}>{part.word}</em>}
            {(part.word !== undefined || part.isTold) && !curves && <small>{part.note}</small>}
          </p>
          {curves && <Curves part={part} samples={board.samples} theme={theme} />}
        </div>
      ))}
      <button type="button" class="plain" aria-expanded={curves} onClick={() => show({ curves: !curves })}>
        {curves ? "Hide curves" : "Curves"}
      </button>
    </section>
  )
}
