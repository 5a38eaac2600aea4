// SDK calls without a network, and the errors that services return.

// Work in progress, which a virtual clock waits for.
export { type Activity, makeActivity } from "./core/activity.ts"
// Settings: refuse what is not implemented, and read ARNs.
export { arnResource, refuseUnknown } from "./core/settings.ts"
export type { Authorize, EngineClock, Envelope, Principal, RandomSource, Service } from "./core/types.ts"
export { ServiceError } from "./core/types.ts"
// DynamoDB: tables, PartiQL, streams, expiry.
export type {
  Billed,
  Dynamodb,
  KeyAttribute,
  LocalIndexDefinition,
  StreamRecord,
  TableDefinition
} from "./dynamodb/dynamodb.ts"
export { makeDynamodb } from "./dynamodb/dynamodb.ts"
// EventBridge: buses, rules, targets, schedules.
export type { DeliveryParts, TargetSettings } from "./eventbridge/delivery.ts"
export type { PartnerSources } from "./eventbridge/descriptions.ts"
export { type EventBridge, makeEventBridge } from "./eventbridge/eventbridge.ts"
export { compilePattern } from "./eventbridge/pattern.ts"
export { type Schedule, type ScheduleSettings, startSchedule } from "./eventbridge/schedule.ts"
export type { BusSettings, RuleSettings } from "./eventbridge/settings.ts"
// Injected faults.
export { chaosRates, type FaultRates, type Faults, makeFaults } from "./faults/faults.ts"
// IAM: identity policies of roles.
export { type Authorizer, type Grant, makeAuthorizer, type PolicyDocument, type PolicyStatement } from "./iam/iam.ts"
// Kinesis: streams and shards.
export { type Kinesis, makeKinesis, makeStream, type Stream, type StreamSettings } from "./kinesis/kinesis.ts"
// Lambda: functions, asynchronous invocation, event source mappings.
export type { AsyncFunction, AsyncSettings, PermissionSettings } from "./lambda/async-invoke.ts"
export { makeAsyncFunction } from "./lambda/async-invoke.ts"
export { type Host, type HostOptions, makeHost, type Outcome } from "./lambda/host.ts"
export { makeQueueMapping, type QueueMapping, type QueueMappingSettings } from "./lambda/queue-mapping.ts"
export { type Mapping, makeStreamMapping } from "./lambda/stream-mapping.ts"
export type { StreamMappingSettings } from "./lambda/stream-mapping-settings.ts"
// S3: objects in memory or in a folder.
export { makeS3, type S3 } from "./s3/s3.ts"
// Secrets Manager: secrets that are read.
export {
  makeSecretsManager,
  type SecretSettings,
  type SecretsManager
} from "./secretsmanager/secrets-manager.ts"
// SNS: what was published.
export { makeSns, type Sns, type TopicSettings } from "./sns/sns.ts"
// SQS: queues, delays, dead letters.
export type { QueueSettings } from "./sqs/queue.ts"
export { makeSqs, type Sqs } from "./sqs/sqs.ts"
// Step Functions: definitions in Amazon States Language, and executions.
export type { Json } from "./states/data.ts"
export { type Definition, ExecutionFailed, makeStateMachine } from "./states/machine.ts"
export { makeStepFunctions, type StepFunctions } from "./states/step-functions.ts"
export { bodyBytes, bodyText, response } from "./wire/http.ts"
export { makeRequestHandler, type RequestHandler, type Services } from "./wire/request-handler.ts"
