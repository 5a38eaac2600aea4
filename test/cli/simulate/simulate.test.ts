import { assert, describe, it } from "@effect/vitest"
import {
  type Authorize,
  makeActivity,
  makeAuthorizer,
  makeEventBridge,
  makeKinesis,
  makeRequestHandler,
  makeS3,
  makeSqs,
  makeStream,
  type PolicyDocument,
  type Service,
  ServiceError
} from "aws-in-process"
import { virtualClock } from "aws-in-process/clock"
import { seededRandom } from "aws-in-process/random"
import { projections } from "../../../projections/index.ts"
import { operatorPolicy } from "../../../src/cli/rights.ts"
import type { Outputs } from "../../../src/cli/stack/stack.ts"
import { decodeEvent } from "../../../src/genesys/decoder.ts"
import { commandInSteps } from "../harness.ts"
import { someOutputs } from "../outputs.ts"

const ROLE = "arn:aws:iam::444455556666:role/on-call"
const RULE_ROLE = "arn:aws:iam::444455556666:role/rule"
const STREAM = "arn:aws:kinesis:eu-west-1:444455556666:stream/stream"
const WHY = ["--yes", "--why", "a load test"]
const START = Date.UTC(2026, 4, 6, 9)

const outputs: Outputs = {
  ...someOutputs,
  exportsBucketName: "",
  entityIndexName: "",
  projectionTables: { "agents-v2": { name: "agents" } },
  customerKeyArn: "",
  load: {}
}

/** A bus with the rule of a stack, as far as events go. `between` stands between the command and the bus. */
const makePlace = (given: Partial<Outputs> = {}, between: (service: Service) => Service = (service) => service) => {
  const clock = virtualClock(START)
  const activity = makeActivity()
  const put = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: ["kinesis:PutRecord"], Resource: [STREAM] }]
  }
  const { authorize, unused } = makeAuthorizer({
    [ROLE]: [operatorPolicy({ ...outputs, ...given }, projections) as PolicyDocument],
    [RULE_ROLE]: [put as unknown as PolicyDocument]
  })
  const s3 = makeS3({ clock, authorize })
  s3.createBucket("held")
  const stored: Array<string> = []
  const stream = makeStream({ name: "stream", arn: STREAM, shardCount: 1, retentionPeriod: 24 }, clock, false)
  const keep = stream.put
  const kinesis = makeKinesis(
    [
      {
        ...stream,
        put: (record) => {
          stored.push(Buffer.from(record.data).toString())
          return keep(record)
        }
      }
    ],
    authorize as Authorize
  )
  const rule = { name: "rule", arn: "arn:aws:events:eu-west-1:444455556666:rule/bus/rule", eventBusName: "bus" }
  const bridge = makeEventBridge(
    [{ name: "bus", arn: someOutputs.busArn }],
    [{ ...rule, eventPattern: JSON.stringify({ source: ["genesys.simulator"] }) }],
    [
      {
        rule: "rule",
        eventBusName: "bus",
        arn: STREAM,
        roleArn: RULE_ROLE,
        kinesisTarget: { partitionKeyPath: "$.detail.topicName" }
      }
    ],
    { clock, authorize, kinesis, sqs: makeSqs([], { clock, authorize, activity }), random: seededRandom(1) }
  )
  const connection = {
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    requestHandler: makeRequestHandler({
      services: { s3: s3.service, events: between(bridge.service) },
      principal: { roleArn: ROLE, label: "on-call" },
      activity
    })
  }
  const target = {
    name: "stack test",
    outputs: { ...outputs, ...given },
    connection,
    who: { user: "robin", host: "desk" }
  }
  const inSteps = commandInSteps(target, "1 second", {
    start: START,
    onStep: () => clock.advanceTo(clock.now() + 1_000)
  })
  const command = (...args: ReadonlyArray<string>) => inSteps("simulate", ...args)
  const spare = () => unused().filter(({ action }) => /PutEvents/.test(action))
  return { command, stored, spare }
}

