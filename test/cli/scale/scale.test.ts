import { assert, describe, it } from "@effect/vitest"
import {
  makeActivity,
  makeAuthorizer,
  makeRequestHandler,
  makeS3,
  type PolicyDocument,
  ServiceError
} from "aws-in-process"
import { realClock } from "aws-in-process/clock"
import { projections } from "../../../projections/index.ts"
import { operatorPolicy } from "../../../src/cli/rights.ts"
import { shardSteps } from "../../../src/cli/scale/steps.ts"
import type { Outputs } from "../../../src/cli/stack/stack.ts"
import { capacityOf, type Load } from "../../../src/infra/capacity.ts"
import { commandInSteps } from "../harness.ts"
import { someOutputs } from "../outputs.ts"

const ROLE = "arn:aws:iam::444455556666:role/on-call"
const WHY = ["--yes", "--why", "a bank holiday"]

const load: Load = {
  peakEventsPerSecond: 1_000,
  averageEventBytes: 1_200,
  entityIndex: true,
  batchSize: 500,
  batchWindowSeconds: 1,
  settleBatchSize: 10,
  functionMemoryMb: 1_024,
  targets: 1,
  generations: 1,
  accountConcurrency: 10_000,
  streamShards: 0,
  parallelizationFactor: 0,
  settleMaxConcurrency: 0
}

const outputs: Outputs = {
  ...someOutputs,
  exportsBucketName: "",
  entityIndexName: "index",
  projectionTables: { "agents-v1": { name: "agents" }, "queues-v1": { name: "queues" } },
  customerKeyArn: "",
  load: { ...load }
}

/** A stack on AWS, as far as sizes go: it takes a change, is busy for two more questions, and refuses what AWS refuses. */
const makePlace = (shards: number, given: Partial<Outputs> = {}) => {
  const clock = realClock()
  const activity = makeActivity()
  const policy = operatorPolicy(outputs, projections) as PolicyDocument
  const { authorize, unused } = makeAuthorizer({ [ROLE]: [policy] })
  const s3 = makeS3({ clock, authorize })
  s3.createBucket("held")
  const stream = { shards, busy: 0, changes: [] as Array<number> }
  const tables = new Map(
    ["events", "agents", "queues", "index"].map((name) => [name, { writes: 4_000, reads: 12_000, busy: 0 }])
  )
  const tableOf = (name: string) => {
    const table = tables.get(name)
    if (table === undefined) throw new ServiceError("ResourceNotFoundException", name)
    return table
  }
  const services = {
    s3: s3.service,
    kinesis: async (
      operation: string,
      input: Readonly<Record<string, unknown>>,
      by: Parameters<typeof authorize>[0]
    ) => {
      authorize(by, `kinesis:${operation}`, outputs.streamArn)
      assert.strictEqual(input.StreamName, "stream")
      if (operation === "DescribeStreamSummary") {
        const StreamStatus = stream.busy-- > 0 ? "UPDATING" : "ACTIVE"
        return { StreamDescriptionSummary: { OpenShardCount: stream.shards, StreamStatus } }
      }
      assert.strictEqual(operation, "UpdateShardCount")
      const to = Number(input.TargetShardCount)
      if (stream.busy > 0) throw new ServiceError("ResourceInUseException", "the stream is being changed")
      if (to > 2 * stream.shards || to < stream.shards / 2 || stream.changes.length >= 10)
        throw new ServiceError("LimitExceededException", `from ${stream.shards} to ${to}`)
      stream.changes.push(to)
      Object.assign(stream, { shards: to, busy: 2 })
      return {}
    },
    dynamodb: async (
      operation: string,
      input: Readonly<Record<string, unknown>>,
      by: Parameters<typeof authorize>[0]
    ) => {
      const name = String(input.TableName)
      authorize(by, `dynamodb:${operation}`, `arn:aws:dynamodb:eu-west-1:444455556666:table/${name}`)
      const table = tableOf(name)
      if (operation === "DescribeTable") {
        const Status = table.busy-- > 0 ? "UPDATING" : "ACTIVE"
        const WarmThroughput = { ReadUnitsPerSecond: table.reads, WriteUnitsPerSecond: table.writes, Status }
        return { Table: { TableName: name, TableStatus: "ACTIVE", WarmThroughput } }
      }
      assert.strictEqual(operation, "UpdateTable")
      const { WriteUnitsPerSecond: writes = 0, ReadUnitsPerSecond: reads = 0 } = input.WarmThroughput as Record<
        string,
        number
      >
      if (writes < table.writes || reads < table.reads) throw new ServiceError("ValidationException", "decreased")
      Object.assign(table, { writes, reads, busy: 2 })
      return {}
    }
  }
  const connection = {
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    requestHandler: makeRequestHandler({ services, principal: { roleArn: ROLE, label: "on-call" }, activity })
  }
  const target = {
    name: "stack test",
    outputs: { ...outputs, ...given },
    connection,
    who: { user: "robin", host: "desk" }
  }
  const command = commandInSteps(target, "5 seconds")
  /** What the role may do for this command alone, and has not done. */
  const spare = () => unused().filter(({ action }) => /UpdateTable|ShardCount|StreamSummary/.test(action))
  return { command, stream, tables, spare, recorded: () => s3.listAll("held", "audit/").length }
}

