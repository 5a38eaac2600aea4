import { PublishCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns"
import { assert, describe, it } from "vitest"
import { makeSns } from "../src/sns/sns.ts"
import { makeRequestHandler } from "../src/wire/request-handler.ts"
import { arn, errorOf, guard, makeTime, ROLE, START } from "./parts.ts"

const TopicArn = arn("sns", "notices")

const setup = (...refused: ReadonlyArray<string>) => {
  const { clock, activity } = makeTime()
  const { authorize, used } = guard(...refused)
  const sns = makeSns([{ name: "notices", arn: TopicArn }], { clock, authorize })
  const client = new SNSClient({
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    requestHandler: makeRequestHandler({ services: { sns: sns.service }, principal: ROLE, activity }),
    maxAttempts: 1
  })
  return { sns, client, used }
}

describe("topics", () => {
  it("keep what is published, as it is", async () => {
    const { sns, client, used } = setup()
    const Message = "a & b <c>\n  é + %"
    const { MessageId } = await client.send(new PublishCommand({ TopicArn, Subject: "A & b", Message }))
    await client.send(new PublishCommand({ TopicArn, Message: "without" }))
    assert.deepStrictEqual(sns.published(TopicArn), [
      { id: MessageId ?? "", at: START, subject: "A & b", message: Message },
      { id: sns.published(TopicArn)[1]?.id ?? "", at: START, message: "without" }
    ])
    assert.deepStrictEqual(used, [`sns:Publish ${TopicArn}`, `sns:Publish ${TopicArn}`])
  })

  it.each([
    ["AccessDeniedException", {}, ["sns:Publish"]],
    ["NotFoundException", { TopicArn: arn("sns", "other") }, []],
    ["InvalidParameterException", { Subject: "two\nlines" }, []],
    ["InvalidParameterException", { Subject: "é" }, []],
    ["InvalidParameterException", { Subject: "s".repeat(101) }, []],
    ["InvalidParameterException", { Message: "m".repeat(262_145) }, []]
  ])("refuse with %s", async (name, more, refused) => {
    const { sns, client } = setup(...refused)
    assert.strictEqual(await errorOf(client.send(new PublishCommand({ TopicArn, Message: "m", ...more }))), name)
    assert.deepStrictEqual(sns.published(TopicArn), [])
  })

  it.each([
    new PublishCommand({ TopicArn, Message: "m", MessageStructure: "json" }),
    new PublishCommand({ TopicArn, Message: "m", MessageAttributes: { a: { DataType: "String", StringValue: "b" } } }),
    new SubscribeCommand({ TopicArn, Protocol: "email" })
  ])("throw on what is not implemented", async (command) => {
    const { client } = setup()
    const error = await client.send(command as PublishCommand).then(
      () => undefined,
      (cause: unknown) => cause
    )
    assert.include(String(error), "not implemented by aws-in-process")
  })
})
