import { assert, describe, it } from "@effect/vitest"
import {
  METRIC_DIMENSIONS,
  METRIC_NAMESPACE,
  metricOfKind,
  metricsByKind,
  metricsOf,
  metricUnits
} from "../../src/domain/metrics.ts"

/** Names that CloudWatch keeps for fifteen months, and by which alarms of a deployed stack and dashboards of yours find them. */
const published = {
  append:
    "received progress appended duplicates conflicts quarantined unrouted late future parked throttles retries " +
    "unknownTopics unknownFields unknownValues eventLag",
  project: "received progress revisions inferredEnds parked throttles retries settleLag",
  redrive: "received progress redriven parked throttles retries breakerOpen",
  replay: "progress parked throttles retries",
  archive: "suspects missing throttles retries archiveAge confirmAge",
  audit: "audited discrepancies throttles retries",
  reconcile: "requests stated closed corrected closingsRefused throttles retries sweepAge"
}

describe("metrics", () => {
  it("have the names that are published, by function", () => {
    const names = Object.fromEntries(Object.entries(metricsOf).map(([name, all]) => [name, all.join(" ")]))
    assert.deepStrictEqual(names, published)
    assert.strictEqual(METRIC_NAMESPACE, "GenesysProjections")
    assert.deepStrictEqual(METRIC_DIMENSIONS, ["stack", "function"])
    assert.deepStrictEqual(metricsByKind, ["quarantined", "unknownFields", "unknownValues", "corrected"])
  })

  it("are all measured by somebody, times in ms, and all but the breaker counts", () => {
    const measured = new Set(Object.values(published).flatMap((names) => names.split(" ")))
    assert.sameMembers(Object.keys(metricUnits), [...measured])
    for (const [name, unit] of Object.entries(metricUnits))
      assert.strictEqual(
        unit,
        name === "breakerOpen" ? "None" : /(?:Age|Lag)$/.test(name) ? "Milliseconds" : "Count",
        name
      )
  })

  it("that are counted by kind have it in their names, without a version and without the place of an id", () => {
    assert.strictEqual(metricOfKind("unknownFields", "v2.users.{id}.activity"), "unknownFieldsUsersActivity")
    assert.strictEqual(metricOfKind("quarantined", "NotJson"), "quarantinedNotJson")
    assert.strictEqual(metricOfKind("corrected", "acd-session"), "correctedAcdSession")
  })
})
