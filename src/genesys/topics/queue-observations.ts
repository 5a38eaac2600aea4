import { list, names, object, raw, text } from "../body.ts"
import type { Facet } from "../event.ts"
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
    if (typeof value !== "number") continue
    kept[stat] = value
    some = true
  }
  return some ? kept : undefined
}

/** An observation is made at an instant (`t/t`). The end of an aggregate's interval lies ahead, and is no time of it. */
const instant = (interval: string | undefined): number | undefined => {
  const slash = interval?.indexOf("/") ?? -1
  if (interval === undefined || slash < 0) return undefined
  const clock = parseTime(interval.slice(0, slash))
  return clock !== undefined && clock === parseTime(interval.slice(slash + 1)) ? clock : undefined
}

/** Numbers that a metric may carry. */
const STATS = "count countNegative countPositive current denominator max min numerator p95 p99 ratio sum target"

/** A queue's numbers as they change: each event lists only the metrics that did. */
export const queueObservations = defineTopic({
  template: "v2.analytics.queues.{id}.observations",
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
  facets: ({ subject: queueId, body }) => {
    const media = mediaName(body.group?.mediaType)
    const facets: Array<Facet> = []
    for (const { interval, metrics } of body.data ?? []) {
      const clock = instant(interval)
      for (const { metric, qualifier, stats } of metrics ?? []) {
        const value = numbers(stats)
        if (!metric || value === undefined) continue
        const facet = { facet: "observation", queueId, media, metric, value } as const
        facets.push(timed(clock, qualifier ? { ...facet, qualifier } : facet))
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
