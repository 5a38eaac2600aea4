import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import {
  makeActivity,
  makeAuthorizer,
  makeKinesis,
  makeRequestHandler,
  makeS3,
  makeSqs,
  makeStream,
  type PolicyDocument
} from "aws-in-process"
import { realClock } from "aws-in-process/clock"
import { Effect, Layer } from "effect"
import { projections } from "../../projections/index.ts"
import { sizing } from "../../src/bin/sizing.ts"
import { run } from "../../src/cli/command.ts"
import { operatorPolicy } from "../../src/cli/rights.ts"
import { encodeSettlement } from "../../src/store/settle-queue.ts"
import { START, statusLine } from "../support/history.ts"
import { onlyStack, paper } from "./harness.ts"
import { someOutputs } from "./outputs.ts"
import { BATCH_KEY, batchText } from "./rejected/batches.ts"

const ROLE = "arn:aws:iam::444455556666:role/on-call"
const OUTPUTS = {
  ...someOutputs,
  entityIndexName: "index",
  projectionTables: { "agents-v2": { name: "agents" }, "queues-v2": { name: "queues" } },
  exportsBucketName: "exports",
  customerKeyArn: "",
  load: {}
}
const WHY = ["--why", "ticket 7"] as const

/** The services that the command calls, for a role with these policies, and an event in each place. */
const makePlace = async (policies: ReadonlyArray<PolicyDocument>) => {
  const clock = realClock()
  const activity = makeActivity()
  const { authorize, unused } = makeAuthorizer({ [ROLE]: policies })
  const everything = makeS3({ clock, authorize: () => {} })
  for (const Bucket of ["held", "failures"]) everything.createBucket(Bucket)
  const put = (Key: string, text: string, Bucket = "held") =>
    everything.service("PutObject", { Bucket, Key, Body: Buffer.from(text), Metadata: {} }, admin)
  const admin = { roleArn: "arn:aws:iam::444455556666:role/admin", label: "admin" }
  await put(`quarantine/TooDeep/2026-05-06/${START}-0a`, statusLine("e-1", "IDLE", START))
  await put(`quarantine/Odd Reason/2026-05-06/${START}-0b`, "not json")
  await put(`parked/settle/2026-05-06/${START}-0c`, encodeSettlement([]))
  await put(BATCH_KEY, batchText([statusLine("e-2", "IDLE", START)]), "failures")
  const guarded: typeof everything.service = (operation, input, principal) => {
    const object = `arn:aws:s3:::${input.Bucket}/${input.Key}`
    if (operation === "ListObjectsV2") authorize(principal, "s3:ListBucket", `arn:aws:s3:::${input.Bucket}`)
    else authorize(principal, `s3:${operation === "HeadObject" ? "GetObject" : operation}`, object)
    return everything.service(operation, input, principal)
  }
  const stream = { name: "stream", arn: OUTPUTS.streamArn, shardCount: 1 }
  const queue = { name: "settle", arn: "arn:aws:sqs:eu-west-1:444455556666:settle", url: OUTPUTS.settleQueueUrl }
  const requestHandler = makeRequestHandler({
    services: {
      s3: guarded,
      kinesis: makeKinesis([makeStream(stream, clock)], authorize).service,
      sqs: makeSqs([queue], { clock, authorize, activity }).service
    },
    principal: { roleArn: ROLE, label: "on-call" },
    activity
  })
  const connection = {
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    requestHandler
  }
  const targets = onlyStack({ name: "stack test", outputs: OUTPUTS, connection, who: { user: "robin", host: "desk" } })
  const command = async (...args: ReadonlyArray<string>) => {
    const { layer, said } = paper()
    const services = Layer.mergeAll(layer, targets, sizing, NodeServices.layer)
    return said(await Effect.runPromise(run([...args, "--stack", "test"]).pipe(Effect.provide(services))))
  }
  return { command, unused, keys: () => everything.listAll("held").map(({ key }) => key) }
}

const policy = operatorPolicy(OUTPUTS, projections) as PolicyDocument & ReturnType<typeof operatorPolicy>

const without = (...sids: ReadonlyArray<string>): PolicyDocument => ({
  ...policy,
  Statement: policy.Statement.filter(({ Sid }) => !sids.includes(Sid))
})

/** What `table-rights.test.ts` proves. */
const OF_TABLES = [
  "AskQueues",
  "ReadTables",
  "ReadIndex",
  "ReadRows",
  "ReadBodies",
  "MissBodies",
  "ReadControl",
  "Decide",
  "Rebuild",
  "Summarise",
  "SummariseOpen",
  "SetAside",
  "StartReplays",
  "FollowReplays",
  // What simulate/simulate.test.ts proves.
  "Simulate",
  // What connect/rights.test.ts proves.
  "FindSource",
  "FindBus",
  "ReadRule",
  "ReadNames",
  "ListNames",
  "Forget",
  // What scale/scale.test.ts proves.
  "SeeStream",
  "ScaleStream",
  "WarmTables",
  "WarmIndex",
  // What store/entity-index.test.ts and audit/audit.slow.test.ts prove.
  "MendIndex"
]

