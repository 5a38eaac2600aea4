import { refuseUnknown, whole } from "../core/settings.ts"
import type { Stream } from "../kinesis/kinesis.ts"
import { batching, reportsFailures } from "./partial-response.ts"

/** A mapping as `aws.lambda.EventSourceMapping` describes it for a stream. */
export interface StreamMappingSettings {
  readonly uuid?: string
  readonly eventSourceArn: string
  readonly functionName: string
  readonly enabled?: boolean
  readonly startingPosition?: string
  readonly batchSize?: number
  readonly maximumBatchingWindowInSeconds?: number
  readonly parallelizationFactor?: number
  readonly functionResponseTypes?: ReadonlyArray<string>
  readonly bisectBatchOnFunctionError?: boolean
  readonly maximumRetryAttempts?: number
  readonly maximumRecordAgeInSeconds?: number
  readonly destinationConfig?: { readonly onFailure?: { readonly destinationArn: string } }
}

/** The settings with their defaults, times in ms; throws on what AWS or the engine would refuse. */
export const readStreamMapping = (settings: StreamMappingSettings, stream: Stream) => {
  refuseUnknown(
    `mapping of ${stream.name}`,
    settings,
    [
      "uuid",
      "eventSourceArn",
      "functionName",
      "enabled",
      "startingPosition",
      "batchSize",
      "parallelizationFactor",
      "maximumBatchingWindowInSeconds",
      "functionResponseTypes",
      "bisectBatchOnFunctionError",
      "maximumRetryAttempts",
      "maximumRecordAgeInSeconds",
      "destinationConfig"
    ],
    ["metricsConfig", "tags", "tagsAll", "region"]
  )
  refuseUnknown("destinationConfig", settings.destinationConfig ?? {}, ["onFailure"])
  if (settings.eventSourceArn !== stream.arn) throw new Error(`mapping of ${settings.eventSourceArn} on ${stream.arn}`)
  const { startingPosition: start } = settings
  if (start !== "TRIM_HORIZON" && start !== "LATEST")
    throw new Error(`not implemented by aws-in-process: starting position ${start}`)
  return {
    start: start as "TRIM_HORIZON" | "LATEST",
    ...batching(settings.batchSize ?? 100, settings.maximumBatchingWindowInSeconds ?? 0),
    lanes: whole("parallelizationFactor", settings.parallelizationFactor ?? 1, 1, 10),
    reports: reportsFailures(settings.functionResponseTypes),
    maxRetries: whole("maximumRetryAttempts", settings.maximumRetryAttempts ?? -1, -1, 10_000),
    maxAge: whole("maximumRecordAgeInSeconds", settings.maximumRecordAgeInSeconds ?? -1, -1, 604_800) * 1_000
  }
}
