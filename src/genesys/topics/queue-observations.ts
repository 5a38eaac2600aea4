import { list, names, object, raw, text } from "../body.ts"
import type { Facet, Interval } from "../event.ts"
import { invented } from "../example.ts"
import { parseTime } from "../time.ts"
import { isObject } from "../tolerant.ts"
import { defineTopic, timed } from "../topic.ts"
import { lowerMediaType, observedMetric } from "../words.ts"
import { mediaName } from "./facets.ts"

const numbers = (stats: unknown): { readonly [stat: string]: number } | undefined => {
  if (!isObject(stats)) return undefined
  const kept: { [stat: string]: number } = {}
  let some = false
  for (const stat in stats) {
    const value = stats[stat]
    // A number by that name would vanish into the prototype here, or in whoever copies the stats.
    if (typeof value !== "number" || stat === "__proto__") continue
    kept[stat] = value
    some = true
  }
  return some ? kept : undefined
}

const intervalOf = (text: string | undefined): Interval | undefined => {
  if (text === undefined) return undefined
  const slash = text.indexOf("/")
  if (slash < 0) return undefined
  const start = parseTime(text.slice(0, slash))
  const end = parseTime(text.slice(slash + 1))
  return start === undefined || end === undefined || end < start ? undefined : { start, end }
}

/**
 * An observation is made at an instant (`t/t`), which is its clock. An aggregate is published again and again while its interval lasts,
 * and corrected afterwards. Its clock is the publication, held inside the interval: so a later state of one interval wins, and a
 * correction of an interval that is over loses to all that the next one states. The end itself is the next interval's, and as a clock
 * of a current aggregate it would lie ahead.
 */
const clockOf = ({ start, end }: Interval, published: number): number => Math.max(start, Math.min(published, end - 1))

/** Numbers that a metric may carry. */
const STATS = "count countNegative countPositive current denominator max min numerator p95 p99 ratio sum target"

export const queueObservations = defineTopic({
  template: "v2.analytics.queues.{id}.observations",
  meaning:
    "A queue's numbers as they change: each event lists only the metrics that did. An observation is of an instant (`t/t`); an aggregate is of an interval, and its clock is the publication held inside of it.",
  body: object({
    group: object({ mediaType: lowerMediaType }, names("queueId")),
    data: list(
      object({
        interval: text,
        metrics: list(object({ metric: observedMetric, qualifier: text, stats: raw(object({}, names(STATS))) }))
      })
    )
  }),
  clocks: { observation: "data[].interval" },
  facets: ({ subject: queueId, published, body }) => {
    const media = mediaName(body.group?.mediaType)
    const facets: Array<Facet> = []
    for (const { interval, metrics } of body.data ?? []) {
      const over = intervalOf(interval)
      const clock = over && clockOf(over, published)
      for (const { metric, qualifier, stats } of metrics ?? []) {
        const value = numbers(stats)
        if (!metric || value === undefined) continue
        const whole = { facet: "observation", queueId, media, metric, value } as const
        const part = qualifier ? { ...whole, qualifier } : whole
        facets.push(timed(clock, over && over.start < over.end ? { ...part, interval: over } : part))
      }
    }
    return facets
  },
  example: {
    ids: [invented.queue],
    published: "2026-05-06T10:00:05.655Z",
    body: {
      group: { queueId: invented.queue, mediaType: "voice" },
      data: [
        {
          interval: "2026-05-06T10:00:05.400Z/2026-05-06T10:00:05.400Z",
          metrics: [
            { metric: "oWaiting", stats: { count: 1 } },
            { metric: "oUserRoutingStatuses", qualifier: "IDLE", stats: { count: 5 } }
          ]
        }
      ]
    }
  }
})
