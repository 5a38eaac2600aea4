import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { act, checked } from "../src/dynamodb/dynalite.ts"
import { makeTables, type TableDefinition } from "../src/dynamodb/tables.ts"

const ROWS: TableDefinition = {
  name: "rows",
  arn: "arn:aws:dynamodb:eu-west-1:000000000000:table/rows",
  hashKey: { name: "id", type: "S" },
  rangeKey: { name: "row", type: "S" }
}

const reads = [
  ["Scan", {}],
  ["Scan", { Limit: 3 }],
  ["Query", { KeyConditionExpression: "id = :id", ExpressionAttributeValues: { ":id": { S: "a" } } }],
  ["Query", { KeyConditionExpression: "id = :id", ExpressionAttributeValues: { ":id": { S: "a" } }, Limit: 2 }],
  ["Query", { KeyConditionExpression: "id = :id", ExpressionAttributeValues: { ":id": { S: "nobody" } } }]
] as const

const turn = () => new Promise((resolve) => setTimeout(resolve, 5))

describe("queries and scans", () => {
  for (const where of ["memory", "a folder"])
    it(`close what they have read in ${where}, also where they stop early`, async () => {
      const path = where === "memory" ? undefined : mkdtempSync(join(tmpdir(), "iterators-"))
      const tables = makeTables({
        clock: { now: () => 0, at: () => () => {} },
        ...(path === undefined ? {} : { path })
      })
      try {
        await tables.create(ROWS)
        for (let i = 0; i < 20; i++) {
          const Item = { id: { S: i % 2 === 0 ? "a" : "b" }, row: { S: String(i) } }
          await act(tables.store, "PutItem", checked(tables.store, "PutItem", { TableName: "rows", Item }))
        }
        for (let round = 0; round < 5; round++)
          for (const [name, input] of reads)
            await act(tables.store, name, checked(tables.store, name, { TableName: "rows", ...input }))
        for (let i = 0; i < 100 && tables.openIterators() > 0; i++) await turn()
        assert.strictEqual(tables.openIterators(), 0)
      } finally {
        await tables.store.db.close()
        if (path !== undefined) rmSync(path, { recursive: true })
      }
    })
})
