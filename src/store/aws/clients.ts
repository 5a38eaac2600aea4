import { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import { S3Client } from "@aws-sdk/client-s3"
import { SQSClient } from "@aws-sdk/client-sqs"
import { Context, Effect, Layer } from "effect"
import { Connection } from "../connection.ts"

/**
 * One attempt a call, because the retries are ours: they know the deadline and the single statements. A call that hangs is cut
 * off, so that a retry has time left. Connections are kept alive, as is the SDK's default.
 */
const defaults = {
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 4_000, throwOnRequestTimeout: true }
}

const client = <C extends { readonly destroy: () => void }>(make: (settings: typeof defaults & Connected) => C) =>
  Effect.gen(function* () {
    const settings = yield* Connection
    return yield* Effect.acquireRelease(
      Effect.sync(() => make({ ...defaults, ...settings })),
      (made) => Effect.sync(() => made.destroy())
    )
  })

type Connected = Context.Service.Shape<typeof Connection>

export class DynamoDb extends Context.Service<DynamoDb, DynamoDBClient>()("projections/DynamoDb") {
  static readonly layer = Layer.effect(
    DynamoDb,
    client((settings) => new DynamoDBClient(settings))
  )
}

export class Sqs extends Context.Service<Sqs, SQSClient>()("projections/Sqs") {
  static readonly layer = Layer.effect(
    Sqs,
    client((settings) => new SQSClient(settings))
  )
}

export class S3 extends Context.Service<S3, S3Client>()("projections/S3") {
  static readonly layer = Layer.effect(
    S3,
    client((settings) => new S3Client({ ...settings, forcePathStyle: settings.endpoint !== undefined }))
  )
}
