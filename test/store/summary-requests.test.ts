import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { STATE_ROW } from "../../src/domain/projection.ts"
import type { Item } from "../../src/store/aws/attribute.ts"
import { itemBytes } from "../../src/store/aws/attribute.ts"
import { projectionStore } from "../../src/store/aws/projection-store.ts"
import { ProjectionStore, type Summary } from "../../src/store/projection-store.ts"
import { asking } from "./answering.ts"
import { ARRIVAL } from "./events.ts"

const Key = { queueId: { S: "q" }, row: { S: STATE_ROW } }
const onTable = asking(projectionStore({ "queues-v2": { table: "queues", key: "queueId" } }))

/** The item that a summary is written as, and what is taken out of it. */
const written = (seen: Partial<Summary>, next: Partial<Summary>) => {
  const none = { version: 0, columns: {}, asOf: ARRIVAL }
  return Effect.map(
    onTable(
      [{}],
      ProjectionStore.use((of) => of.summarise("queues-v2", "q", { ...none, ...seen }, { ...none, ...next }))
    ),
    ({ asked }) => {
      const request = asked[0]?.[1] as {
        readonly UpdateExpression: string
        readonly ExpressionAttributeNames: Readonly<Record<string, string>>
        readonly ExpressionAttributeValues: Item
      }
      const name = (alias: string) => request.ExpressionAttributeNames[alias] ?? alias
      const [set = "", removed = ""] = request.UpdateExpression.replace("SET ", "").split(" REMOVE ")
      const item = Object.fromEntries(
        set.split(", ").map((one) => {
          const [alias = "", value = ""] = one.split(" = ")
          return [name(alias), request.ExpressionAttributeValues[value]]
        })
      ) as Item
      return { item, removed: removed === "" ? [] : removed.split(", ").map(name) }
    }
  )
}

describe("a summary that is written to DynamoDB", () => {
  it.effect("loses what it had and has no more, and of its parts where it had some", () =>
    Effect.gen(function* () {
      const columns = { waiting: 1 }
      assert.deepStrictEqual((yield* written({ columns }, { columns })).removed, [])
      assert.deepStrictEqual((yield* written({ columns }, {})).removed, ["waiting"])
      assert.deepStrictEqual((yield* written({ parts: [1] }, { columns })).removed, ["summaryParts"])
      assert.deepStrictEqual((yield* written({ parts: [1] }, { parts: [2] })).removed, [])
    })
  )

  it.effect("keeps its parts as text as long as it takes one write unit with them, and deflates more", () =>
    Effect.gen(function* () {
      const { item } = yield* written({}, { parts: [""] })
      assert.deepStrictEqual(item.summaryParts, { S: '[""]' })
      const room = 1_024 - itemBytes({ ...Key, ...item })
      for (const [characters, as] of [
        [room, "S"],
        [room + 1, "B"]
      ] as const)
        assert.property((yield* written({}, { parts: ["x".repeat(characters)] })).item.summaryParts, as)
    })
  )
})
