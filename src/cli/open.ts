import { Effect, Layer, Option } from "effect"
import { auditLog } from "../store/aws/audit-log.ts"
import { failedBatches } from "../store/aws/failed-batches.ts"
import { Kinesis } from "../store/aws/kinesis.ts"
import { rejectedEvents } from "../store/aws/rejected-events.ts"
import { S3 } from "../store/aws/s3.ts"
import { settleReturn } from "../store/aws/settle-return.ts"
import { Sqs } from "../store/aws/sqs.ts"
import { streamSink } from "../store/aws/stream-sink.ts"
import { Connection } from "../store/connection.ts"
import { usageError } from "./exit.ts"
import type { SiteOptions } from "./flags.ts"
import { type StackTarget, StackTargets } from "./stack-target.ts"

/** The site that the options name. */
const find = Effect.fnUntraced(function* ({ stack, outputs, local }: SiteOptions) {
  const sites = yield* StackTargets
  const named = [Option.map(stack, sites.stack), Option.map(outputs, sites.file), Option.map(local, sites.folder)]
  const [site, other] = named.flatMap(Option.toArray)
  if (site === undefined)
    return yield* usageError("which stack? give --stack NAME, --outputs FILE or --local DIR (--help explains them)")
  if (other !== undefined)
    return yield* usageError("--stack, --outputs and --local each name a stack: give one of them")
  return yield* site
})

/** Runs `work` on the stack that the options name, with its stores, and closes both after it. */
export const onSite = Effect.fnUntraced(function* <A, E, R>(
  options: SiteOptions,
  work: (site: StackTarget) => Effect.Effect<A, E, R>
) {
  const site = yield* find(options)
  const { quarantineBucketName, failuresBucketName, streamName, settleQueueUrl } = site.outputs
  const stores = Layer.mergeAll(
    ...[rejectedEvents(quarantineBucketName), auditLog(quarantineBucketName), failedBatches(failuresBucketName)],
    ...[streamSink(streamName), settleReturn(settleQueueUrl)]
  ).pipe(Layer.provide([S3.layer, Kinesis.layer, Sqs.layer]), Layer.provide(Layer.succeed(Connection, site.connection)))
  return yield* work(site).pipe(Effect.provide(Layer.fresh(stores)))
}, Effect.scoped)
