import { Effect } from "effect"
import { StoreError, type StoreName } from "../store-error.ts"

/**
 * Why a call or a statement failed, without any value of it. `retryable`: the same call may succeed later. `unsure`: it may
 * have taken effect although we were told, or heard, nothing good.
 */
export interface Fault {
  readonly reason: string
  readonly retryable: boolean
  readonly unsure: boolean
}

const refused = { retryable: true, unsure: false }
const broken = { retryable: true, unsure: true }

/** Refusals for want of capacity, by the names that services give them. */
const throttles: ReadonlySet<string> = new Set([
  "BandwidthLimitExceeded",
  "ProvisionedThroughputExceeded",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "SlowDown",
  "Throttling",
  "ThrottlingError",
  "ThrottlingException",
  "TooManyRequestsException"
])

/** Names that services, the SDK and the network give to what passes. Everything else is permanent unless its status is 5xx. */
const transient: ReadonlyMap<string, Omit<Fault, "reason">> = new Map([
  ...[
    ...throttles,
    "RequestExpired",
    "RequestTimeTooSkewed",
    "TransactionConflict",
    "TransactionConflictException"
  ].map((name) => [name, refused] as const),
  ...[
    "EAI_AGAIN",
    "ECONNABORTED",
    "ECONNREFUSED",
    "ECONNRESET",
    "ENOTFOUND",
    "EPIPE",
    "ETIMEDOUT",
    "InternalError",
    "InternalServerError",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "TimeoutError"
  ].map((name) => [name, broken] as const)
])

/** Whether a service had no capacity left for it. */
export const isThrottle = ({ reason }: Fault): boolean => throttles.has(reason)

const ofContent: ReadonlySet<string> = new Set([
  "InvalidArgumentException",
  "InvalidMessageContents",
  "InvalidParameterValue",
  "SerializationException",
  "ValidationException"
])

/** Whether a service of streams or queues says with this reason that it will never take what a call carries. */
export const blamesContent = (reason: string): boolean => ofContent.has(reason)

/** Names of refusals of a statement or key for what it holds, which come again however often it is tried. */
const ofRow: ReadonlySet<string> = new Set([
  "ItemCollectionSizeLimitExceeded",
  "ItemCollectionSizeLimitExceededException",
  "SerializationException",
  "ValidationError",
  "ValidationException"
])

/** Whether DynamoDB says that it will never take or find what it was asked for. */
export const blamesRow = ({ reason }: Fault): boolean => ofRow.has(reason)

/** The fault that a per-statement or per-entry error code names. */
export const faultNamed = (reason: string): Fault => ({
  reason,
  ...(transient.get(reason) ?? { retryable: false, unsure: false })
})

/** The fault behind what an SDK call threw. Takes names and status only: a message may quote a value. */
export const toFault = (cause: unknown): Fault => {
  if (!(cause instanceof Error)) return faultNamed("Unknown")
  const { code, $metadata, $retryable } = cause as {
    code?: unknown
    $metadata?: { httpStatusCode?: number }
    // SDK errors always own this property, usually undefined.
    $retryable?: { throttling?: boolean }
  }
  const name = typeof code === "string" && transient.has(code) ? code : cause.name
  if (transient.has(name)) return faultNamed(name)
  const status = $metadata?.httpStatusCode
  if ($retryable !== undefined) return { reason: name, retryable: true, unsure: $retryable.throttling !== true }
  // No status, or a good one, means that no answer came or that it could not be read.
  return {
    reason: name,
    retryable: (status ?? 0) >= 500,
    unsure: status === undefined || status < 400 || status >= 500
  }
}

/** The fault of a call as the error of the port's operation that made the call. `reason`: where ours says more than the service's. */
export const storeError = (store: StoreName, operation: string, fault: Fault, reason = fault.reason): StoreError =>
  new StoreError({ store, operation, reason, retryable: fault.retryable, cause: fault })

/** The same for whatever an operation fails with. */
export const failing = (store: StoreName, operation: string) =>
  Effect.mapError((fault: Fault) => storeError(store, operation, fault))
