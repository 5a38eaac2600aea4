import { execFile } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { promisify } from "node:util"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { projections as folded } from "../../projections/index.ts"
import { generation } from "../../src/domain/projection.ts"
import { type Captured, capture } from "../../src/local/capture.ts"
import { SIMULATED_SOURCE } from "../../src/local/partner.ts"
import { readState } from "../../src/local/tables.ts"
import { makeSimulator } from "../../src/simulator/simulator.ts"
import { call } from "./aws.ts"
import { type Deployed, deploy } from "./deploy.ts"
import { endpoints, REGION } from "./endpoints.ts"
import type { Json } from "./requests.ts"

const EVENTS = 600
const SETTLED_MS = 180_000
/** Looks in a row, two seconds apart, that see the same tables and an empty queue. */
const LOOKS = 5
const root = join(import.meta.dirname, "../..")

const node = promisify(execFile)
const credentials = { accessKeyId: "judge", secretAccessKey: "judge" }
const endpoint = endpoints.ministack

const simulated = (): ReadonlyArray<string> => {
  const start = Date.now() - 3_600_000
  const centre = makeSimulator({ seed: 7, agents: 24, queues: 5, rate: 50, chaos: 0, start, source: SIMULATED_SOURCE })
  return [...Array.from({ length: EVENTS }, centre.next), ...centre.drain()].map(({ line }) => line)
}

const put = (StreamName: string, lines: ReadonlyArray<string>) => {
  for (let at = 0; at < lines.length; at += 200) {
    const Records = lines.slice(at, at + 200).map((line) => ({
      PartitionKey: String(JSON.parse(line).id),
      Data: Buffer.from(line)
    }))
    assert.strictEqual(call("kinesis", "PutRecords", { StreamName, Records }).FailedRecordCount, 0)
  }
}

/** The stack on MiniStack, whose DynamoDB is meant here even where the contract suites use another. */
describe.skipIf(endpoint === undefined)("the deployed functions on MiniStack", () => {
  let folder = ""
  const before = process.env.JUDGE_DYNAMODB
  let captured: Captured
  let deployed: Deployed
  const state = () =>
    readState(captured, { operator: { endpoint, region: REGION, credentials } } as Parameters<typeof readState>[1])
  const projections = (...args: ReadonlyArray<string>) =>
    node(process.execPath, ["src/bin/projections.ts", ...args, "--outputs", join(folder, "outputs.json")], {
      cwd: root,
      env: {
        ...process.env,
        AWS_ENDPOINT_URL: endpoint,
        AWS_REGION: REGION,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey
      }
    })

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "judge-"))
    process.env.JUDGE_DYNAMODB = endpoint
    captured = await capture("dev", { genesysEventSource: SIMULATED_SOURCE })
    deployed = await deploy(captured, endpoint ?? "")
    writeFileSync(join(folder, "outputs.json"), JSON.stringify(deployed.outputs))
  })
  afterAll(() => {
    if (before === undefined) delete process.env.JUDGE_DYNAMODB
    else process.env.JUDGE_DYNAMODB = before
    rmSync(folder, { recursive: true })
  })

  const count = (TableName: string): number => {
    const from = (ExclusiveStartKey?: Json): number => {
      const page = call("dynamodb", "Scan", { TableName, Select: "COUNT", ExclusiveStartKey })
      return page.Count + (page.LastEvaluatedKey === undefined ? 0 : from(page.LastEvaluatedKey))
    }
    return from()
  }
  const tables = () =>
    captured.resources.flatMap(({ type, inputs }) => (type === "aws:dynamodb/table:Table" ? [String(inputs.name)] : []))
  const waiting = () => {
    const QueueUrl = deployed.settleQueueUrl
    const { Attributes } = call("sqs", "GetQueueAttributes", { QueueUrl, AttributeNames: ["All"] })
    return ["", "NotVisible", "Delayed"].reduce(
      (sum, kind) => sum + Number(Attributes[`ApproximateNumberOfMessages${kind}`]),
      0
    )
  }
  const settled = async (events: number) => {
    const until = Date.now() + SETTLED_MS
    let last = ""
    for (let still = 0; still < LOOKS; ) {
      const seen = JSON.stringify(tables().map(count))
      still =
        seen === last && waiting() === 0 && count(String(deployed.outputs.eventTableName)) === events ? still + 1 : 0
      last = seen
      if (Date.now() > until)
        assert.fail(`not settled after ${SETTLED_MS / 1_000} s: ${seen}, ${waiting()} messages wait`)
      await pause(2_000)
    }
  }

  it("[P3] ends with the rows of npm start -- --events, byte for byte", async () => {
    const lines = simulated()
    const file = join(folder, "events.jsonl")
    writeFileSync(file, lines.map((line) => `${line}\n`).join(""))
    put(deployed.streamName, lines)
    const [{ stdout }] = await Promise.all([
      node(process.execPath, ["src/local/main.ts", "--events", file, "--json"], { cwd: root, maxBuffer: 1e9 }),
      settled(new Set(lines.map((line) => JSON.parse(line).id)).size)
    ])
    const local = JSON.parse(stdout)
    const { agents, queues } = await state()
    assert.strictEqual(
      JSON.stringify({ agents, queues }),
      JSON.stringify({ agents: local.agents, queues: local.queues })
    )
    assert.isAbove(agents.length, 10)
    process.stdout.write(
      `ministack: ${lines.length} events, ${agents.length} agents and ${queues.length} queues, byte-equal\n`
    )
  })

  it("[P8] replays into empty tables by its state machine what live folding had made", async () => {
    const live = JSON.stringify(await state())
    const named = deployed.outputs.projectionTables as Readonly<Record<string, { readonly name: string }>>
    const keys = new Map<string, string>(folded.map((one) => [generation(one), one.key]))
    for (const [of, { name: TableName }] of Object.entries(named)) {
      const key = keys.get(of) as string
      for (;;) {
        const { Items } = call("dynamodb", "Scan", { TableName, Limit: 500 })
        if (Items.length === 0) break
        for (const item of Items)
          call("dynamodb", "DeleteItem", { TableName, Key: { [key]: item[key], row: item.row } })
      }
    }
    assert.deepStrictEqual((await state()).agents, [])
    for (const of of Object.keys(named))
      await projections("replay", of, "--id", `judge-${of}`, "--state-machine", "--yes", "--why", "judged")
    assert.strictEqual(JSON.stringify(await state()), live)
  })
})
