import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, assert, beforeAll, describe, it, vi } from "@effect/vitest"
import type { StreamRecord } from "aws-in-process"
import { compilePattern, makeAuthorizer } from "aws-in-process"
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda"
import { build } from "esbuild"
import { changesOf } from "../../src/read/index.ts"
import { RESERVED_COLUMNS } from "../../src/store/projection-store.ts"
import { only } from "../infra/captured.ts"
import { keepEnvironment } from "../support/environment.ts"
import { historyOf } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { devStack, runStack } from "../support/stack.ts"
import { blocksOf, pageOf, root } from "./pages.ts"
import { treeOf } from "./tree.ts"

const page = pageOf("docs/changes.md")
const tree = treeOf(blocksOf(page).filter(({ language }) => language === "ts"))
afterAll(tree.remove)

const PREFIX = "genesys-cloud-projections-dev"
const TOPIC = "arn:aws:sns:eu-central-1:000000000000:announcements.fifo"
const ROLE = { roleArn: "arn:aws:iam::000000000000:role/announce", label: "announce" }
const captured = await devStack({ projectionStreams: true })

/** What a deployment does with it: one file, with the SDK left to the runtime. */
const bundled = async (): Promise<string> => {
  const outfile = join(tree.path, "announce.mjs")
  await build({
    entryPoints: [join(tree.path, "announce.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    alias: { "genesys-cloud-projections/read": join(root, "src/read/index.ts") },
    external: ["@aws-sdk/*"],
    logLevel: "silent"
  })
  return pathToFileURL(outfile).href
}

describe("the page on changes", () => {
  const posted: Array<Record<string, string>> = []
  let refuse: (message: Record<string, string>) => boolean = () => false
  let run: Awaited<ReturnType<typeof runStack>>
  let handler: (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse>
  let pattern: object
  const records: Array<StreamRecord> = []

  const roles = makeAuthorizer({
    [ROLE.roleArn]: [JSON.parse(String(only(captured, "aws:iam/policy:Policy", "changes").inputs.policy))]
  })
  const control = `arn:aws:dynamodb:eu-central-1:000000000000:table/${PREFIX}-control`
  const getItem = (key: string) => roles.authorize(ROLE, "dynamodb:GetItem", control, { "dynamodb:LeadingKeys": [key] })

  /** AWS as far as the function calls it: the pointer from the stack's own table, and a topic. */
  const aws = createServer(async (request, response) => {
    let body = ""
    for await (const chunk of request) body += chunk
    if (request.headers["x-amz-target"] === "DynamoDB_20120810.GetItem") {
      const input = JSON.parse(body)
      getItem(input.Key.key.S)
      const operator = { roleArn: "arn:aws:iam::000000000000:role/operator", label: "operator" }
      response.setHeader("content-type", "application/x-amz-json-1.0")
      response.end(JSON.stringify(await run.stack.dynamodb.service("GetItem", input, operator)))
      return
    }
    const { Action, ...message } = Object.fromEntries(new URLSearchParams(body))
    const refused = Action !== "Publish" || refuse(message)
    if (refused) response.statusCode = 400
    else posted.push(message)
    response.end(
      refused
        ? "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidParameter</Code></Error></ErrorResponse>"
        : "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>"
    )
  })

  const restore = keepEnvironment()
  beforeAll(async () => {
    run = await runStack({ captured })
    run.stack.dynamodb.onStream(`${PREFIX}-agents-v2`, (record) => records.push(record))
    const history = historyOf(400)
    run.feed(history)
    await run.reach(history.at(-1)?.at ?? 0)
    await run.settle()
    await new Promise<void>((resolve) => aws.listen(0, "127.0.0.1", resolve))
    Object.assign(process.env, {
      AWS_REGION: "eu-central-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(aws.address() as AddressInfo).port}`,
      AWS_MAX_ATTEMPTS: "1",
      PREFIX,
      TOPIC_ARN: TOPIC
    })
    ;({ handler } = await import(/* @vite-ignore */ await bundled()))
    ;({ pattern } = await import(/* @vite-ignore */ pathToFileURL(join(tree.path, "attach.ts")).href))
  })
  afterAll(async () => {
    restore()
    aws.close()
    await run.stack.stop()
  })

  const options = { prefix: PREFIX, readers: { agents: { generation: "agents-v2" } } }
  const wanted = () => changesOf(records, options).filter(({ row }) => row === "state")

  /** What Lambda does with a stream and this mapping: filter, batch, and go on from what failed. */
  const deliver = async (from: ReadonlyArray<StreamRecord>) => {
    const matches = compilePattern(JSON.stringify(pattern))
    const given: ReadonlyArray<DynamoDBRecord> = from
      .filter(matches)
      .map((record) => JSON.parse(JSON.stringify(record)))
    for (let at = 0, tries = 0; at < given.length; tries++) {
      assert.isBelow(tries, 100)
      const batch = given.slice(at, at + 25)
      const [failed] = (await handler({ Records: [...batch] })).batchItemFailures
      const index = batch.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === failed?.itemIdentifier)
      if (failed !== undefined) assert.isAtLeast(index, 0, "a record of the batch has failed")
      at += failed === undefined ? batch.length : index
    }
    return given.length
  }

  it("attaches by a filter that drops records, and no change of a row `state`", UNHURRIED, () => {
    const matches = compilePattern(JSON.stringify(pattern))
    const passed = records.filter(matches)
    assert.isBelow(passed.length, records.length)
    assert.deepStrictEqual(
      changesOf(passed, options).map(({ id }) => id),
      wanted().map(({ id }) => id)
    )
  })

  it("[P10] posts each change once, in order, with the rights of the stack's policy", UNHURRIED, async () => {
    posted.length = 0
    await deliver(records)
    assert.isAbove(posted.length, 20)
    assert.deepStrictEqual(
      posted.map(({ MessageDeduplicationId, MessageGroupId, TopicArn }) => [
        MessageDeduplicationId,
        MessageGroupId,
        TopicArn
      ]),
      wanted().map(({ id, entity }) => [id, entity, TOPIC])
    )
    const texts = posted.map(({ Message = "" }) => JSON.parse(Message).text)
    assert.isTrue(texts.some((text) => / never seen -> /.test(text)))
    assert.isTrue(texts.some((text) => /^agent [0-9a-f-]{36}: On Queue -> Interacting$/.test(text)))
    assert.isTrue(posted.every(({ MessageDeduplicationId = "" }) => MessageDeduplicationId.length <= 128))
    assert.deepStrictEqual(roles.denied(), [])
    assert.throws(() => getItem("breaker/stream"), "not authorized")
  })

  it("goes on from what could not be posted, and misses nothing", UNHURRIED, async () => {
    posted.length = 0
    let turn = 0
    refuse = () => ++turn % 7 === 0
    const errors = vi.spyOn(console, "error").mockImplementation(() => {})
    await deliver(records)
    refuse = () => false
    assert.isAbove(errors.mock.calls.length, 3)
    errors.mockRestore()
    assert.isAbove(turn, posted.length)
    assert.deepStrictEqual(
      posted.map(({ MessageDeduplicationId }) => MessageDeduplicationId),
      wanted().map(({ id }) => id)
    )
  })

  it("names all attributes that are no columns", () => {
    const [sentence = ""] = /Columns are all attributes but [^.]+\./s.exec(page.text) ?? []
    assert.sameMembers(
      [...sentence.matchAll(/`(\w+)`/g)].map(([, name]) => name),
      [...RESERVED_COLUMNS].filter((name) => name !== "row")
    )
  })
})
