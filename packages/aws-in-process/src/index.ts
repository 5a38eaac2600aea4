export { makeActivity } from "./activity.ts"
export { type AsyncFunction, type AsyncSettings, makeAsyncFunction, type PermissionSettings } from "./async-invoke.ts"
export type { DeliveryParts, TargetSettings } from "./delivery.ts"
export {
  type Dynamodb,
  type KeyAttribute,
  type LocalIndexDefinition,
  makeDynamodb,
  type StreamRecord,
  type TableDefinition
} from "./dynamodb.ts"
export { type BusSettings, makeEventBridge, type RuleSettings } from "./eventbridge.ts"
export { chaosRates, makeFaults } from "./faults.ts"
export { type Host, makeHost } from "./host.ts"
export { type Grant, makeAuthorizer, type PolicyDocument, type PolicyStatement } from "./iam.ts"
export { type Kinesis, makeKinesis, makeStream, type StreamSettings } from "./kinesis.ts"
export { compilePattern } from "./pattern.ts"
export type { QueueSettings } from "./queue.ts"
export { makeQueueMapping, type QueueMappingSettings } from "./queue-mapping.ts"
export { makeRequestHandler, type RequestHandler, type Services } from "./request-handler.ts"
export { makeS3, type S3 } from "./s3.ts"
export { type ScheduleSettings, startSchedule } from "./schedule.ts"
export { arnResource, refuseUnknown } from "./settings.ts"
export { makeSns, type Sns, type TopicSettings } from "./sns.ts"
export { makeSqs, type Sqs } from "./sqs.ts"
export type { Json } from "./state-data.ts"
export { type Definition, ExecutionFailed, makeStateMachine } from "./state-machine.ts"
export { makeStepFunctions } from "./step-functions.ts"
export { makeStreamMapping } from "./stream-mapping.ts"
export type { StreamMappingSettings } from "./stream-mapping-settings.ts"
export {
  type Authorize,
  type EngineClock,
  type Envelope,
  type Principal,
  type RandomSource,
  ServiceError
} from "./types.ts"
export { bodyBytes, bodyText, response } from "./wire.ts"
