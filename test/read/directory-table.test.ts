import type { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { directoryTable } from "../../src/read/directory-table.ts"
import { toCursor } from "../../src/store/aws/directory-item.ts"

/** The table of names of a stack at which every call fails by this name. */
const failing = (name: string) => {
  const send = () => Promise.reject(Object.assign(new Error(name), { name }))
  const table = directoryTable({ send } as unknown as DynamoDBClient, "stack")
  const listed = (page: { readonly cursor?: string }) => Effect.flip(table.list("agents", {}, { limit: 1, ...page }))
  return {
    names: Effect.flip(table.names([{ kind: "agents", id: "a" }])),
    lastSwept: Effect.flip(table.lastSwept("agents")),
    listed
  }
}
const cursor = toCursor({ id: { S: "a" }, listed: { S: "agents#a" } })

describe("the table of names", () => {
  it.effect("that refuses a call is a failure by the name of that call", () =>
    Effect.gen(function* () {
      const { names, lastSwept, listed } = failing("AccessDeniedException")
      assert.strictEqual((yield* names).message, "BatchGetItem: AccessDeniedException")
      assert.strictEqual((yield* lastSwept).message, "GetItem: AccessDeniedException")
      assert.strictEqual((yield* listed({})).message, "Query: AccessDeniedException")
      assert.strictEqual((yield* listed({ cursor })).message, "Query: AccessDeniedException")
    })
  )

  it.effect("that is not there is missing, whoever asks", () =>
    Effect.gen(function* () {
      const { names, lastSwept, listed } = failing("ResourceNotFoundException")
      for (const call of [names, lastSwept, listed({}), listed({ cursor })])
        assert.deepInclude(yield* call, { _tag: "NoDirectory", table: "stack-directory", reason: "missing" })
    })
  )

  it.effect("that refuses a request with a cursor refuses the cursor, as does one that is none", () =>
    Effect.gen(function* () {
      const { listed } = failing("ValidationException")
      const problem = "after belongs to no page of this list; it must be next of the page before"
      assert.strictEqual((yield* listed({ cursor })).message, problem)
      assert.strictEqual((yield* listed({ cursor: "none" })).message, problem)
      assert.strictEqual((yield* listed({})).message, "Query: ValidationException")
    })
  )
})
