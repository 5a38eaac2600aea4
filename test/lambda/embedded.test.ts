import { assert, describe, it } from "@effect/vitest"
import { histogram } from "../../src/domain/histogram.ts"
import {
  type MeasuringFunction,
  metricOfKind,
  metricsByKind,
  metricsOf,
  metricUnits
} from "../../src/domain/metrics.ts"
import { allTopics } from "../../src/genesys/topics/index.ts"
import { embedded, type Report } from "../../src/lambda/embedded.ts"
import { emfFaults } from "../support/emf.ts"

const AT = Date.parse("2026-05-06T10:00:00.000Z")

const faults = (document: object) => emfFaults(JSON.stringify(document), AT)

/** A report in which everything that the function measures is measured. */
const full = (fn: MeasuringFunction): Report =>
  Object.fromEntries(metricsOf[fn].map((name) => [name, name.endsWith("Lag") ? histogram([120, 5_100, 5_100]) : 3]))

const metricsIn = (document: ReturnType<typeof embedded>) =>
  document._aws.CloudWatchMetrics.flatMap(({ Metrics }) => Metrics)

const functions = Object.keys(metricsOf) as ReadonlyArray<MeasuringFunction>

describe("embedded metrics", () => {
  it.each(functions)("of %s are a document that CloudWatch takes, with every metric in its unit", (fn) => {
    const document = embedded(fn, "dev", AT, full(fn))
    assert.deepStrictEqual(faults(document), [])
    assert.deepStrictEqual(
      metricsIn(document),
      metricsOf[fn].map((Name) => ({ Name, Unit: metricUnits[Name] }))
    )
    assert.deepStrictEqual(document._aws.CloudWatchMetrics[0]?.Dimensions, [["stack", "function"]])
    assert.deepStrictEqual([document.stack, document.function], ["dev", fn])
  })

  it("leave fields for readers alone, and other functions' metrics too", () => {
    const document = embedded("project", "dev", AT, { received: 1, rows: 7, appended: 3, fieldNames: ["x"], failed: 0 })
    assert.deepStrictEqual(faults(document), [])
    assert.deepStrictEqual(
      metricsIn(document).map(({ Name }) => Name),
      ["received"]
    )
    assert.deepStrictEqual([document.rows, document.appended, document.fieldNames], [7, 3, ["x"]])
  })

  it("leave out a histogram that counted nothing, which CloudWatch would refuse", () => {
    const document = embedded("append", "dev", AT, { received: 0, eventLag: histogram([]) })
    assert.deepStrictEqual(faults(document), [])
    assert.notProperty(document, "eventLag")
  })

  it("count kinds under names of their own, in as many directives as it takes", () => {
    const ofAppend = metricsByKind.filter((metric) => (metricsOf.append as ReadonlyArray<string>).includes(metric))
    const kinds = ofAppend.flatMap((metric) => allTopics.map(({ template }) => metricOfKind(metric, template)))
    const many = { ...full("append"), ...Object.fromEntries(kinds.map((name, i) => [name, i])) }
    const more = Array.from({ length: 150 }, (_, i) => [`unknownFieldsKind${"ABCDEFGHIJ"[i % 10]}${i}`, i])
    const document = embedded("append", "dev", AT, { ...many, ...Object.fromEntries(more) })
    assert.deepStrictEqual(faults(document), [])
    assert.strictEqual(metricsIn(document).length, metricsOf.append.length + kinds.length + 150)
    assert.isAbove(document._aws.CloudWatchMetrics.length, 1)
  })

  it("give every topic and every metric by kind another name", () => {
    const named = metricsByKind.flatMap((metric) => allTopics.map(({ template }) => metricOfKind(metric, template)))
    assert.strictEqual(new Set(named).size, named.length)
    assert.strictEqual(metricOfKind("unknownFields", "v2.users.{id}.activity"), "unknownFieldsUsersActivity")
    assert.strictEqual(metricOfKind("quarantined", "NotJson"), "quarantinedNotJson")
  })

  it("are refused by the rules that this test checks when they break one", () => {
    const sound = embedded("append", "dev", AT, { received: 1 })
    const [directive] = sound._aws.CloudWatchMetrics
    const broken = (change: object) => ({
      ...sound,
      _aws: { ...sound._aws, CloudWatchMetrics: [{ ...directive, ...change }] }
    })
    const cases = [
      { ...sound, received: "1" },
      { ...sound, received: { Values: [1, 2], Counts: [1] } },
      { ...sound, stack: "" },
      broken({ Metrics: Array.from({ length: 101 }, () => ({ Name: "received", Unit: "Count" })) }),
      broken({ Metrics: [{ Name: "received", Unit: "Events" }] }),
      broken({ Dimensions: [Array.from({ length: 31 }, () => "stack")] }),
      broken({ Namespace: "AWS/Lambda" }),
      { message: sound }
    ]
    for (const each of cases) assert.isNotEmpty(faults(each), JSON.stringify(each).slice(0, 200))
  })
})
