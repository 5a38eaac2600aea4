import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Exit, Layer, Option } from "effect"
import { projections } from "../../projections/index.ts"
import { generation } from "../../src/domain/projection.ts"
import { controlFromConfig } from "../../src/store/aws/control.ts"
import { deadLettersFromConfig } from "../../src/store/aws/dead-letters.ts"
import { DynamoDb } from "../../src/store/aws/dynamodb.ts"
import { entityIndexFromConfig } from "../../src/store/aws/entity-index.ts"
import { eventSourceFromConfig } from "../../src/store/aws/event-source.ts"
import { eventStoreFromConfig } from "../../src/store/aws/event-store.ts"
import { noticesFromConfig, Sns } from "../../src/store/aws/notices.ts"
import { parkedFromConfig } from "../../src/store/aws/parked.ts"
import { projectionStoreFromConfig } from "../../src/store/aws/projection-store.ts"
import { quarantineFromConfig } from "../../src/store/aws/quarantine.ts"
import { S3 } from "../../src/store/aws/s3.ts"
import { settleQueueFromConfig } from "../../src/store/aws/settle-queue.ts"
import { settleReturnFromConfig } from "../../src/store/aws/settle-return.ts"
import { Sqs } from "../../src/store/aws/sqs.ts"
import { Kinesis, streamSinkFromConfig } from "../../src/store/aws/stream-sink.ts"
import { watermarkFromConfig } from "../../src/store/aws/watermark.ts"
import { EntityIndex } from "../../src/store/entity-index.ts"

const clients = Layer.mergeAll(DynamoDb.layer, Kinesis.layer, S3.layer, Sns.layer, Sqs.layer)

const stores = Layer.mergeAll(
  eventStoreFromConfig,
  projectionStoreFromConfig(projections),
  settleQueueFromConfig,
  quarantineFromConfig
).pipe(Layer.provide(clients))

/** What each store is made from. */
const each = {
  control: [controlFromConfig, "CONTROL_TABLE"],
  deadLetters: [deadLettersFromConfig, "RULE_DLQ_URL", "SETTLE_DLQ_URL"],
  eventSource: [eventSourceFromConfig, "EVENT_TABLE", "OVERFLOW_BUCKET"],
  eventStore: [eventStoreFromConfig, "EVENT_TABLE", "OVERFLOW_BUCKET"],
  notices: [noticesFromConfig, "NOTICES_TOPIC_ARN"],
  parked: [parkedFromConfig, "QUARANTINE_BUCKET"],
  projectionStore: [projectionStoreFromConfig([]), "PROJECTION_TABLES"],
  quarantine: [quarantineFromConfig, "QUARANTINE_BUCKET"],
  settleQueue: [settleQueueFromConfig, "SETTLE_QUEUE_URL"],
  settleReturn: [settleReturnFromConfig, "SETTLE_QUEUE_URL"],
  streamSink: [streamSinkFromConfig, "STREAM_NAME"],
  watermark: [watermarkFromConfig, "CONTROL_TABLE"]
} as const

const on = (env: Readonly<Record<string, string>>) => ConfigProvider.layer(ConfigProvider.fromEnvRecord(env))

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
  Layer.build(stores).pipe(Effect.provide(on(env)), Effect.scoped, Effect.exit)

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

  it.effect("[P10] of each store is what it needs and nothing else", () =>
    Effect.gen(function* () {
      for (const [name, [store, ...variables]] of Object.entries(each)) {
        const layer: Layer.Layer<never, unknown, Layer.Success<typeof clients>> = store
        const env = Object.fromEntries(variables.map((variable) => [variable, "{}"]))
        const build = (given: Readonly<Record<string, string>>) =>
          Layer.build(Layer.provide(layer, clients)).pipe(
            Effect.provide(on({ AWS_REGION: "eu-west-1", ...given })),
            Effect.scoped,
            Effect.exit
          )
        assert.isTrue(Exit.isSuccess(yield* build(env)), name)
        for (const variable of variables) {
          const { [variable]: _, ...others } = env
          const exit = yield* build(others)
          assert.isTrue(Exit.isFailure(exit), `${name} without ${variable}`)
          assert.include(String(exit), variable, name)
        }
      }
    })
  )

  it.effect("has no index by entity where it names none", () =>
    Effect.gen(function* () {
      const indexes = (env: Readonly<Record<string, string>>) =>
        Effect.serviceOption(EntityIndex).pipe(
          Effect.provide(Layer.provide(entityIndexFromConfig, [clients, on({ AWS_REGION: "eu-west-1", ...env })])),
          Effect.scoped,
          Effect.map(Option.isSome)
        )
      assert.isTrue(yield* indexes({ ENTITY_TABLE: "entities" }))
      for (const env of [{}, { ENTITY_TABLE: "" }]) assert.isFalse(yield* indexes(env))
    })
  )

  it.effect("says which generations have no table", () =>
    Effect.map(build({ ...whole, PROJECTION_TABLES: '{"other-v1":"t"}' }), (exit) =>
      assert.include(String(exit), `no table for ${Object.keys(tables).join(", ")}`)
    )
  )
})
