import { createHash } from "node:crypto"
import { refuseUnknown } from "../core/settings.ts"
import { ServiceError } from "../core/types.ts"
import type { Message, MessageAttribute, Queue, Received } from "./queue.ts"

export type Input = Readonly<Record<string, unknown>>
export type Output = Record<string, unknown>

const MAX_BATCH_ENTRIES = 10
export const MAX_CALL_BYTES = 1_048_576
const invalid = (message: string) => new ServiceError("InvalidParameterValue", message)

export const integer = (name: string, value: unknown, min: number, max: number): number => {
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value
  throw invalid(`Value ${value} for parameter ${name} is invalid. Reason: must be between ${min} and ${max}.`)
}

export const optional = <A>(value: unknown, read: (value: unknown) => A): A | undefined =>
  value === undefined || value === null ? undefined : read(value)

/** The digest that SQS defines over sorted attributes: each name, type, a byte for text (1) or binary (2), and value, with lengths. */
export const md5OfAttributes = (attributes: Readonly<Record<string, MessageAttribute>>): string => {
  const hash = createHash("md5")
  const part = (data: string | Uint8Array) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(Buffer.byteLength(data))
    hash.update(length).update(data)
  }
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(attributes).sort(([a], [b]) =>
    a < b ? -1 : 1
  )) {
    part(name)
    part(DataType)
    hash.update(Buffer.of(StringValue === undefined ? 2 : 1))
    part(StringValue ?? Buffer.from(BinaryValue ?? "", "base64"))
  }
  return hash.digest("hex")
}

const readAttributes = (value: unknown): Readonly<Record<string, MessageAttribute>> => {
  const attributes = (value ?? {}) as Readonly<Record<string, MessageAttribute>>
  if (Object.keys(attributes).length > 10) throw invalid("at most 10 message attributes")
  for (const [name, attribute] of Object.entries(attributes)) {
    refuseUnknown(`message attribute ${name}`, attribute, ["DataType", "StringValue", "BinaryValue"])
    if (!/^(String|Number|Binary)(\.|$)/.test(attribute.DataType ?? "")) throw invalid(`the type of attribute ${name}`)
    if ((attribute.StringValue ?? attribute.BinaryValue) === undefined) throw invalid(`attribute ${name} has no value`)
  }
  return attributes
}

export const sizeOf = (body: string, attributes: Readonly<Record<string, MessageAttribute>>): number =>
  Object.entries(attributes).reduce(
    (sum, [name, a]) =>
      sum +
      Buffer.byteLength(name) +
      Buffer.byteLength(a.DataType) +
      (a.StringValue === undefined
        ? Buffer.byteLength(a.BinaryValue ?? "", "base64")
        : Buffer.byteLength(a.StringValue)),
    Buffer.byteLength(body)
  )

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that SQS refuses
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/

export const readMessage = (queue: Queue, input: Input, own: ReadonlyArray<string>) => {
  refuseUnknown("message", input, ["MessageBody", "DelaySeconds", "MessageAttributes", ...own])
  const body = input.MessageBody
  if (typeof body !== "string" || body === "")
    throw new ServiceError("MissingParameter", "The request must contain the parameter MessageBody.")
  if (FORBIDDEN.test(body)) throw new ServiceError("InvalidMessageContents", "Invalid characters found in the message.")
  const attributes = readAttributes(input.MessageAttributes)
  const size = sizeOf(body, attributes)
  const most = queue.settings.maxMessageSize ?? MAX_CALL_BYTES
  if (size > most)
    throw invalid(`One or more parameters are invalid. Reason: Message must be shorter than ${most} bytes.`)
  const delaySeconds = optional(input.DelaySeconds, (value) => integer("DelaySeconds", value, 0, 900))
  return { body, attributes, size, ...(delaySeconds !== undefined && { delaySeconds }) }
}

export const sent = (message: Message): Output => ({
  MessageId: message.id,
  MD5OfMessageBody: message.md5,
  ...(Object.keys(message.attributes).length > 0 && { MD5OfMessageAttributes: md5OfAttributes(message.attributes) })
})

