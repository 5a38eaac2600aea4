import type { ComponentChildren } from "preact"
import { useMemo, useState } from "preact/hooks"
import type { AlignedData } from "uplot"
import { count, duration, lag, rate } from "../../view/numbers.ts"
import type { Board, Sample } from "../board.ts"
import { Chart, type Curve } from "./chart.tsx"
import type { Theme } from "./theme.ts"

interface Figure {
  readonly name: string
  readonly value: string
  readonly note: string
  readonly tone?: string
  readonly curves: ReadonlyArray<Curve>
  readonly valuesOf: (samples: ReadonlyArray<Sample>) => ReadonlyArray<ReadonlyArray<number | null>>
  readonly format: (value: number) => string
}

/** Samples that make a minute. */
const MINUTE = 60

const inTheLastMinute = (samples: ReadonlyArray<Sample>): ReadonlyArray<number> =>
  samples.map(({ late }, i) => late - (samples[Math.max(0, i - MINUTE)]?.late ?? 0))

const seconds = (value: number) => `${(value / 1_000).toFixed(1)}s`

const lagNote = ({ figures }: Board): string =>
  figures.settleLag === undefined
    ? "nothing has settled yet"
    : `p50 · p99, whole run ${lag(figures.settleLag.p50)} · ${lag(figures.settleLag.p99)}`

const figuresOf = (board: Board): ReadonlyArray<Figure> => {
  const { counters, backlog, parked } = board.figures
  const last = board.samples.at(-1)
  const places = Object.entries(parked).map(([place, held]) => `${count(held)} in ${place}`)
  const held = Object.values(parked).reduce((sum, n) => sum + n, 0)
  return [
    {
      name: "Events a second",
      value: rate(counters.perSecond),
      note: `${count(counters.received)} received, ${count(backlog.stream + backlog.settleQueue)} in transit`,
      curves: [{ colour: "good", filled: true }],
      valuesOf: (samples) => [samples.map(({ perSecond }) => perSecond)],
      format: count
    },
    {
      name: "Settle lag",
      value: last?.p50 === undefined || last.p99 === undefined ? "–" : `${seconds(last.p50)} · ${seconds(last.p99)}`,
      note: lagNote(board),
      curves: [{ colour: "busy", filled: true }, { colour: "warn" }],
      valuesOf: (samples) => [samples.map(({ p50 }) => p50 ?? null), samples.map(({ p99 }) => p99 ?? null)],
      format: seconds
    },
    {
      name: "Late",
      value: count(counters.late),
      note: `${count(inTheLastMinute(board.samples).at(-1) ?? 0)} in the last minute, ${count(counters.revisions)} revised a row`,
      ...(counters.late > 0 ? { tone: "warn" } : {}),
      curves: [{ colour: "warn", filled: true }],
      valuesOf: (samples) => [inTheLastMinute(samples)],
      format: count
    },
    {
      name: "Parked",
      value: count(held),
      note: places.length === 0 ? `nothing waits, ${count(counters.quarantined)} quarantined` : places.join(", "),
      ...(held > 0 ? { tone: "bad" } : {}),
      curves: [{ colour: "bad", filled: true }],
      valuesOf: (samples) => [samples.map(({ parked }) => parked)],
      format: count
    }
  ]
}

const Tile = ({
  figure,
  samples,
  theme
}: {
  readonly figure: Figure
  readonly samples: ReadonlyArray<Sample>
  readonly theme: Theme
}) => {
  const [pointed, point] = useState<number | undefined>()
  // A figure is made anew with each message, and reads the samples alone.
  const data = useMemo<AlignedData>(
    () => [samples.map(({ at }) => at / 1_000), ...figure.valuesOf(samples)] as unknown as AlignedData,
    [samples]
  )
  const at = pointed === undefined ? undefined : samples[pointed]?.at
  const then: ComponentChildren =
    at === undefined
      ? figure.note
      : `${data
          .slice(1)
          .map((values) => (values?.[pointed ?? 0] == null ? "–" : figure.format(Number(values[pointed ?? 0]))))
          .join(" · ")}, ${duration((samples.at(-1)?.at ?? at) - at)} ago`
  return (
    <article class="figure">
      <h2>{figure.name}</h2>
      <p class={`value ${figure.tone === undefined ? "" : `tone-${figure.tone}`}`}>{figure.value}</p>
      <p class="note">{then}</p>
      <Chart
        data={data}
        curves={figure.curves}
        theme={theme}
        format={figure.format}
        label={`${figure.name} over the last minutes: now ${figure.value}`}
        onPoint={point}
      />
    </article>
  )
}

export const Figures = ({ board, theme }: { readonly board: Board; readonly theme: Theme }) => (
  <section class="figures" aria-label="Figures of the run">
    {figuresOf(board).map((figure) => (
      <Tile key={figure.name} figure={figure} samples={board.samples} theme={theme} />
    ))}
  </section>
)
