import { createHash } from "node:crypto"
import { countedUuid, refuseUnknown, whole } from "../core/settings.ts"
import type { EngineClock, RandomSource } from "../core/types.ts"

/** A queue as the Pulumi resource `aws.sqs.Queue` describes it, with its policy when a `QueuePolicy` gives one. Anything else throws. */
export interface QueueSettings {
  readonly name: string
  readonly arn: string
  readonly url: string
  readonly delaySeconds?: number
  readonly visibilityTimeoutSeconds?: number
  readonly messageRetentionSeconds?: number
  readonly maxMessageSize?: number
  readonly receiveWaitTimeSeconds?: number
  /** JSON: `deadLetterTargetArn` and `maxReceiveCount`. */
  readonly redrivePolicy?: string
  /** JSON. Decides what services may send; functions are judged by their role. */
  readonly policy?: string
}

/** Rates of injected faults, from 0 to 1. */
export interface QueueChaos {
  readonly random: RandomSource
  /** A sent message is delivered twice. */
  readonly duplicate: number
  /** A message is passed over for those after it. */
  readonly reorder: number
}

/** In the spelling of the protocol; `BinaryValue` is base64. */
export interface MessageAttribute {
  readonly DataType: string
  readonly StringValue?: string
  readonly BinaryValue?: string
}

export interface Message {
  readonly id: string
  readonly body: string
  readonly md5: string
  readonly attributes: Readonly<Record<string, MessageAttribute>>
  readonly senderId: string
  readonly sent: number
  /** ARN of the queue that gave it up. */
  deadLetterSource?: string
  firstReceived?: number
  /** Receives in all queues, as `ApproximateReceiveCount` says. */
  receives: number
}

export interface Received {
  readonly message: Message
  readonly receiptHandle: string
}

export interface Sending {
  readonly body: string
  readonly attributes?: Readonly<Record<string, MessageAttribute>>
  /** 0 to 900; beats the queue's own, also when 0. */
  readonly delaySeconds?: number
  readonly senderId: string
}

export interface Queue {
  readonly settings: QueueSettings
  readonly visibilityTimeout: number
  readonly send: (sending: Sending) => Message
  /** Takes over a message that another queue gave up. */
  readonly accept: (message: Message) => void
  /** Up to `most` visible messages, invisible from now on for `visibilitySeconds`. */
  readonly receive: (most: number, visibilitySeconds?: number) => Array<Received>
  /** Deletes by the latest handle; with an older one it does nothing, as AWS may. Returns false for a handle that is none. */
  readonly remove: (receiptHandle: string) => boolean
  readonly changeVisibility: (receiptHandle: string, seconds: number) => "done" | "not in flight" | "no handle"
  readonly counts: () => { readonly visible: number; readonly inFlight: number; readonly delayed: number }
  /** For the host: the bodies of all messages, also of those that nobody can receive now. */
  readonly bodies: () => ReadonlyArray<string>
  /** Calls `listener` whenever a message becomes visible. The answer ends it. */
  readonly onVisible: (listener: () => void) => () => void
}

interface Held {
  readonly message: Message
  readonly key: number
  state: "delayed" | "visible" | "inFlight"
  receivesHere: number
  cancel: () => void
}

export const MAX_IN_FLIGHT = 120_000

export const md5 = (data: string | Uint8Array): string => createHash("md5").update(data).digest("hex")

const check = (s: QueueSettings) => {
  refuseUnknown(
    `queue ${s.name}`,
    s,
    [
      "name",
      "arn",
      "url",
      "delaySeconds",
      "visibilityTimeoutSeconds",
      "messageRetentionSeconds",
      "policy",
      "maxMessageSize",
      "receiveWaitTimeSeconds",
      "redrivePolicy"
    ],
    ["sqsManagedSseEnabled", "kmsMasterKeyId", "tags", "tagsAll", "region"]
  )
  whole("delaySeconds", s.delaySeconds ?? 0, 0, 900)
  whole("visibilityTimeoutSeconds", s.visibilityTimeoutSeconds ?? 30, 0, 43_200)
  whole("messageRetentionSeconds", s.messageRetentionSeconds ?? 345_600, 60, 1_209_600)
  whole("maxMessageSize", s.maxMessageSize ?? 1_048_576, 1_024, 1_048_576)
  whole("receiveWaitTimeSeconds", s.receiveWaitTimeSeconds ?? 0, 0, 20)
}

const readRedrive = (json: string | undefined) => {
  if (json === undefined) return undefined
  const policy = JSON.parse(json) as { deadLetterTargetArn?: string; maxReceiveCount?: number | string }
  refuseUnknown("redrive policy", policy, ["deadLetterTargetArn", "maxReceiveCount"])
  if (policy.deadLetterTargetArn === undefined) throw new Error("redrive policy without deadLetterTargetArn")
  return {
    target: policy.deadLetterTargetArn,
    most: whole("maxReceiveCount", Number(policy.maxReceiveCount), 1, 1_000)
  }
}

