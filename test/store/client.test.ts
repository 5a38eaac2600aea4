import { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { DynamoDb } from "../../src/store/aws/dynamodb.ts"

const logging = (client: DynamoDBClient) => client.middlewareStack.identify().filter((step) => /logger/i.test(step))

describe("a client of the SDK", () => {
  it.effect("copies nothing for a logger that is not there, as one does by default", () =>
    Effect.gen(function* () {
      assert.lengthOf(logging(new DynamoDBClient({})), 1)
      assert.deepStrictEqual(logging(yield* DynamoDb), [])
    }).pipe(Effect.provide(DynamoDb.layer))
  )
})
