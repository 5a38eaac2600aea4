import { refuseUnknown, whole } from "../core/settings.ts"
import { type Authorize, type EngineClock, type Envelope, type RandomSource, ServiceError } from "../core/types.ts"
import type { Kinesis } from "../kinesis/kinesis.ts"
import type { Sqs } from "../sqs/sqs.ts"
import { compilePath } from "./pattern.ts"

/** A target as `aws.cloudwatch.EventTarget` describes it. Kinesis, other buses and functions are implemented. */
export interface TargetSettings {
  readonly targetId?: string
  /** The rule's name. */
  readonly rule: string
  /** As the rule gives it. */
  readonly eventBusName: string
  readonly arn: string
  /** Whom the rule acts as; a function is asked whether it lets the rule in instead. */
  readonly roleArn?: string
  readonly kinesisTarget?: { readonly partitionKeyPath?: string }
  readonly retryPolicy?: { readonly maximumRetryAttempts?: number; readonly maximumEventAgeInSeconds?: number }
  readonly deadLetterConfig?: { readonly arn?: string }
}

/** Rates of injected faults, from 0 to 1. */
export interface DeliveryChaos {
  /** An event is delivered twice. */
  readonly duplicate: number
  /** An event is held back by up to `delayMs`, so that later ones overtake it. */
  readonly reorder: number
  readonly delayMs: number
}

export interface DeliveryParts {
  readonly clock: EngineClock
  readonly authorize: Authorize
  readonly kinesis: Kinesis
  readonly sqs: Sqs
  /** Puts an event on another bus. Throws a `ServiceError` when there is none of that ARN. */
  readonly toBus: (arn: string, envelope: Envelope, body: string) => void
  /** Hands an event to a function, on behalf of a rule. Throws a `ServiceError` when its policy does not let the rule in. Absent: no functions. */
  readonly invoke?: (functionArn: string, ruleArn: string, event: Envelope) => void
  /** For the jitter of retries, and for chaos. */
  readonly random: RandomSource
  readonly chaos?: DeliveryChaos
}

export interface Delivery {
  /** Accepts an event and returns at once; delivery follows on the clock. `body` is the event as JSON. */
  readonly deliver: (envelope: Envelope, body: string) => void
  /** `lost`: neither delivered nor in a dead-letter queue. `waiting`: on the way now. */
  readonly counts: Readonly<Record<"delivered" | "retried" | "deadLettered" | "lost" | "waiting", number>>
}

const FIRST_BACKOFF_MS = 1_000
const LONGEST_BACKOFF_MS = 60_000

/** Only what time may heal is tried again. */
const isTransient = (error: ServiceError) =>
  error.status >= 500 || error.status === 429 || /Throttl|ThroughputExceeded|LimitExceeded/.test(error.code)

const DLQ_CODES: Readonly<Record<string, string>> = {
  AccessDeniedException: "NO_PERMISSIONS",
  ResourceNotFoundException: "NO_RESOURCE",
  ProvisionedThroughputExceededException: "THROTTLING"
}

/** One event on its way to the target. */
interface Parcel {
  readonly envelope: Envelope
  readonly body: string
  readonly partitionKey: string
  readonly accepted: number
}

