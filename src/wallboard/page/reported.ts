import type { Quarter } from "../view/day-figures.ts"

/** A row of the answer, as far as it matters here. */
interface Reported {
  readonly row: string
  readonly fields: ReadonlyArray<{ readonly column: string; readonly value: unknown }>
}

/** A figure that Genesys reports of a medium in an interval, epoch ms, and ours in the same time over all media. */
export interface Comparison {
  readonly figure: string
  readonly media: string
  readonly from: number
  readonly to: number
  readonly theirs: number
  readonly ours?: number
}

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {}

interface Sums {
  readonly offered: number
  readonly answered: number
  readonly abandoned: number
  readonly level?: number
}

/** Ours from a time until another; undefined where a quarter of it is missing. */
const oursIn = (quarters: ReadonlyArray<Quarter>, from: number, to: number): Sums | undefined => {
  const within = quarters.filter((quarter) => quarter.from >= from && quarter.from < to)
  if (within.length === 0 || within[0]?.from !== from) return undefined
  const total = (name: "offered" | "answered" | "abandoned" | "answeredInTime" | "judged") =>
    within.reduce((sum, quarter) => sum + quarter[name], 0)
  const judged = total("judged")
  return {
    offered: total("offered"),
    answered: total("answered"),
    abandoned: total("abandoned"),
    ...(judged === 0 ? {} : { level: total("answeredInTime") / judged })
  }
}

const FIGURES: ReadonlyArray<readonly [metric: string, figure: string, stat: string, ours: keyof Sums]> = [
  ["nOffered", "Offered", "count", "offered"],
  ["tAnswered", "Answered", "count", "answered"],
  ["tAbandon", "Abandoned", "count", "abandoned"],
  ["oServiceLevel", "Service level", "ratio", "level"]
]

/** What Genesys reports of a queue beside what is counted here, for the figures that both have. */
export const comparisons = (
  rows: ReadonlyArray<Reported>,
  quarters: ReadonlyArray<Quarter>
): ReadonlyArray<Comparison> =>
  rows
    .filter(({ row }) => row.startsWith("observation#"))
    .flatMap(({ fields }) => {
      const valueOf = (name: string) => fields.find(({ column }) => column === name)?.value
      const metrics = fieldsOf(valueOf("metrics"))
      return FIGURES.flatMap(([metric, figure, stat, name]) => {
        const { stats, interval } = fieldsOf(Object.hasOwn(metrics, metric) ? metrics[metric] : undefined)
        const [theirs, times] = [fieldsOf(stats)[stat], fieldsOf(interval)]
        const [from, to] = [Date.parse(String(times.from)), Date.parse(String(times.to))]
        if (typeof theirs !== "number" || !Number.isFinite(from) || !Number.isFinite(to)) return []
        const ours = oursIn(quarters, from, to)?.[name]
        return [{ figure, media: String(valueOf("media")), from, to, theirs, ...(ours === undefined ? {} : { ours }) }]
      })
    })