describe("simulate", () => {
  it("sends a contact centre's events to the bus of a stack, which the rule takes and the decoder reads", async () => {
    const place = makePlace()
    const { code, out, err } = await place.command("--rate", "5", "--minutes", "2", ...WHY)
    assert.strictEqual(code, 0, err)
    assert.isAbove(place.stored.length, 400)
    assert.include(out, `${place.stored.length} events sent to bus`)
    assert.include(err, "recorded: robin@desk, simulate, sent, because: a load test")
    const events = place.stored.map((line) => decodeEvent(line, START))
    assert.isTrue(events.every((event) => event._tag === "Success" && event.success.routed))
    const times = place.stored.map((line) => Date.parse(JSON.parse(line).detail.timestamp))
    assert.isTrue(times.every((at) => at >= START - 1_000 && at <= START + 120_000))
    assert.deepStrictEqual(place.spare(), [])
  })

  it("says the price first and sends nothing without --yes", async () => {
    const place = makePlace()
    const { code, out, err } = await place.command("--rate", "100", "--minutes", "60")
    assert.strictEqual(code, 0, err)
    assert.strictEqual(
      out,
      "about 360,000 events of 1,000 agents and 67 queues to bus, 100 a second for 60.0 min\nat most $1.44 for their way through the stack, and what it costs to store them\n"
    )
    assert.include(err, "nothing was sent; give --yes and --why")
    assert.isEmpty(place.stored)
  })

  it("the same seed makes the same agents", async () => {
    const agents = async (seed: string) => {
      const place = makePlace()
      await place.command("--minutes", "0.5", "--seed", seed, ...WHY)
      return new Set(
        place.stored
          .map((line) => JSON.parse(line).detail.topicName as string)
          .filter((name) => name.startsWith("v2.users."))
      )
    }
    const [one, again, other] = [await agents("7"), await agents("7"), await agents("8")]
    assert.isAbove(one.size, 0)
    assert.deepStrictEqual(one, again)
    assert.isEmpty([...one].filter((name) => other.has(name)))
  })

  it("sends again what the bus throttled, and loses nothing", async () => {
    let calls = 0
    const place = makePlace({}, (service) => async (operation, input, by) => {
      calls++
      if (calls % 3 === 0) throw new ServiceError("ThrottlingException", "Rate exceeded")
      return service(operation, input, by)
    })
    const { code, out, err } = await place.command("--rate", "20", "--minutes", "1", ...WHY)
    assert.strictEqual(code, 0, err)
    assert.isAbove(calls, 60)
    assert.include(out, `${place.stored.length.toLocaleString("en")} events sent`)
  })

  it("stops where the bus refuses, and says why and how many went", async () => {
    let calls = 0
    const place = makePlace({}, (service) => async (operation, input, by) => {
      calls++
      if (calls > 5) throw new ServiceError("AccessDeniedException", "not authorized")
      return service(operation, input, by)
    })
    const { code, err } = await place.command("--rate", "20", "--minutes", "10", ...WHY)
    assert.strictEqual(code, 3)
    assert.include(err, `the bus took ${place.stored.length} events and then refused with AccessDeniedException`)
    assert.include(err, "recorded: robin@desk, simulate, refused")
  })

  it.each([
    [{ eventSource: "aws.partner/genesys.com/cloud/x/y" }, [], "which nobody but Genesys can send"],
    [{ eventSource: "" }, [], "deploy this version of it first"],
    [{}, ["--rate", "0"], "--rate must be a number of events per second, from 0.1 to 1,000"],
    [{}, ["--yes"], 'add --why "reason"']
  ])("refuses %j %j", async (given, args, sentence) => {
    const place = makePlace(given)
    const { code, err } = await place.command(...args)
    assert.strictEqual(code, 1)
    assert.include(err, sentence)
    assert.isEmpty(place.stored)
  })
})
