import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Exit, Layer } from "effect"
import { projections } from "../../projections/index.ts"
import { generation } from "../../src/domain/projection.ts"
import { DynamoDb } from "../../src/store/aws/dynamodb.ts"
import { eventStoreFromConfig } from "../../src/store/aws/event-store.ts"
import { projectionStoreFromConfig } from "../../src/store/aws/projection-store.ts"
import { quarantineFromConfig } from "../../src/store/aws/quarantine.ts"
import { S3 } from "../../src/store/aws/s3.ts"
import { settleQueueFromConfig } from "../../src/store/aws/settle-queue.ts"
import { Sqs } from "../../src/store/aws/sqs.ts"

const stores = Layer.mergeAll(
  eventStoreFromConfig,
  projectionStoreFromConfig(projections),
  settleQueueFromConfig,
  quarantineFromConfig
).pipe(Layer.provide([DynamoDb.layer, S3.layer, Sqs.layer]))

const tables = Object.fromEntries(projections.map((projection) => [generation(projection), `t-${projection.name}`]))

const whole = {
  AWS_REGION: "eu-west-1",
  EVENT_TABLE: "events",
  OVERFLOW_BUCKET: "overflow",
  QUARANTINE_BUCKET: "quarantine",
  SETTLE_QUEUE_URL: "https://sqs.eu-west-1.amazonaws.com/444455556666/settle",
  PROJECTION_TABLES: JSON.stringify(tables)
}

const build = (env: Readonly<Record<string, string>>) =>
  Layer.build(stores).pipe(
    Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord(env))),
    Effect.scoped,
    Effect.exit
  )

describe("the stores' configuration", () => {
  it.effect("is complete with five variables", () =>
    Effect.map(build(whole), (exit) => assert.isTrue(Exit.isSuccess(exit), String(exit)))
  )

  const broken = [
    ["EVENT_TABLE", ""],
    ["OVERFLOW_BUCKET", ""],
    ["QUARANTINE_BUCKET", ""],
    ["SETTLE_QUEUE_URL", ""],
    ["PROJECTION_TABLES", ""],
    ["PROJECTION_TABLES", "agents-v2"],
    ["PROJECTION_TABLES", JSON.stringify({ ...tables, "agents-v2": "" })],
    ["PROJECTION_TABLES", "{}"]
  ] as const
  it.effect.each(broken)("names %s when it is %j", ([name, value]) =>
    Effect.map(build({ ...whole, [name]: value }), (exit) => {
      assert.isTrue(Exit.isFailure(exit))
      assert.include(String(exit), name)
    })
  )
})