/** The system attributes of a received message. */
export const systemAttributes = (message: Message): Record<string, string> => ({
  ApproximateFirstReceiveTimestamp: String(message.firstReceived),
  ApproximateReceiveCount: String(message.receives),
  SenderId: message.senderId,
  SentTimestamp: String(message.sent),
  ...(message.deadLetterSource !== undefined && { DeadLetterQueueSourceArn: message.deadLetterSource })
})

export const SYSTEM_ATTRIBUTES = new Set([
  "All",
  "ApproximateFirstReceiveTimestamp",
  "ApproximateReceiveCount",
  "SenderId",
  "SentTimestamp",
  "DeadLetterQueueSourceArn"
])

export const showReceived = (
  { message, receiptHandle }: Received,
  system: ReadonlySet<string>,
  names: Array<string>
) => {
  const wanted = (name: string) =>
    names.some((n) => n === "All" || n === ".*" || n === name || (n.endsWith(".*") && name.startsWith(n.slice(0, -1))))
  const own = Object.fromEntries(Object.entries(message.attributes).filter(([name]) => wanted(name)))
  const all = Object.entries(systemAttributes(message))
  const attributes = Object.fromEntries(all.filter(([name]) => system.has("All") || system.has(name)))
  return {
    MessageId: message.id,
    ReceiptHandle: receiptHandle,
    MD5OfBody: message.md5,
    Body: message.body,
    ...(Object.keys(attributes).length > 0 && { Attributes: attributes }),
    ...(Object.keys(own).length > 0 && { MessageAttributes: own, MD5OfMessageAttributes: md5OfAttributes(own) })
  }
}

export const queueAttributes = (queue: Queue): Record<string, string> => {
  const { settings } = queue
  const counts = queue.counts()
  return {
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
    DelaySeconds: String(settings.delaySeconds ?? 0),
    MaximumMessageSize: String(settings.maxMessageSize ?? MAX_CALL_BYTES),
    MessageRetentionPeriod: String(settings.messageRetentionSeconds ?? 345_600),
    QueueArn: settings.arn,
    ReceiveMessageWaitTimeSeconds: String(settings.receiveWaitTimeSeconds ?? 0),
    VisibilityTimeout: String(queue.visibilityTimeout),
    ...(settings.redrivePolicy !== undefined && { RedrivePolicy: settings.redrivePolicy }),
    ...(settings.policy !== undefined && { Policy: settings.policy })
  }
}

export const remove = (queue: Queue, handle: unknown) => {
  if (!queue.remove(String(handle)))
    throw new ServiceError("ReceiptHandleIsInvalid", `The input receipt handle "${handle}" is not valid.`)
}

/** Runs one step per entry; a step that throws a `ServiceError` fails its entry only. */
export const batch = (input: Input, step: (entry: Input) => Output): Output => {
  const entries = (input.Entries ?? []) as ReadonlyArray<Input>
  if (entries.length === 0) throw new ServiceError("EmptyBatchRequest", "There should be at least one entry.")
  if (entries.length > MAX_BATCH_ENTRIES)
    throw new ServiceError("TooManyEntriesInBatchRequest", `Maximum number of entries per request are 10.`)
  for (const { Id } of entries)
    if (typeof Id !== "string" || !/^[\w-]{1,80}$/.test(Id))
      throw new ServiceError(
        "InvalidBatchEntryId",
        "A batch entry id can only contain alphanumeric characters, - and _."
      )
  if (new Set(entries.map((entry) => entry.Id)).size < entries.length)
    throw new ServiceError("BatchEntryIdsNotDistinct", "Two or more batch entries have the same Id.")
  const Successful: Array<Output> = []
  const Failed: Array<Output> = []
  for (const entry of entries)
    try {
      Successful.push({ Id: entry.Id, ...step(entry) })
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error
      Failed.push({ Id: entry.Id, SenderFault: true, Code: error.code, Message: error.message })
    }
  return { Successful, ...(Failed.length > 0 && { Failed }) }
}
