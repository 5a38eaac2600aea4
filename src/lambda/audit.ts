import { Config, Effect, Layer } from "effect"
import { audit as lookOn } from "../pipeline/audit/audit.ts"
import { AuditLimits, keptMs } from "../pipeline/audit/settings.ts"
import { Projections, SettleWindow } from "../pipeline/folding.ts"
import { controlFromConfig } from "../store/aws/control.ts"
import { DynamoDb } from "../store/aws/dynamodb.ts"
import { entityIndexFromConfig } from "../store/aws/entity-index.ts"
import { eventSourceFromConfig } from "../store/aws/event-source.ts"
import { eventStoreFromConfig } from "../store/aws/event-store.ts"
import { projectionStoreFromConfig } from "../store/aws/projection-store.ts"
import { S3 } from "../store/aws/s3.ts"
import { logReport, StackName } from "./report.ts"
import type { LambdaFunction } from "./runtime.ts"

const limits = Layer.effect(
  AuditLimits,
  Effect.gen(function* () {
    const bounds = yield* AuditLimits
    const days = yield* Config.Finite("EVENT_RETENTION_DAYS").pipe(Config.withDefault(0))
    const readUnitsPerSecond = yield* Config.Finite("AUDIT_READ_UNITS_PER_SECOND")
    return { ...bounds, readUnitsPerSecond, eventsKeptMs: keptMs(days) }
  })
)

const stores = Layer.mergeAll(
  controlFromConfig,
  eventSourceFromConfig,
  eventStoreFromConfig,
  entityIndexFromConfig,
  Layer.unwrap(Effect.map(Projections, projectionStoreFromConfig))
).pipe(Layer.provide([DynamoDb.metered, S3.layer]))

const layer = Layer.mergeAll(stores, SettleWindow.layer, limits, StackName.layer)

/** Compares a sample of what is stored with the rows in use, and says how much is not what the events say. */
export const audit = {
  name: "audit",
  layer,
  handle: Effect.fnUntraced(function* () {
    const { state, run, checkpoint } = yield* lookOn
    const { rows, events, entries, readUnits } = run
    yield* logReport("audit", {
      state,
      audited: rows + events + entries,
      rows,
      events,
      entries,
      readUnits: Math.round(readUnits),
      ...(checkpoint === undefined
        ? {}
        : { suspects: checkpoint.suspects.length, discrepancies: checkpoint.found.length })
    })
    return { state }
  })
} satisfies LambdaFunction<Layer.Success<typeof layer>, Layer.Error<typeof layer>, unknown>
