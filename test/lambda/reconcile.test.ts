import { assert, describe, it } from "@effect/vitest"
import { effectClock } from "aws-in-process/clock"
import { runVirtual } from "aws-in-process/run-virtual"
import { Effect, Layer } from "effect"
import { Fetch } from "../../src/genesys-api/http.ts"
import { layerOrganisation } from "../../src/genesys-api/organisation-layer.ts"
import { linesTo } from "../../src/lambda/lines.ts"
import { reconcile, StartRule, tickOf } from "../../src/lambda/reconcile.ts"
import { StackName } from "../../src/lambda/report.ts"
import { serve } from "../../src/lambda/runtime.ts"
import { asFetch } from "../../src/local/organisation.ts"
import { type OrganisationOptions, SIMULATED_CLIENT } from "../../src/simulator/api/organisation.ts"
import { memoryControl } from "../../src/store/memory/control.ts"
import { memoryDirectory } from "../../src/store/memory/directory.ts"
import { memoryStreamSink } from "../../src/store/memory/hand-over.ts"
import { memoryProjectionStore } from "../../src/store/memory/projection-store.ts"
import { simulatedOrganisation } from "../support/simulated.ts"
import { buildWith, configurationOf } from "./configuration.ts"
import { context } from "./support.ts"

const whole = {
  AWS_REGION: "eu-west-1",
  CONTROL_TABLE: "control",
  DIRECTORY_HOLDS: "names",
  DIRECTORY_TABLE: "directory",
  GENESYS_CLIENT: "genesys/projections",
  GENESYS_DOMAIN: "mypurecloud.de",
  PROJECTION_TABLES: JSON.stringify({
    "agents-v2": "agents",
    "queues-v2": "queues",
    "conversations-v1": "conversations",
    "queue-intervals-v1": "queue-intervals",
    "agent-intervals-v1": "agent-intervals"
  }),
  REQUESTS_PER_MINUTE: "150",
  STACK_NAME: "dev",
  STREAM_NAME: "stream"
}

configurationOf("reconcile", reconcile.layer, whole)

describe("what reconcile is configured by", () => {
  it.effect("refuses a domain that is none of Genesys Cloud, to which it would send the secret", () =>
    Effect.map(buildWith(reconcile.layer, { ...whole, GENESYS_DOMAIN: "mypurecloud.de.example.com" }), (exit) =>
      assert.include(String(exit), "genesys.domain must be the domain of a Genesys Cloud region")
    )
  )
})

describe("who calls reconcile", () => {
  const rule = (name: string) => ({ resources: [`arn:aws:events:eu-west-1:444455556666:rule/${name}`] })

  it("is the schedule, the tick, or somebody who says so", () => {
    assert.deepStrictEqual(tickOf(rule("dev-reconcile-start"), "dev-reconcile-start"), {
      start: true,
      by: "the schedule"
    })
    assert.isFalse(tickOf(rule("dev-reconcile-tick"), "dev-reconcile-start").start)
    assert.isFalse(tickOf(rule("other-dev-reconcile-start"), "dev-reconcile-start").start)
    // Without a schedule no rule has that name.
    assert.isFalse(tickOf(rule(""), "").start)
    assert.deepStrictEqual(tickOf({ reconcile: "start", by: "robin" }, ""), { start: true, by: "robin" })
    for (const event of [undefined, null, "start", {}, { reconcile: true }]) assert.isFalse(tickOf(event, "x").start)
  })
})

