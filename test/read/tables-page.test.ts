import { type DynamoDBClient, GetItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { blocksOf, pageOf } from "../docs/pages.ts"
import { AGENT, QUEUE } from "../projections/support.ts"
import { START } from "../support/history.ts"
import { commandsOfPage, sendCommand } from "./commands.ts"
import { makeTables, type Tables } from "./engine.ts"
import { event, member, onQueue } from "./events.ts"

const page = pageOf("docs/tables.md")

/** Attributes of the directory's table, by the page. */
const attributes = [
  ...(/\n## Names and lists\n(.*?)\n```/s.exec(page.text)?.[1] ?? "").matchAll(/^\| (`.+?) \|/gm)
].flatMap(([, cell = ""]) => [...cell.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name))

const commands = commandsOfPage()

describe("the examples of docs/tables.md", () => {
  let tables: Tables
  let client: DynamoDBClient
  beforeAll(async () => {
    tables = await makeTables()
    client = tables.client()
    const session = (topic: string, sessionId: string) =>
      event(
        topic,
        "9d1f0c5e-2f0a-4c4b-8a77-5d0e6b1c2f3a",
        {
          eventTime: START,
          conversationId: "9d1f0c5e-2f0a-4c4b-8a77-5d0e6b1c2f3a",
          sessionId,
          queueId: QUEUE,
          mediaType: "VOICE"
        },
        0
      )
    await tables.fold([
      ...onQueue(AGENT, "IDLE", 0),
      member(QUEUE, AGENT, true, 0),
      session("v2.detail.events.conversation.{id}.acd.start", "s1")
    ])
    const division = "7f3e9a15-6c48-4b02-9d7e-5a1b8c0f4e63"
    await tables.sweep([
      { kind: "agents", id: AGENT, name: "Anna Berg", division, team: "2d81c5e0-4b9a-42f6-8e13-7a0f6c2b9d35" },
      { kind: "queues", id: QUEUE, name: "Sales", division }
    ])
  })
  afterAll(() => tables?.close())

  it("are those of three operations", () => {
    assert.deepStrictEqual(
      commands.map(([, , operation]) => operation),
      [
        ...["get-item", "batch-get-item", "get-item", "query", "query", "query", "batch-get-item"],
        // Of the directory.
        ...["batch-get-item", "query", "query", "query", "get-item"]
      ]
    )
  })

  it.each(commands.map((words) => [words.slice(2, 5).join(" "), words] as const))("work: %s", async (_, words) => {
    const items = await sendCommand(client, words)
    assert.strictEqual(items.length > 0, !words.join(" ").includes("observation#"), words.join(" "))
  })

  it("by Python list the agents of a team", async () => {
    const python = blocksOf(page).filter(({ language }) => language === "python")[1]?.code ?? ""
    const said = (name: string) => new RegExp(`${name}="(.+)"`).exec(python)?.[1]
    const [, values = ""] = /ExpressionAttributeValues=(\{.*\})/.exec(python) ?? []
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: said("TableName"),
        IndexName: said("IndexName"),
        KeyConditionExpression: said("KeyConditionExpression"),
        ExpressionAttributeValues: JSON.parse(values)
      })
    )
    assert.deepStrictEqual(
      Items.map(({ id, name }) => [id?.S, name?.S]),
      [[AGENT, "Anna Berg"]]
    )
  })

  it("of the directory find an entry with the attributes that the page lists", async () => {
    const id = "00000000-0000-4000-8000-000000000000"
    await tables.sweep([{ kind: "agents", id, name: "Gone", email: "gone@example.com", division: id, team: id }])
    tables.clock.advanceTo(tables.clock.now() + 2 * 86_400_000)
    await tables.sweep([])
    const Key = { kind: { S: "agents" }, id: { S: id } }
    const { Item: gone = {} } = await client.send(new GetItemCommand({ TableName: tables.tableOf("directory"), Key }))
    assert.sameMembers([...Object.keys(gone), "listed"], ["kind", "id", ...attributes])
  })

  it("by Python send what the command line sends, and read attributes that are there", async () => {
    const python = blocksOf(page).find(({ language }) => language === "python")?.code ?? ""
    const json = (text: string) => JSON.parse(text.replace(/,\s*\}/g, "}")) as Record<string, never>
    const [, key = ""] = /Key=(\{"agentId".*\}),/.exec(python) ?? []
    const agent = await client.send(new GetItemCommand({ TableName: tables.tableOf("agents-v2"), Key: json(key) }))
    assert.strictEqual(agent.Item?.state?.S, "On Queue")
    const [, condition = ""] = /KeyConditionExpression="(.+)"/.exec(python) ?? []
    const [, values = ""] = /ExpressionAttributeValues=(\{.*\})/.exec(python) ?? []
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: tables.tableOf("queues-v2"),
        IndexName: "open",
        KeyConditionExpression: condition,
        ExpressionAttributeValues: json(values)
      })
    )
    assert.deepStrictEqual(
      Items.map(({ phase }) => phase?.S),
      ["waiting"]
    )
    const control = await client.send(
      new GetItemCommand({ TableName: tables.tableOf("control"), Key: { key: { S: "readers/queues" } } })
    )
    assert.strictEqual(JSON.parse(control.Item?.value?.S ?? "{}").generation, "queues-v2")
  })
})
