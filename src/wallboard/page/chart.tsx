import { useEffect, useLayoutEffect, useRef } from "preact/hooks"
import uPlot, { type AlignedData } from "uplot"
import { SAMPLES } from "../board.ts"
import type { Theme } from "./theme.ts"

export interface Curve {
  /** The custom property of the style sheet that holds its colour. */
  readonly colour: string
  readonly filled?: boolean
}

interface ChartProps {
  /** Epoch seconds, then the values of each curve. */
  readonly data: AlignedData
  readonly curves: ReadonlyArray<Curve>
  readonly theme: Theme
  /** What is said of it to those who do not see it. */
  readonly label: string
  /** The values of an axis. */
  readonly format: (value: number) => string
  /** Takes the index of the sample that is pointed at; undefined when none is. */
  readonly onPoint: (index: number | undefined) => void
}

const HEIGHT = 64
const AXIS_WIDTH = 34
/** A run that has just begun shows at least so many seconds. */
const LEAST_S = 60

/** From zero to a little above the greatest, so that a flat line does not look like a storm. */
const rangeOf = (_: uPlot, __: number | null, most: number | null): [number, number] => [
  0,
  Math.max(1, (most ?? 1) * 1.15)
]

const optionsOf = (width: number, { curves, format }: ChartProps, point: ChartProps["onPoint"]): uPlot.Options => {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim()
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: { time: true, range: (_, first, last) => [last - Math.min(SAMPLES, Math.max(LEAST_S, last - first)), last] },
      y: { range: rangeOf }
    },
    axes: [
      { show: false },
      {
        size: AXIS_WIDTH,
        side: 1,
        stroke: colour("muted"),
        font: "11px system-ui, sans-serif",
        splits: (_, __, low, high) => [low, high / 1.15],
        values: (_, splits) => splits.map(format),
        grid: { stroke: colour("line"), width: 1 },
        ticks: { show: false }
      }
    ],
    series: [
      {},
      ...curves.map(
        (curve): uPlot.Series => ({
          stroke: colour(curve.colour),
          width: 2,
          points: { show: false },
          ...(curve.filled ? { fill: `color-mix(in srgb, ${colour(curve.colour)} 16%, transparent)` } : {})
        })
      )
    ],
    padding: [6, 0, 4, 2],
    hooks: { setCursor: [({ cursor }) => point(cursor.idx ?? undefined)] }
  }
}

/** The last minutes of a figure. It is drawn anew when the theme changes, for a canvas knows no style sheet. */
export const Chart = (props: ChartProps) => {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot>(undefined)
  const latest = useRef(props)
  latest.current = props

  // Drawn anew with the theme, whose colours are read once.
  useLayoutEffect(() => {
    const element = place.current
    if (element === null) return
    const made = new uPlot(
      optionsOf(element.clientWidth, latest.current, (index) => latest.current.onPoint(index)),
      latest.current.data,
      element
    )
    chart.current = made
    const observer = new ResizeObserver(() => {
      if (element.clientWidth !== made.width) made.setSize({ width: element.clientWidth, height: HEIGHT })
    })
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
    }
  }, [props.theme])

  useEffect(() => chart.current?.setData(props.data), [props.data])

  return <div class="chart" ref={place} role="img" aria-label={props.label} />
}