const sizes = (peakEventsPerSecond: number) => capacityOf({ ...load, peakEventsPerSecond })

describe("the steps of a stream", () => {
  it.each([
    [2, 2, []],
    [1, 2, [2]],
    [2, 7, [4, 7]],
    [3, 7, [6, 7]],
    [1, 100, [2, 4, 8, 16, 32, 64, 100]],
    [7, 2, [4, 2]],
    [100, 1, [50, 25, 13, 7, 4, 2, 1]]
  ])("from %d to %d", (from, to, steps) => {
    assert.deepStrictEqual(shardSteps(from, to), steps)
  })

  it("at most double it and at least halve it, wherever it begins and ends", () => {
    for (let from = 1; from <= 60; from++)
      for (let to = 1; to <= 60; to++) {
        let before = from
        for (const shards of shardSteps(from, to)) {
          assert.isTrue(shards <= 2 * before && shards >= before / 2, `${from} to ${to}: ${before}, ${shards}`)
          before = shards
        }
        assert.strictEqual(before, to)
      }
  })
})

describe("scale", () => {
  it("makes a stack of 1,000 events a second ready for 5,000, which AWS refuses in one step", async () => {
    const place = makePlace(2)
    const { code, err, out } = await place.command("scale", "--peak", "5000", ...WHY)
    assert.strictEqual(code, 0, err)
    const { shards, eventTable, projectionTable } = sizes(5_000)
    assert.isAbove(shards, 4)
    assert.deepStrictEqual(place.stream.changes, [4, shards])
    for (const [name, { writes, reads }] of [
      ["events", eventTable],
      ["agents", projectionTable],
      ["queues", projectionTable],
      ["index", sizes(5_000).entityTable ?? assert.fail()]
    ] as const)
      assert.deepInclude(place.tables.get(name), { writes, reads }, name)
    assert.include(out, `4, then ${shards}`)
    assert.include(err, `stream: 4 to ${shards} shards`)
    assert.include(err, "recorded: robin@desk, scale, changed, because: a bank holiday")
    assert.deepStrictEqual(place.spare(), [])
  })

  it("does nothing without --yes, and says what it would do", async () => {
    const place = makePlace(2)
    const { code, out, err } = await place.command("scale", "--peak", "5000")
    assert.strictEqual(code, 0)
    assert.include(out, "agents")
    assert.include(err, "this was a dry run: nothing was changed")
    assert.deepStrictEqual(place.stream.changes, [])
    assert.strictEqual(place.tables.get("agents")?.writes, 4_000)
    assert.strictEqual(place.recorded(), 0)
  })

  it("raises tables to what the stack was deployed with, and lowers none", async () => {
    const place = makePlace(sizes(1_000).shards)
    const agents = place.tables.get("agents")
    if (agents !== undefined) agents.reads = 90_000
    const { code, err } = await place.command("scale", ...WHY)
    assert.strictEqual(code, 0, err)
    assert.deepInclude(place.tables.get("agents"), { writes: sizes(1_000).projectionTable.writes, reads: 90_000 })
    assert.deepStrictEqual(place.stream.changes, [])
    const again = await place.command("scale", "--json", ...WHY)
    assert.deepStrictEqual(JSON.parse(again.out), { from: 2, steps: [], tables: [], dryRun: false })
    assert.include(again.err, "scale, unchanged")
  })

  it("takes a number of shards as it is, downwards too", async () => {
    const place = makePlace(9)
    assert.strictEqual((await place.command("scale", "--shards", "2", ...WHY)).code, 0)
    assert.deepStrictEqual(place.stream.changes, [5, 3, 2])
  })

  it("goes ten steps in a day, and says that there are more", async () => {
    const place = makePlace(1)
    const { code, err } = await place.command("scale", "--shards", "2000", ...WHY)
    assert.strictEqual(code, 0, err)
    assert.lengthOf(place.stream.changes, 10)
    assert.include(err, "AWS takes 10 steps in 24 hours: the stream needs 11")
  })

  it("needs a reason, a deployed stack, and one that tells its load", async () => {
    const place = makePlace(2)
    assert.include((await place.command("scale", "--yes")).err, "--why")
    assert.include((await makePlace(2, { load: {} }).command("scale")).err, "no output load")
    place.stream.busy = 1
    assert.include((await place.command("scale")).err, "AWS is changing the stream already")
    assert.include((await place.command("scale", "--peak", "0")).err, "--peak must be a whole number")
    assert.deepStrictEqual(place.stream.changes, [])
  })
})
