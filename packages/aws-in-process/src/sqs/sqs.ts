import type { Activity } from "../core/activity.ts"
import { refuseUnknown } from "../core/settings.ts"
import { type Authorize, type EngineClock, type Principal, type Service, ServiceError } from "../core/types.ts"
import { makeResourcePolicy } from "../iam/resource-policy.ts"
import {
  MAX_IN_FLIGHT,
  type Message,
  type MessageAttribute,
  makeQueue,
  type Queue,
  type QueueChaos,
  type QueueSettings
} from "./queue.ts"
import {
  batch,
  type Input,
  integer,
  MAX_CALL_BYTES,
  type Output,
  optional,
  queueAttributes,
  readMessage,
  remove,
  SYSTEM_ATTRIBUTES,
  sent,
  showReceived,
  sizeOf
} from "./shapes.ts"

export interface Sqs {
  /** By ARN or URL. Throws `QueueDoesNotExist`. */
  readonly queue: (arnOrUrl: string) => Queue
  /** The operations of the JSON 1.0 protocol in its shapes; those that are not implemented throw. */
  readonly service: Service
  /**
   * A message from an AWS service on behalf of `sourceArn`, judged by the queue's policy. Throws `AccessDeniedException`, also
   * when the queue has no policy: services have no other right.
   */
  readonly sendAsService: (
    queueArn: string,
    sender: { readonly service: string; readonly sourceArn: string },
    message: { readonly body: string; readonly attributes: Readonly<Record<string, MessageAttribute>> }
  ) => Message
}

/** Everything that one call may look at. */
interface Call {
  readonly queue: Queue
  readonly input: Input
  readonly principal: Principal
  readonly clock: EngineClock
  readonly activity: Activity
}

/** A long poll looks again and again: its caller cannot tell, and time may pass meanwhile. */
const LONG_POLL_STEP_MS = 50

const receive = async ({ queue, input, clock, activity }: Call): Promise<Output> => {
  const most = optional(input.MaxNumberOfMessages, (v) => integer("MaxNumberOfMessages", v, 1, 10)) ?? 1
  const visibility = optional(input.VisibilityTimeout, (v) => integer("VisibilityTimeout", v, 0, 43_200))
  const wait = optional(input.WaitTimeSeconds, (v) => integer("WaitTimeSeconds", v, 0, 20))
  const system = new Set(
    [input.AttributeNames, input.MessageSystemAttributeNames].flatMap((names) => (names ?? []) as Array<string>)
  )
  for (const name of system)
    if (!SYSTEM_ATTRIBUTES.has(name)) throw new ServiceError("InvalidAttributeName", `Unknown Attribute ${name}.`)
  if (queue.counts().inFlight >= MAX_IN_FLIGHT) throw new ServiceError("OverLimit", "Too many messages in flight.")
  const end = clock.now() + (wait ?? queue.settings.receiveWaitTimeSeconds ?? 0) * 1_000
  let received = queue.receive(most, visibility)
  while (received.length === 0 && clock.now() < end) {
    await activity.sleep(clock, Math.min(LONG_POLL_STEP_MS, end - clock.now()))
    received = queue.receive(most, visibility)
  }
  const names = (input.MessageAttributeNames ?? []) as Array<string>
  return received.length === 0 ? {} : { Messages: received.map((one) => showReceived(one, system, names)) }
}

const sendBatch = ({ queue, input, principal }: Call): Output => {
  const total = ((input.Entries ?? []) as ReadonlyArray<Input>).reduce(
    (sum, e) =>
      sum + sizeOf(String(e.MessageBody ?? ""), (e.MessageAttributes ?? {}) as Record<string, MessageAttribute>),
    0
  )
  if (total > MAX_CALL_BYTES)
    throw new ServiceError("BatchRequestTooLong", `Batch requests cannot be longer than ${MAX_CALL_BYTES} bytes.`)
  return batch(input, (entry) => sent(queue.send({ ...readMessage(queue, entry, ["Id"]), senderId: principal.label })))
}

const changeVisibility = ({ queue, input }: Call): Output => {
  const seconds = integer("VisibilityTimeout", input.VisibilityTimeout, 0, 43_200)
  const done = queue.changeVisibility(String(input.ReceiptHandle), seconds)
  if (done === "no handle")
    throw new ServiceError("ReceiptHandleIsInvalid", `The input receipt handle "${input.ReceiptHandle}" is not valid.`)
  if (done === "not in flight") throw new ServiceError("MessageNotInflight", "The message is not in flight.")
  return {}
}

