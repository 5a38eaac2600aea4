import { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import { BatchGetCommand, DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb"
import { assert, describe, it } from "vitest"
import { virtualClock } from "../src/clock.ts"
import { makeActivity } from "../src/core/activity.ts"
import { makeDynamodb } from "../src/dynamodb/dynamodb.ts"
import { seededRandom } from "../src/random.ts"
import { makeRequestHandler } from "../src/wire/request-handler.ts"

const setup = async (share: () => number) => {
  const clock = virtualClock(Date.UTC(2026, 0, 1))
  const activity = makeActivity()
  const lagging = { random: seededRandom(1), share }
  const dynamodb = makeDynamodb({ clock, activity, authorize: () => {}, lagging })
  const arn = "arn:aws:dynamodb:eu-west-1:000000000000:table/rows"
  await dynamodb.createTable({ name: "rows", arn, hashKey: { name: "id", type: "S" } })
  const principal = { roleArn: "arn:aws:iam::000000000000:role/test", label: "test" }
  const client = new DynamoDBClient({
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    requestHandler: makeRequestHandler({ services: { dynamodb: dynamodb.service }, principal, activity }),
    maxAttempts: 1
  })
  const documents = DynamoDBDocumentClient.from(client)
  const put = (n: number) => documents.send(new PutCommand({ TableName: "rows", Item: { id: "a", n } }))
  const get = async (ConsistentRead = false) =>
    (await documents.send(new GetCommand({ TableName: "rows", Key: { id: "a" }, ConsistentRead }))).Item?.n
  const getMany = async (ConsistentRead = false) => {
    const rows = { Keys: [{ id: "a" }], ConsistentRead }
    const { Responses } = await documents.send(new BatchGetCommand({ RequestItems: { rows } }))
    return Responses?.rows?.map(({ n }) => n)
  }
  return { clock, put, get, getMany, staleReads: dynamodb.staleReads }
}

describe("reads that need not be consistent", () => {
  it("miss what was written in the last second, and consistent ones never", async () => {
    const { clock, put, get, getMany } = await setup(() => 1)
    await put(1)
    assert.deepStrictEqual([await get(), await getMany()], [undefined, []])
    assert.deepStrictEqual([await get(true), await getMany(true)], [1, [1]])
    clock.advanceTo(clock.now() + 1_000)
    assert.deepStrictEqual([await get(), await getMany()], [1, [1]])
    await put(2)
    assert.deepStrictEqual([await get(), await getMany(), await get(true)], [1, [1], 2])
  })

  it("are up to date again once nothing goes wrong", async () => {
    let share = 1
    const { put, get, staleReads } = await setup(() => share)
    await put(1)
    share = 0
    assert.strictEqual(await get(), 1)
    assert.strictEqual(staleReads(), 0)
  })

  it("are counted when they are behind", async () => {
    const { put, get, getMany, staleReads } = await setup(() => 1)
    await put(1)
    await get(true)
    await get()
    await getMany()
    assert.strictEqual(staleReads(), 2)
  })
})
