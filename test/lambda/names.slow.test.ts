import { assert, beforeAll, describe, it } from "@effect/vitest"
import {
  makeActivity,
  makeAuthorizer,
  makeDynamodb,
  makeKinesis,
  makeRequestHandler,
  makeSecretsManager,
  makeStream,
  type PolicyDocument
} from "aws-in-process"
import { effectClock, virtualClock } from "aws-in-process/clock"
import { runVirtual } from "aws-in-process/run-virtual"
import { ConfigProvider, Layer } from "effect"
import { Fetch as GenesysFetch } from "../../src/genesys-api/http.ts"
import { linesTo } from "../../src/lambda/lines.ts"
import { reconcile } from "../../src/lambda/reconcile.ts"
import { serve } from "../../src/lambda/runtime.ts"
import { Fetch } from "../../src/lambda/tracing.ts"
import { asFetch } from "../../src/local/organisation.ts"
import { readWiring } from "../../src/local/wiring.ts"
import { Projections } from "../../src/pipeline/folding.ts"
import { makeOrganisation, SIMULATED_CLIENT } from "../../src/simulator/api/organisation.ts"
import { Connection } from "../../src/store/connection.ts"
import { open } from "../simulator/record.ts"
import { faulty, type Mishap } from "../store/faulty.ts"
import { sings } from "../support/canaries.ts"
import { captureOnce } from "../support/capture-once.ts"
import { makeCollector } from "../support/collector.ts"
import { delivered as projections } from "../support/delivered.ts"
import { START } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { context } from "./support.ts"

const ROLE = { roleArn: "arn:aws:iam::000000000000:role/test", label: "test" }
const everything: PolicyDocument = { Statement: { Effect: "Allow", Action: "*", Resource: "*" } }
const SECRET = "genesys/projections"

/** What the organisation calls people, planted in place of what the simulated one does: with marks that are found in any form. */
const planted = (body: string): string =>
  body
    .replace(/Agent \d+ \w+/g, "Ms Kanarie~name~ Åsa")
    .replace(/agent\.(\d+)@example\.com/g, "kanarie~mail~$1@example.com")

/** Everything that sweeps of a whole organisation say, by who hears it, while its API and the tables fail now and then. */
const sweep = async (plan: Readonly<Record<string, ReadonlyArray<Mishap>>>) => {
  const captured = await captureOnce("dev", { genesysCredentialsSecret: SECRET, genesysDomain: "eu-west-1" })
  const clock = virtualClock(START)
  const activity = makeActivity()
  const { authorize } = makeAuthorizer({ [ROLE.roleArn]: [everything] })
  const dynamodb = makeDynamodb({ clock, activity, authorize })
  const { tables, functions } = readWiring(captured)
  for (const table of tables) await dynamodb.createTable(table)
  const { environment = {} } = functions.find(({ name }) => name === "reconcile") ?? {}
  const stream = makeStream(
    { name: environment.STREAM_NAME ?? "", arn: "arn:aws:kinesis:eu-central-1:000000000000:stream/s", shardCount: 1 },
    clock
  )
  const secrets = makeSecretsManager(
    [
      {
        name: SECRET,
        arn: `arn:aws:secretsmanager:eu-central-1:000000000000:secret:${SECRET}-AbCdEf`,
        value: JSON.stringify(SIMULATED_CLIENT)
      }
    ],
    { clock, authorize }
  )
  const handler = makeRequestHandler({
    services: {
      dynamodb: dynamodb.service,
      kinesis: makeKinesis([stream], authorize).service,
      secretsmanager: secrets.service
    },
    principal: ROLE,
    activity
  })
  const organisation = makeOrganisation({
    centre: open({ rate: 20, lived: 240_000, start: START }),
    seed: 7,
    faults: 0.1,
    requestsPerMinute: 10_000
  })
  const answered: Array<string> = []
  const inner = asFetch(organisation, clock.now)
  const genesys: typeof globalThis.fetch = async (...request) => {
    const response = await inner(...request)
    const body = planted(await response.text())
    answered.push(body)
    return new Response(body, { status: response.status, headers: response.headers })
  }
  const collector = makeCollector()
  const lines: Array<string> = []
  const host = Layer.mergeAll(
    ConfigProvider.layer(
      ConfigProvider.fromEnvRecord({
        ...environment,
        DIRECTORY_HOLDS: "emails",
        OTLP_ENDPOINT: "http://localhost:4318/"
      })
    ),
    Layer.succeed(Connection, {
      region: "eu-central-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
      requestHandler: faulty(plan).wrap(handler)
    }),
    Layer.succeed(GenesysFetch, (...request) => activity.track(genesys(...request))),
    effectClock(clock),
    Layer.succeed(Fetch, collector.fetch),
    Layer.succeed(Projections, projections),
    linesTo((line) => lines.push(line))
  )
  const handle = serve(reconcile, host)
  const failures: Array<string> = []
  for (let i = 0; i < 8; i++) {
    let isOver = false
    const ended = handle({ reconcile: "start", by: "a test" }, context(`request-${i}`, 300_000))
      .catch((error: Error) => failures.push(error.message))
      .finally(() => {
        isOver = true
      })
    await runVirtual(clock, { pending: activity.pending, until: () => isOver, limit: 3_600_000 })
    await ended
  }
  await handle.dispose()
  const scan = async (table: unknown) =>
    JSON.stringify((await dynamodb.service("Scan", { TableName: String(table) }, ROLE)).Items)
  const { directoryTableName, controlTableName } = captured.outputs
  const held = { directory: await scan(directoryTableName), control: await scan(controlTableName) }
  await dynamodb.close()
  const records = stream.shards.flatMap((shard) =>
    shard.read(0, 10_000).records.map(({ data }) => Buffer.from(data).toString())
  )
  return { lines, failures, collector, answered, records, ...held }
}

describe("names of people, while an organisation is swept and everything fails in turn", UNHURRIED, () => {
  let made: Awaited<ReturnType<typeof sweep>>
  beforeAll(async () => {
    made = await sweep({
      PutItem: ["none", "throttled", "lost", "denied"],
      BatchGetItem: ["none", "denied", "partial", "throttled"],
      Query: ["denied"]
    })
  })

  const quiet = (texts: ReadonlyArray<string>, least: number) => {
    assert.isAtLeast(texts.length, least)
    assert.isUndefined(texts.find(sings)?.slice(0, 2_000))
  }

  it("are in the directory", () => {
    assert.isAbove(made.answered.filter(sings).length, 3)
    assert.match(made.directory, /Ms Kanarie~name~ Åsa/)
    assert.match(made.directory, /kanarie~mail~\d+@example\.com/)
  })

  it("[P11] are in no line of a log, no metric and no failure", () => {
    quiet(made.lines, 8)
    assert.isAbove(made.failures.length, 1)
    quiet(made.failures, 2)
    assert.include(made.lines.join(), "_aws")
  })

  it("[P11] are in no span", () => {
    assert.isAbove(made.collector.spans().length, 50)
    const names = made.collector.spans().map(({ name }) => name)
    for (const name of ["Directory.put", "BatchGetItem", "PutItem"]) assert.include(names, name)
    quiet([...made.collector.bodies(), ...made.collector.urls()], 8)
  })

  it("[P11] are in no event, and not in what the stack remembers about its own running", () => {
    quiet(made.records, 20)
    quiet([made.control], 1)
  })
})
