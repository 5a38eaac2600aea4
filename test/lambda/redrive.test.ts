import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer } from "effect"
import { redrive } from "../../src/lambda/redrive.ts"
import { RedriveLimits } from "../../src/pipeline/redrive-limits.ts"
import { configurationOf } from "./configuration.ts"

const queue = (name: string) => `https://sqs.eu-west-1.amazonaws.com/444455556666/${name}`

const whole = {
  AWS_REGION: "eu-west-1",
  CONTROL_TABLE: "control",
  NOTICES_TOPIC_ARN: "arn:aws:sns:eu-west-1:444455556666:notices",
  QUARANTINE_BUCKET: "quarantine",
  STREAM_NAME: "stream",
  STACK_NAME: "dev",
  RULE_DLQ_URL: queue("rule"),
  SETTLE_DLQ_URL: queue("settle-dlq"),
  SETTLE_QUEUE_URL: queue("settle"),
  REDRIVE_PER_SECOND: "50",
  REDRIVE_PER_RUN: "2000",
  REDRIVE_MAX_ATTEMPTS: "10",
  BREAKER_FAILURES: "5",
  BREAKER_FAILURE_PERCENT: "50",
  BREAKER_CALLS: "10",
  BREAKER_WINDOW_SECONDS: "300",
  BREAKER_COOL_DOWN_SECONDS: "60",
  BREAKER_LONGEST_COOL_DOWN_SECONDS: "600",
  BREAKER_LEASE_SECONDS: "90",
  BREAKER_PROBES: "3"
}

configurationOf("redrive", redrive.layer, whole)

describe("what redrive is configured by", () => {
  it.effect("is read in the units of the breaker", () =>
    RedriveLimits.use((limits) =>
      Effect.sync(() =>
        assert.deepStrictEqual(limits, {
          perSecond: 50,
          perRun: 2_000,
          maxAttempts: 10,
          breaker: {
            failures: 5,
            share: 0.5,
            calls: 10,
            window: 300_000,
            coolDown: 60_000,
            longestCoolDown: 600_000,
            lease: 90_000,
            successes: 3
          }
        })
      )
    ).pipe(
      Effect.provide(RedriveLimits.layer.pipe(Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord(whole)))))
    )
  )
})