describe("the rights of the operator", () => {
  it("[P10] are those that the command needs for what is held, none missing and none unused", async () => {
    const { command, unused } = await makePlace([without(...OF_TABLES)])
    const codes = []
    for (const args of [
      ["quarantine", "list"],
      ["parked", "list"],
      ["quarantine", "show", ...WHY],
      ["quarantine", "redrive", "--yes", "--force", ...WHY],
      ["parked", "redrive", "--yes", ...WHY],
      ["failed", "list"],
      ["failed", "show", ...WHY],
      ["failed", "redrive", "--yes", ...WHY],
      ["uses"]
    ])
      codes.push((await command(...args)).code)
    assert.deepStrictEqual(codes, [0, 0, 0, 0, 0, 0, 0, 0, 0])
    assert.deepStrictEqual(unused(), [])
  })

  it("are printed for a stack", async () => {
    const { command } = await makePlace([policy])
    assert.deepStrictEqual(JSON.parse((await command("rights")).out), policy)
  })

  it("say nothing of an index by entity where there is none", () => {
    const { Statement } = operatorPolicy({ ...OUTPUTS, entityIndexName: "" }, projections)
    assert.deepStrictEqual(
      Statement,
      policy.Statement.filter(({ Sid }) => !/^(Read|Mend|Warm)Index$/.test(Sid))
    )
  })

  it("say nothing of names where an earlier version has deployed the stack", () => {
    const { Statement } = operatorPolicy({ ...OUTPUTS, directoryTableName: "" }, projections)
    const names = ["ReadNames", "ListNames", "Forget"]
    assert.deepStrictEqual(
      Statement,
      policy.Statement.filter(({ Sid }) => !names.includes(Sid))
    )
  })

  it("include the key that bodies rest under, where there is one", () => {
    const customerKeyArn = "arn:aws:kms:eu-west-1:444455556666:key/1"
    const { Statement } = operatorPolicy({ ...OUTPUTS, customerKeyArn }, projections)
    assert.deepStrictEqual(Statement.slice(0, -1), policy.Statement)
    assert.deepStrictEqual(Statement.at(-1)?.Action, ["kms:Decrypt", "kms:GenerateDataKey"])
    assert.deepStrictEqual(Statement.at(-1)?.Resource, [customerKeyArn])
  })

  it("let somebody look who may not act, and then nothing moves", async () => {
    const acting = ["KeepRedriven", "TakeOut", "KeepBatches", "TakeOutBatches", "GiveBackEvents", "GiveBackSettlements"]
    const { command, keys } = await makePlace([without(...acting)])
    const before = keys()
    assert.strictEqual((await command("quarantine", "show", ...WHY)).code, 0)
    assert.strictEqual((await command("quarantine", "redrive", ...WHY)).code, 3)
    const { code, out } = await command("quarantine", "redrive", "--yes", ...WHY)
    assert.strictEqual(code, 3)
    assert.include(out, "1\tnot accepted: AccessDeniedException")
    assert.notInclude(out, "not tried")
    assert.deepStrictEqual(
      keys().filter((key) => !key.startsWith("audit/")),
      before
    )
  })

  it("[P2] stop a redrive that could hand over but not take out, and say so", async () => {
    const { command, keys } = await makePlace([without("TakeOut")])
    const { code, err } = await command("quarantine", "redrive", "--yes", ...WHY)
    assert.strictEqual(code, 1)
    assert.match(
      err,
      /rejected events: retire: AccessDenied: sign in as a role with the rights that docs\/operator.md lists/
    )
    assert.isTrue(keys().includes(`quarantine/TooDeep/2026-05-06/${START}-0a`))
    assert.match((await command("uses")).out, /quarantine redrive\t.*\tfailed\tmatched=2 redriven=1 left=1\t/)
  })

  it("come with the use log: where it cannot be written, nothing is opened", async () => {
    const { command, keys } = await makePlace([without("WriteDown")])
    const before = keys()
    for (const args of [
      ["quarantine", "list"],
      ["quarantine", "show", "--raw", "--json", ...WHY],
      ["quarantine", "redrive", "--yes", ...WHY]
    ]) {
      const { code, out, err } = await command(...args)
      assert.deepStrictEqual([code, out], [1, ""])
      assert.match(err, /use log: append: AccessDenied/)
    }
    assert.deepStrictEqual(keys(), before)
  })
})
