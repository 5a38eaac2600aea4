import { Clock, Config, Context, Effect, Layer } from "effect"
import { layerOrganisation } from "../genesys-api/organisation-layer.ts"
import { Projections } from "../pipeline/folding.ts"
import { type Checkpoint, totalOf } from "../pipeline/reconcile/checkpoint.ts"
import { type SweepReport, reconcile as sweep, type Tick } from "../pipeline/reconcile/sweep.ts"
import { controlFromConfig } from "../store/aws/control.ts"
import { directoryFromConfig } from "../store/aws/directory.ts"
import { DynamoDb } from "../store/aws/dynamodb.ts"
import { projectionStoreFromConfig } from "../store/aws/projection-store.ts"
import { Kinesis, streamSinkFromConfig } from "../store/aws/stream-sink.ts"
import { Connection } from "../store/connection.ts"
import { byKind, logReport, StackName } from "./report.ts"
import type { LambdaFunction } from "./runtime.ts"

const settings = Config.all({
  domain: Config.NonEmptyString("GENESYS_DOMAIN"),
  credentials: Config.NonEmptyString("GENESYS_CLIENT"),
  requestsPerMinute: Config.Int("REQUESTS_PER_MINUTE")
})

/** The organisation that the stack belongs to. */
const organisation = Layer.unwrap(
  Effect.gen(function* () {
    return layerOrganisation(yield* settings, yield* Connection)
  })
)

/** The name of the rule by which sweeps begin; empty where somebody asks for each. */
export class StartRule extends Context.Service<StartRule, string>()("projections/StartRule") {
  static readonly layer = Layer.effect(StartRule, Config.withDefault(Config.String("START_RULE"), ""))
}

const rows = Layer.unwrap(Effect.map(Projections, projectionStoreFromConfig))
const stores = Layer.mergeAll(rows, controlFromConfig, directoryFromConfig, streamSinkFromConfig).pipe(
  Layer.provide([DynamoDb.layer, Kinesis.layer])
)
const layer = Layer.mergeAll(stores, organisation, StartRule.layer, StackName.layer)

const fields = (value: unknown): { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null ? (value as { readonly [key: string]: unknown }) : {}

/** Who calls: the schedule, somebody (`{ reconcile: "start", by }`), or the tick by which a sweep goes on. */
export const tickOf = (event: unknown, startRule: string): Tick => {
  const { reconcile, by, resources } = fields(event)
  if (reconcile === "start") return { start: true, by: typeof by === "string" ? by : "a caller" }
  const scheduled =
    startRule !== "" && Array.isArray(resources) && resources.some((arn) => String(arn).endsWith(`:rule/${startRule}`))
  return { start: scheduled, by: "the schedule" }
}

/** Ms since the last whole sweep began; without one, since the one began that is under way. */
const ageOf = ({ sweep, last }: Pick<Checkpoint, "sweep" | "last">, now: number): { readonly sweepAge?: number } => {
  const began = last?.began ?? sweep?.began
  return began === undefined ? {} : { sweepAge: now - began }
}

/** What was corrected is told once, when the sweep is whole, so that an alarm can look at one sweep. */
const wholeOf = ({ state, last }: SweepReport) =>
  state === "complete" && last !== undefined
    ? {
        corrected: totalOf(last.counts.corrected),
        ...byKind("corrected", last.counts.corrected),
        ...(last.refused === undefined ? {} : { closingsRefused: totalOf(last.counts.missing) }),
        sweepMs: last.ended - last.began,
        whole: last.counts
      }
    : {}

/** Compares what the Genesys Cloud API says with the rows in use: as much of the organisation as there is time for. */
export const reconcile = {
  name: "reconcile",
  layer,
  handle: Effect.fnUntraced(function* (event: unknown) {
    const report = yield* sweep(tickOf(event, yield* StartRule))
    const { requests, agents, queues, members, names, stated, closed } = report.run
    yield* logReport("reconcile", {
      state: report.state,
      ...(report.sweep === undefined ? {} : { phase: report.sweep.phase }),
      // A metric that is sent costs, also as zero, and most ticks find nothing to do.
      ...(requests === 0 ? {} : { requests, agents, queues, members, names, stated: totalOf(stated), closed }),
      ...wholeOf(report),
      ...ageOf(report, yield* Clock.currentTimeMillis)
    })
    return { state: report.state }
  })
} satisfies LambdaFunction<Layer.Success<typeof layer>, Layer.Error<typeof layer>, unknown>