const getAttributes = ({ queue, input }: Call): Output => {
  const all = queueAttributes(queue)
  const names = (input.AttributeNames ?? []) as ReadonlyArray<string>
  for (const name of names)
    if (name !== "All" && name !== "RedrivePolicy" && name !== "Policy" && !(name in all))
      throw new ServiceError("InvalidAttributeName", `Unknown Attribute ${name}.`)
  return {
    Attributes: Object.fromEntries(
      Object.entries(all).filter(([name]) => names.includes("All") || names.includes(name))
    )
  }
}

interface Operation {
  readonly action: string
  readonly fields: ReadonlyArray<string>
  readonly run: (call: Call) => Output | Promise<Output>
}

const MESSAGE_FIELDS = ["MessageBody", "DelaySeconds", "MessageAttributes"]

const operations: ReadonlyMap<string, Operation> = new Map([
  [
    "SendMessage",
    {
      action: "sqs:SendMessage",
      fields: MESSAGE_FIELDS,
      run: ({ queue, input, principal }: Call) =>
        sent(queue.send({ ...readMessage(queue, input, ["QueueUrl"]), senderId: principal.label }))
    }
  ],
  ["SendMessageBatch", { action: "sqs:SendMessage", fields: ["Entries"], run: sendBatch }],
  [
    "ReceiveMessage",
    {
      action: "sqs:ReceiveMessage",
      fields: [
        "MaxNumberOfMessages",
        "VisibilityTimeout",
        "WaitTimeSeconds",
        "AttributeNames",
        "MessageSystemAttributeNames",
        "MessageAttributeNames"
      ],
      run: receive
    }
  ],
  [
    "DeleteMessage",
    {
      action: "sqs:DeleteMessage",
      fields: ["ReceiptHandle"],
      run: ({ queue, input }: Call) => {
        remove(queue, input.ReceiptHandle)
        return {}
      }
    }
  ],
  [
    "DeleteMessageBatch",
    {
      action: "sqs:DeleteMessage",
      fields: ["Entries"],
      run: ({ queue, input }: Call) =>
        batch(input, (entry) => {
          remove(queue, entry.ReceiptHandle)
          return {}
        })
    }
  ],
  [
    "ChangeMessageVisibility",
    { action: "sqs:ChangeMessageVisibility", fields: ["ReceiptHandle", "VisibilityTimeout"], run: changeVisibility }
  ],
  ["GetQueueAttributes", { action: "sqs:GetQueueAttributes", fields: ["AttributeNames"], run: getAttributes }]
])

export interface SqsParts {
  readonly clock: EngineClock
  readonly authorize: Authorize
  readonly activity: Activity
  readonly chaos?: QueueChaos
}

export const makeSqs = (settings: ReadonlyArray<QueueSettings>, parts: SqsParts): Sqs => {
  const { clock, authorize, activity, chaos } = parts
  const queue = (arnOrUrl: string): Queue => {
    const found = queues.find(({ settings: s }) => s.arn === arnOrUrl || s.url === arnOrUrl)
    if (found === undefined)
      throw new ServiceError("QueueDoesNotExist", "The specified queue does not exist or you do not have access to it.")
    return found
  }
  const queues: ReadonlyArray<Queue> = settings.map((one, i) => makeQueue(one, clock, i + 1, queue, chaos))
  const policies = new Map(
    settings.map((one) => [one.arn, one.policy === undefined ? undefined : makeResourcePolicy(one.policy)])
  )
  for (const { redrivePolicy } of settings)
    if (redrivePolicy !== undefined) queue(JSON.parse(redrivePolicy).deadLetterTargetArn)

  return {
    queue,
    service: async (name: string, input: Input, principal: Principal): Promise<Output> => {
      const operation = operations.get(name)
      if (operation === undefined) throw new Error(`not implemented by aws-in-process: sqs ${name}`)
      refuseUnknown(name, input, ["QueueUrl", ...operation.fields])
      const target = queue(String(input.QueueUrl))
      authorize(principal, operation.action, target.settings.arn)
      return operation.run({ queue: target, input, principal, clock, activity })
    },
    sendAsService: (queueArn, { service, sourceArn }, { body, attributes }) => {
      const target = queue(queueArn)
      const allowed = policies.get(queueArn)?.allowsService({
        service,
        action: "sqs:SendMessage",
        resource: queueArn,
        sourceArn
      })
      if (allowed !== true)
        throw new ServiceError("AccessDeniedException", `the policy of ${queueArn} does not let ${service} send`, 403)
      return target.send({ body, attributes, senderId: service })
    }
  }
}