/** The function over a simulated organisation, with stores in memory. */
const running = (api: Partial<OrganisationOptions> = {}, clientSecret = SIMULATED_CLIENT.clientSecret) => {
  const site = simulatedOrganisation({}, api)
  const stream = memoryStreamSink()
  const directory = memoryDirectory({ holds: "emails", divisions: [] })
  const lines: Array<string> = []
  const credentials = async () => ({ ...SIMULATED_CLIENT, clientSecret })
  const layer = Layer.mergeAll(
    memoryControl().layer,
    directory.layer,
    stream.layer,
    memoryProjectionStore().layer,
    layerOrganisation({ domain: "mypurecloud.de", credentials, requestsPerMinute: 300 }),
    Layer.succeed(StackName, "dev"),
    Layer.succeed(StartRule, "start")
  )
  const fetch = asFetch(site.server, site.clock.now)
  const host = Layer.mergeAll(
    linesTo((line) => lines.push(line)),
    effectClock(site.clock),
    Layer.succeed(Fetch, (...request) => site.activity.track(fetch(...request)))
  )
  const handler = serve({ ...reconcile, layer }, host)
  /** What one invocation of 15 minutes returns, or the message that it fails with. */
  const invoke = async (event: unknown): Promise<unknown> => {
    let ended = false
    const result = handler(event, context("request-1", 900_000))
      .catch((error: Error) => error.message)
      .finally(() => {
        ended = true
      })
    await runVirtual(site.clock, { pending: site.activity.pending, until: () => ended, limit: 3_600_000 })
    return result
  }
  const reports = () => lines.map((line) => JSON.parse(line)).filter(({ message }) => message === "reconcile")
  return { ...site, invoke, lines, reports, stream, directory }
}

const start = { reconcile: "start", by: "a test" }

describe("reconcile over a simulated organisation", () => {
  it("writes one line with the metrics of a whole sweep, and of a tick with nothing to do", async () => {
    const { invoke, reports, centre } = running()
    assert.deepStrictEqual(await invoke(start), { state: "complete" })
    const [report] = reports()
    assert.deepInclude(report, { state: "complete", agents: centre.population.agents.length, queues: 6, corrected: 0 })
    const { Metrics, Dimensions } = report._aws.CloudWatchMetrics[0]
    assert.deepStrictEqual(Dimensions, [["stack", "function"]])
    const names = Metrics.map(({ Name }: { Name: string }) => Name)
    assert.includeMembers(names, ["requests", "stated", "closed", "corrected", "sweepAge"])
    await invoke({})
    assert.deepInclude(reports()[1], { state: "idle" })
    assert.notProperty(reports()[1], "requests")
    assert.isNumber(reports()[1].sweepAge)
  })

  it("is whole in spite of all faults of the API at once", async () => {
    const { invoke, server, centre, directory } = running({ faults: 1, tokenSeconds: 60 })
    const expected = ["serverError", "rateLimited", "missingExpand", "truncated", "expiredToken"]
    const missing = () => expected.filter((fault) => (server.faults()[fault] ?? 0) === 0)
    for (let sweep = 0; sweep < 20 && (sweep === 0 || missing().length > 0); sweep++) {
      let state = JSON.stringify(await invoke(start))
      for (let tick = 0; tick < 20 && state !== '{"state":"complete"}'; tick++) state = JSON.stringify(await invoke({}))
      assert.strictEqual(state, '{"state":"complete"}')
    }
    assert.deepStrictEqual(missing(), [])
    const named = directory.held().filter(({ kind, name }) => kind === "agents" && name !== undefined)
    assert.lengthOf(named, centre.population.agents.length)
  })

  it("says what to do where the client is refused, and lacks a permission", async () => {
    const refused = running({}, "another-secret")
    assert.match(String(await refused.invoke(start)), /does not accept the OAuth client; check its id and secret/)
    const clients = [{ ...SIMULATED_CLIENT, permissions: ["directory:user:view"] }]
    const lacking = running({ clients })
    const message = String(await lacking.invoke(start))
    assert.match(message, /the OAuth client lacks a permission/)
    assert.match(message, /needs [a-zA-Z]+:[a-zA-Z]+:view/)
  })

  it("[P11] names nobody in a log line or an event, and tells no part of the credentials", async () => {
    const { invoke, lines, stream, directory } = running({ faults: 1 })
    const refused = running({}, "another-secret")
    await refused.invoke(start)
    await invoke(start)
    await invoke({})
    const names = directory
      .held()
      .flatMap(({ kind, name, email }) => (kind === "agents" ? [name ?? "", email ?? ""] : []))
    assert.isAbove(names.filter(Boolean).length, 50)
    const told = [...lines, ...refused.lines, ...stream.records().map(({ data }) => Buffer.from(data).toString())].join(
      "\n"
    )
    for (const secret of [...names.filter(Boolean), SIMULATED_CLIENT.clientSecret, "another-secret", "Bearer"])
      assert.notInclude(told, secret)
  })
})
