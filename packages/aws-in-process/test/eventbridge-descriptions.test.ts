import {
  DescribeEventBusCommand,
  DescribeEventSourceCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListEventSourcesCommand
} from "@aws-sdk/client-eventbridge"
import { assert, describe, it } from "vitest"
import { makeEventBridge } from "../src/eventbridge/eventbridge.ts"
import { makeKinesis } from "../src/kinesis/kinesis.ts"
import { makeSqs } from "../src/sqs/sqs.ts"
import { makeRequestHandler } from "../src/wire/request-handler.ts"
import { arn, errorOf, guard, makeTime, ROLE, random, START } from "./parts.ts"

const SOURCE = "aws.partner/example.com/1/mine"
const BUS = { name: SOURCE, arn: arn("events", `event-bus/${SOURCE}`), eventSourceName: SOURCE }
const RULE = {
  name: "all",
  arn: arn("events", `rule/${SOURCE}/all`),
  eventBusName: SOURCE,
  eventPattern: JSON.stringify({ source: [SOURCE] })
}

interface Options {
  readonly matched?: boolean
  readonly listed?: boolean
  readonly partner?: boolean
  readonly refused?: ReadonlyArray<string>
}

const setUp = ({ matched = true, listed = true, partner = true, refused = [] }: Options = {}) => {
  const time = makeTime()
  const { authorize, used } = guard(...refused)
  const bridge = makeEventBridge(matched ? [BUS] : [], matched ? [RULE] : [], [], {
    ...time,
    authorize,
    random: random(0),
    kinesis: makeKinesis([], authorize),
    sqs: makeSqs([], { ...time, authorize }),
    ...(partner && {
      partner: {
        region: "eu-west-1",
        account: "000000000000",
        sources: () => (listed ? [{ name: SOURCE, from: START }] : [])
      }
    })
  })
  const client = new EventBridgeClient({
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    requestHandler: makeRequestHandler({
      services: { events: bridge.service },
      principal: ROLE,
      activity: time.activity
    }),
    maxAttempts: 1
  })
  return { client, used }
}

const stateOf = async (options: Options) => {
  const found = await setUp(options).client.send(new DescribeEventSourceCommand({ Name: SOURCE }))
  return [found.State, found.ExpirationTime?.getTime()]
}

describe("what EventBridge tells of itself", () => {
  it("says whether a bus belongs to a partner's source", async () => {
    assert.deepStrictEqual(await stateOf({ matched: false }), ["PENDING", START + 14 * 86_400_000])
    assert.deepStrictEqual(await stateOf({}), ["ACTIVE", undefined])
    assert.deepStrictEqual(await stateOf({ listed: false }), ["DELETED", undefined])
    const { client } = setUp({ matched: false, listed: false })
    assert.strictEqual(
      await errorOf(client.send(new DescribeEventSourceCommand({ Name: SOURCE }))),
      "ResourceNotFoundException"
    )
  })

  it("knows the bus that every account has, and those that were made", async () => {
    const { client } = setUp()
    const { Arn } = await client.send(new DescribeEventBusCommand({}))
    assert.strictEqual(Arn, arn("events", "event-bus/default"))
    assert.strictEqual((await client.send(new DescribeEventBusCommand({ Name: SOURCE }))).Arn, BUS.arn)
    assert.strictEqual(
      await errorOf(client.send(new DescribeEventBusCommand({ Name: "other" }))),
      "ResourceNotFoundException"
    )
  })

  it("shows a rule with its pattern", async () => {
    const { client } = setUp()
    const rule = await client.send(new DescribeRuleCommand({ Name: "all", EventBusName: SOURCE }))
    assert.deepStrictEqual([rule.EventPattern, rule.State], [RULE.eventPattern, "ENABLED"])
    assert.strictEqual(
      await errorOf(client.send(new DescribeRuleCommand({ Name: "all" }))),
      "ResourceNotFoundException"
    )
  })

  it("asks for a right to each", async () => {
    const calls = [
      new DescribeEventSourceCommand({ Name: SOURCE }),
      new DescribeEventBusCommand({}),
      new DescribeRuleCommand({ Name: "all", EventBusName: SOURCE })
    ] as const
    const { client, used } = setUp()
    for (const call of calls) await client.send(call as DescribeRuleCommand)
    assert.deepStrictEqual(used, [
      `events:DescribeEventSource arn:aws:events:eu-west-1::event-source/${SOURCE}`,
      `events:DescribeEventBus ${arn("events", "event-bus/default")}`,
      `events:DescribeRule ${RULE.arn}`
    ])
    const refused = used.map((use) => use.split(" ")[0] ?? "")
    const barred = setUp({ refused })
    for (const call of calls)
      assert.strictEqual(await errorOf(barred.client.send(call as DescribeRuleCommand)), "AccessDeniedException")
  })

  it("throws for what it does not do", async () => {
    const { client } = setUp()
    assert.match(
      String(await client.send(new ListEventSourcesCommand({})).catch((error: Error) => error.message)),
      /not implemented by aws-in-process: events ListEventSources/
    )
    const without = setUp({ partner: false }).client
    assert.match(
      String(
        await without.send(new DescribeEventSourceCommand({ Name: SOURCE })).catch((error: Error) => error.message)
      ),
      /not implemented by aws-in-process: DescribeEventSource without partner/
    )
  })
})
