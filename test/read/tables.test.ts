import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { QUEUES } from "../../src/read/source.ts"
import { tables } from "../../src/read/tables.ts"
import { START } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { makeTables } from "./engine.ts"
import { event, idOf, member } from "./events.ts"

const [A, B, Q] = [idOf(1), idOf(2), idOf(100)]
const AT = new Date(START).toISOString()
const from = { projection: QUEUES, generation: "queues-v2", consistent: false }

const waits = event(
  "v2.detail.events.conversation.{id}.acd.start",
  idOf(9),
  { eventTime: START, sessionId: "s1", queueId: Q, mediaType: "VOICE" },
  0
)

describe("the tables of a stack", UNHURRIED, () => {
  it("list the rows of an entity that are open, whatever their keys begin with", async () => {
    const stack = await makeTables()
    await stack.fold([member(Q, A, true, 0), member(Q, B, true, 0), waits])
    const open = await Effect.runPromise(tables(stack.client(), stack.prefix).open(from, Q))
    assert.deepStrictEqual(
      open.map(({ row }) => row),
      [`member#${A}`, `member#${B}`, "session#s1"]
    )
    // DynamoDB takes no empty text for a key, so that the least that a key is compared with is a space.
    assert.deepStrictEqual(stack.seen.at(-1)?.input.ExpressionAttributeValues, {
      ":entity": { S: Q },
      ":nothing": { S: " " }
    })
    await stack.close()
  })

  it("have no row where only a ticket was taken", async () => {
    const stack = await makeTables()
    await stack.fold([waits])
    const put = (row: string, more: object) => stack.put("queues-v2", { queueId: { S: Q }, row: { S: row }, ...more })
    await put("session#s2", { ticket: { N: "1" } })
    await put("session#s3", { asOf: { S: AT } })
    const rows = await stack.read((reader) => reader.rows(QUEUES, Q))
    assert.deepStrictEqual(
      rows?.rows.map(({ row }) => row),
      ["session#s1", "session#s3", "state"]
    )
    await stack.close()
  })
})
