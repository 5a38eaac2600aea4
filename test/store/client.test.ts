import { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { DynamoDb } from "../../src/store/aws/dynamodb.ts"
import { S3 } from "../../src/store/aws/s3.ts"
import { Kinesis } from "../../src/store/aws/stream-sink.ts"
import { Connection, type ConnectionSettings } from "../../src/store/connection.ts"

/** A request to where nobody listens: a handler knows its own settings once it has had one. */
const nowhere = {
  protocol: "http:",
  hostname: "127.0.0.1",
  port: 1,
  method: "GET",
  path: "/",
  query: {},
  headers: {}
} as never

const settingsOf = (handler: object): object =>
  (handler as { readonly httpHandlerConfigs: () => object }).httpHandlerConfigs()

const logging = (client: DynamoDBClient) => client.middlewareStack.identify().filter((step) => /logger/i.test(step))

describe("a client of the SDK", () => {
  it.effect("copies nothing for a logger that is not there, as one does by default", () =>
    Effect.gen(function* () {
      assert.lengthOf(logging(new DynamoDBClient({})), 1)
      assert.deepStrictEqual(logging(yield* DynamoDb), [])
    }).pipe(Effect.provide(DynamoDb.layer))
  )

  it.effect("tries a call once, and gives up connecting after a second and waiting after four", () =>
    Effect.gen(function* () {
      const { config } = yield* DynamoDb
      assert.strictEqual(yield* Effect.promise(() => config.maxAttempts()), 1)
      const patience = { connectionTimeout: 1_000, requestTimeout: 4_000, throwOnRequestTimeout: true }
      yield* Effect.promise(() => config.requestHandler.handle(nowhere).catch(() => undefined))
      assert.deepInclude(settingsOf(config.requestHandler), patience)
    }).pipe(Effect.provide(DynamoDb.layer), Effect.provideService(Connection, { region: "eu-west-1" }))
  )

  it.effect("asks S3 by path where an endpoint is named, and by the bucket's host on AWS", () =>
    Effect.gen(function* () {
      const byPath = (settings: ConnectionSettings) =>
        Effect.map(S3, ({ config }) => config.forcePathStyle).pipe(
          Effect.provide(Layer.fresh(S3.layer)),
          Effect.provideService(Connection, { region: "eu-west-1", ...settings })
        )
      assert.isTrue(yield* byPath({ endpoint: "http://localhost:9000" }))
      assert.isFalse(yield* byPath({}))
    })
  )

  it.effect("of Kinesis keeps no session, unless a handler of its own is given", () =>
    Effect.gen(function* () {
      const handlerOf = (settings: ConnectionSettings) =>
        Effect.map(Kinesis, ({ config }) => config.requestHandler).pipe(
          Effect.provide(Layer.fresh(Kinesis.layer)),
          Effect.provideService(Connection, { region: "eu-west-1", ...settings })
        )
      const handler = yield* handlerOf({})
      yield* Effect.promise(() => handler.handle(nowhere).catch(() => undefined))
      assert.deepInclude(settingsOf(handler), { disableConcurrentStreams: true })
      const own = { handle: () => Promise.reject(new Error("not called")), httpHandlerConfigs: () => ({}) }
      assert.strictEqual(yield* handlerOf({ requestHandler: own }), own)
    })
  )
})