export const makeDelivery = (target: TargetSettings, ruleArn: string, parts: DeliveryParts): Delivery => {
  refuseUnknown(
    `target of ${target.rule}`,
    target,
    ["rule", "eventBusName", "arn", "roleArn", "kinesisTarget", "retryPolicy", "deadLetterConfig"],
    ["targetId", "region", "forceDestroy"]
  )
  const { clock, authorize, kinesis, sqs, toBus, invoke, random, chaos } = parts
  const isBus = /^arn:aws:events:[^:]*:[^:]*:event-bus\//.test(target.arn)
  const isFunction = target.arn.startsWith("arn:aws:lambda:")
  if (isFunction ? invoke === undefined : !isBus && !target.arn.startsWith("arn:aws:kinesis:"))
    throw new Error(`not implemented by aws-in-process: target ${target.arn}`)
  if (isFunction ? target.roleArn : !target.roleArn)
    throw new Error(
      `ValidationException: RoleArn ${isFunction ? "not supported" : "is required"} for target ${target.arn}.`
    )
  refuseUnknown("kinesisTarget", target.kinesisTarget ?? {}, ["partitionKeyPath"])
  refuseUnknown("retryPolicy", target.retryPolicy ?? {}, ["maximumRetryAttempts", "maximumEventAgeInSeconds"])
  refuseUnknown("deadLetterConfig", target.deadLetterConfig ?? {}, ["arn"])
  const maxRetries = whole("maximumRetryAttempts", target.retryPolicy?.maximumRetryAttempts ?? 185, 0, 185)
  const maxAge =
    whole("maximumEventAgeInSeconds", target.retryPolicy?.maximumEventAgeInSeconds ?? 86_400, 60, 86_400) * 1_000
  const path = target.kinesisTarget?.partitionKeyPath
  const readKey = path === undefined ? () => undefined : compilePath(path)
  const principal = { roleArn: target.roleArn ?? "", label: ruleArn }
  const counts = { delivered: 0, retried: 0, deadLettered: 0, lost: 0, waiting: 0 }

  const put = ({ envelope, body, partitionKey }: Parcel) => {
    if (isFunction) return invoke?.(target.arn, ruleArn, envelope)
    if (isBus) {
      authorize(principal, "events:PutEvents", target.arn)
      return toBus(target.arn, envelope, body)
    }
    const stream = kinesis.stream(target.arn)
    authorize(principal, "kinesis:PutRecord", stream.arn)
    const result = stream.put({ partitionKey, data: Buffer.from(body) })
    if ("errorCode" in result) throw new ServiceError(result.errorCode, result.errorMessage)
  }

  const giveUp = ({ body }: Parcel, error: ServiceError, retries: number, exhausted: string | undefined) => {
    const queueArn = target.deadLetterConfig?.arn
    const text = (value: string) => ({ DataType: "String", StringValue: value })
    try {
      if (queueArn === undefined) throw new ServiceError("QueueDoesNotExist", "no dead-letter queue")
      sqs.sendAsService(
        queueArn,
        { service: "events.amazonaws.com", sourceArn: ruleArn },
        {
          body,
          attributes: {
            RULE_ARN: text(ruleArn),
            TARGET_ARN: text(target.arn),
            ERROR_CODE: text(DLQ_CODES[error.code] ?? (error.status >= 500 ? "INTERNAL_ERROR" : "SDK_CLIENT_ERROR")),
            ERROR_MESSAGE: text(error.message),
            RETRY_ATTEMPTS: text(String(retries)),
            ...(exhausted !== undefined && { EXHAUSTED_RETRY_CONDITION: text(exhausted) })
          }
        }
      )
      counts.deadLettered++
    } catch (refused) {
      if (!(refused instanceof ServiceError)) throw refused
      counts.lost++
    }
  }

  const attempt = (parcel: Parcel, retries: number) => {
    counts.waiting--
    try {
      put(parcel)
      counts.delivered++
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error
      const wait = Math.min(FIRST_BACKOFF_MS * 2 ** retries, LONGEST_BACKOFF_MS) * (0.5 + random.next() / 2)
      const next = clock.now() + wait
      if (!isTransient(error)) giveUp(parcel, error, retries, undefined)
      else if (retries >= maxRetries) giveUp(parcel, error, retries, "MaximumRetryAttempts")
      else if (next > parcel.accepted + maxAge) giveUp(parcel, error, retries, "MaximumEventAgeInSeconds")
      else {
        counts.retried++
        schedule(parcel, next, retries + 1)
      }
    }
  }
  const schedule = (parcel: Parcel, time: number, retries: number) => {
    counts.waiting++
    clock.at(time, () => attempt(parcel, retries))
  }

  const heldBack = () =>
    chaos !== undefined && random.next() < chaos.reorder ? Math.ceil(random.next() * chaos.delayMs) : 0

  return {
    deliver: (envelope, body) => {
      const now = clock.now()
      const parcel = { envelope, body, partitionKey: readKey(envelope) || String(envelope.id), accepted: now }
      const copies = chaos !== undefined && random.next() < chaos.duplicate ? 2 : 1
      for (let i = 0; i < copies; i++) schedule(parcel, now + heldBack(), 0)
    },
    counts
  }
}
