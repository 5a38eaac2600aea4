import { list, number, object } from "../body.ts"
import type { Facet } from "../event.ts"
import { invented } from "../example.ts"
import { defineTopic, present } from "../topic.ts"
import { lowerMediaType, queueMetric } from "../words.ts"
import { mediaName } from "./facets.ts"

export const queueActivity = defineTopic({
  template: "v2.analytics.queues.{id}.activity",
  meaning: "A queue's counts by medium, without a time.",
  body: object({
    results: list(
      object({
        mediaType: lowerMediaType,
        data: list(object({ metric: queueMetric, count: number, calculatedMetricValue: number }))
      })
    )
  }),
  clocks: { observation: null },
  facets: ({ subject: queueId, body }) => {
    const facets: Array<Facet> = []
    for (const { mediaType, data } of body.results ?? [])
      for (const { metric, count, calculatedMetricValue } of data ?? []) {
        const value = present({ count, calculatedMetricValue })
        if (!metric || Object.keys(value).length === 0) continue
        facets.push({ facet: "observation", queueId, media: mediaName(mediaType), metric, value })
      }
    return facets
  },
  example: {
    ids: [invented.queue],
    published: "2026-05-06T10:00:05.702Z",
    body: {
      results: [
        {
          mediaType: "voice",
          data: [
            { metric: "oWaiting", count: 1 },
            { metric: "oLongestWaiting", count: 1, calculatedMetricValue: 5310 }
          ]
        }
      ]
    }
  }
})
