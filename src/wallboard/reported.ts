import { figuresOf, type ServiceLevelRule } from "../../projections/queue-figures.ts"
import { intervalOf } from "../domain/interval.ts"
import type { Columns } from "../domain/projection.ts"
import type { Comparison } from "./view/comparison.ts"

/** A row of a queue, as far as it matters here. */
interface Reported {
  readonly row: string
  readonly fields: ReadonlyArray<{ readonly column: string; readonly value?: unknown }>
}

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {}

/** What Genesys writes where it means all media. */
const ALL_MEDIA = "all"

const isAfter = (time: unknown, at: number): boolean => typeof time === "string" && Date.parse(time) > at

/** A row of `queue-intervals` as it was at a time; none where nothing of it had happened. */
const asOf = (row: Columns, at: number): ReadonlyArray<Columns> => {
  const { offeredAt, endedAt } = row
  if (isAfter(offeredAt ?? endedAt, at)) return []
  if (!isAfter(endedAt, at)) return [row]
  const { endedAt: _, ...before } = row
  return [before]
}

/** The figures that both have: what Genesys calls the metric, which of its stats, and ours of the same. */
const FIGURES: ReadonlyArray<
  readonly [
    metric: string,
    name: Comparison["figure"],
    stat: string,
    ours: "offered" | "answered" | "abandoned" | "serviceLevel"
  ]
> = [
  ["nOffered", "Offered", "count", "offered"],
  ["tAnswered", "Answered", "count", "answered"],
  ["tAbandon", "Abandoned", "count", "abandoned"],
  ["oServiceLevel", "Service level", "ratio", "serviceLevel"]
]

/**
 * What Genesys reports of a queue beside what is counted here, of the same medium, in the same time, and as it was when Genesys counted.
 * `day` are the rows of `queue-intervals` since a time (epoch ms): what began before stands alone. `heardFrom`: since when events are heard.
 */
export const comparisons = (
  rows: ReadonlyArray<Reported>,
  day: ReadonlyArray<Columns>,
  since: number,
  rule: ServiceLevelRule,
  heardFrom = since
): ReadonlyArray<Comparison> => {
  const oursOf = (media: string, from: number, to: number, at: number) => {
    if (from < since || intervalOf(from) !== from || intervalOf(to) !== to) return undefined
    const within = day.filter(({ interval, mediaType }) => {
      const began = Date.parse(String(interval))
      return began >= from && began < to && (media === ALL_MEDIA || String(mediaType).toLowerCase() === media)
    })
    // The last millisecond of the time is as late as Genesys can have counted.
    const known = at >= to - 1 ? within : within.flatMap((row) => asOf(row, at))
    return figuresOf(known, rule)
  }
  return rows
    .filter(({ row }) => row.startsWith("observation#"))
    .flatMap(({ fields }) => {
      const valueOf = (name: string) => fields.find(({ column }) => column === name)?.value
      const [metrics, media] = [fieldsOf(valueOf("metrics")), String(valueOf("media"))]
      return FIGURES.flatMap(([metric, figure, stat, name]): ReadonlyArray<Comparison> => {
        const { stats, interval, at } = fieldsOf(Object.hasOwn(metrics, metric) ? metrics[metric] : undefined)
        const [theirs, times] = [fieldsOf(stats)[stat], fieldsOf(interval)]
        const [from, to, counted] = [times.from, times.to, at].map((time) => Date.parse(String(time))) as [
          number,
          number,
          number
        ]
        if (typeof theirs !== "number" || ![from, to, counted].every(Number.isFinite)) return []
        const ours = oursOf(media, from, to, counted)?.[name]
        const until = counted >= to - 1 ? to : counted
        const isPart = ours !== undefined && from < heardFrom
        return [
          {
            figure,
            media,
            from,
            until,
            theirs,
            ...(ours === undefined ? {} : { ours }),
            ...(isPart ? { heardFrom } : {})
          }
        ]
      })
    })
}