/**
 * A standard queue: at least once, in no promised order.
 *
 * @param space says whose message ids these are; different for each queue.
 * @param deadLetters finds the queue that the redrive policy names.
 */
export const makeQueue = (
  settings: QueueSettings,
  clock: EngineClock,
  space: number,
  deadLetters: (arn: string) => Queue,
  chaos?: QueueChaos
): Queue => {
  check(settings)
  const redrive = readRedrive(settings.redrivePolicy)
  const visibilityTimeout = settings.visibilityTimeoutSeconds ?? 30
  const retention = (settings.messageRetentionSeconds ?? 345_600) * 1_000
  const held = new Map<number, Held>()
  const visible = new Set<Held>()
  const counts = { visible: 0, inFlight: 0, delayed: 0 }
  const listeners = new Set<() => void>()
  let keys = 0

  const enter = (item: Held, state: Held["state"]) => {
    item.cancel()
    counts[item.state]--
    counts[state]++
    item.state = state
    if (state === "visible") visible.add(item)
    else visible.delete(item)
  }
  const show = (item: Held) => {
    enter(item, "visible")
    for (const listener of listeners) listener()
  }
  const hide = (item: Held, state: "delayed" | "inFlight", seconds: number) => {
    enter(item, state)
    item.cancel = clock.at(clock.now() + seconds * 1_000, () => show(item))
  }
  const drop = (item: Held) => {
    item.cancel()
    counts[item.state]--
    visible.delete(item)
    held.delete(item.key)
  }
  const add = (message: Message, delaySeconds: number) => {
    const item: Held = { message, key: keys++, state: "delayed", receivesHere: 0, cancel: () => {} }
    counts.delayed++
    held.set(item.key, item)
    if (delaySeconds > 0) hide(item, "delayed", delaySeconds)
    else show(item)
  }

  /** What expired goes; what was received too often moves on to the dead letters. */
  const mayDeliver = (item: Held): boolean => {
    const { message } = item
    if (message.sent + retention < clock.now()) {
      drop(item)
      return false
    }
    if (redrive !== undefined && item.receivesHere >= redrive.most) {
      drop(item)
      message.deadLetterSource = settings.arn
      deadLetters(redrive.target).accept(message)
      return false
    }
    return true
  }

  const byHandle = (receiptHandle: string) => {
    const [key, receives] = receiptHandle.split("/").map(Number)
    if (!Number.isInteger(key) || !Number.isInteger(receives)) return "none"
    const item = held.get(key!)
    return item?.receivesHere === receives ? item : undefined
  }

  return {
    settings,
    visibilityTimeout,
    send: ({ body, attributes = {}, delaySeconds, senderId }) => {
      const id = countedUuid(space, keys)
      const message: Message = { id, body, md5: md5(body), attributes, senderId, sent: clock.now(), receives: 0 }
      const delay = delaySeconds ?? settings.delaySeconds ?? 0
      add(message, delay)
      if (chaos !== undefined && chaos.random.next() < chaos.duplicate) add({ ...message }, delay)
      return message
    },
    accept: (message) => add(message, 0),
    receive: (most, visibilitySeconds = visibilityTimeout) => {
      const received: Array<Received> = []
      const passedOver = new Set<Held>()
      for (const item of visible) {
        if (received.length >= most || counts.inFlight >= MAX_IN_FLIGHT) break
        if (!mayDeliver(item)) continue
        if (chaos !== undefined && !passedOver.has(item) && chaos.random.next() < chaos.reorder) {
          // To the end of the set, where this loop meets it again.
          passedOver.add(item)
          visible.delete(item)
          visible.add(item)
          continue
        }
        item.receivesHere++
        item.message.receives++
        item.message.firstReceived ??= clock.now()
        received.push({ message: item.message, receiptHandle: `${item.key}/${item.receivesHere}` })
        hide(item, "inFlight", visibilitySeconds)
      }
      return received
    },
    remove: (receiptHandle) => {
      const item = byHandle(receiptHandle)
      if (item === "none") return false
      if (item !== undefined) drop(item)
      return true
    },
    changeVisibility: (receiptHandle, seconds) => {
      const item = byHandle(receiptHandle)
      if (item === "none") return "no handle"
      if (item?.state !== "inFlight") return "not in flight"
      if (seconds === 0) show(item)
      else hide(item, "inFlight", seconds)
      return "done"
    },
    counts: () => ({ ...counts }),
    bodies: () => [...held.values()].map(({ message }) => message.body),
    onVisible: (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    }
  }
}
