import { Schema } from "effect"
import type { Facet } from "../event.ts"
import { invented } from "../example.ts"
import { list as listOf, names, object } from "../shape.ts"
import { list, number, text } from "../tolerant.ts"
import { defineTopic, present } from "../topic.ts"
import { lowerMediaType, queueMetric } from "../words.ts"
import { mediaName } from "./facets.ts"

/** A queue's counts by medium, without a time. */
export const queueActivity = defineTopic({
  template: "v2.analytics.queues.{id}.activity",
  body: Schema.Struct({
    results: list(
      Schema.Struct({
        mediaType: text,
        data: list(Schema.Struct({ metric: text, count: number, calculatedMetricValue: number }))
      })
    )
  }),
  shape: object({
    results: listOf(
      object({
        mediaType: lowerMediaType,
        data: listOf(object({ metric: queueMetric, ...names("count calculatedMetricValue") }))
      })
    )
  }),
  clocks: {},
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
