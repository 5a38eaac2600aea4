import { randomUUID } from "node:crypto"
import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads"
import { SQSClient } from "@aws-sdk/client-sqs"
import { Layer } from "effect"
import { Connection } from "../../src/store/connection.ts"
import { endpointOf, REGION, type Service } from "./endpoints.ts"
import type { Json } from "./requests.ts"

const settingsOf = (service: Service) => ({
  region: REGION,
  endpoint: endpointOf(service) ?? "",
  credentials: {
    accessKeyId: process.env.JUDGE_ACCESS_KEY_ID ?? "judge",
    secretAccessKey: process.env.JUDGE_SECRET_ACCESS_KEY ?? "judge"
  }
})

/** A connection to the engine that stands in for a service. */
export const connectedTo = (service: Service) =>
  Layer.succeed(Connection, {
    ...settingsOf(service),
    // Kinesis would speak HTTP/2, which the engines do not.
    ...(service === "kinesis" ? { requestHandler: new SQSClient(settingsOf("sqs")).config.requestHandler } : {})
  })

/** A name that no run has used. */
export const fresh = (name: string) => `${name}-${randomUUID().slice(0, 12)}`

const CALL_MS = 60_000

const connect = () => {
  const { port1, port2 } = new MessageChannel()
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData: { port: port2 },
    transferList: [port2]
  })
  worker.unref()
  port1.unref()
  return port1
}
let port: ReturnType<typeof connect> | undefined

/** One call of an SDK client, whose output is waited for: the contracts ask at once what is on a queue or in a bucket. */
export const call = (service: Service, operation: string, input: object): Json => {
  port ??= connect()
  const flag = new SharedArrayBuffer(4)
  port.postMessage({ service, operation, input, settings: settingsOf(service), flag })
  if (Atomics.wait(new Int32Array(flag), 0, 0, CALL_MS) === "timed-out")
    throw new Error(`${service} ${operation} takes longer than ${CALL_MS / 1_000} s`)
  const answer = receiveMessageOnPort(port)?.message
  if (answer?.error !== undefined)
    throw new Error(`${service} ${operation}: ${answer.error.name}: ${answer.error.message}`)
  return answer?.output
}

/** Stops this thread. */
export const sleep = (ms: number): void => {
  if (ms > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

/** Everything that can be received from a queue now, taken out. */
export const drained = (QueueUrl: string): ReadonlyArray<Json> => {
  const found: Array<Json> = []
  for (let empty = 0; empty < 2; ) {
    const { Messages = [] } = call("sqs", "ReceiveMessage", {
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ["All"]
    })
    if (Messages.length === 0) empty++
    for (const message of Messages) {
      found.push(message)
      call("sqs", "DeleteMessage", { QueueUrl, ReceiptHandle: message.ReceiptHandle })
    }
  }
  return found
}

/** Every object of a bucket with its metadata, by key. */
export const objectsIn = (Bucket: string): ReadonlyMap<string, { readonly body: Buffer; readonly metadata: Json }> => {
  const { Contents = [] } = call("s3", "ListObjectsV2", { Bucket })
  return new Map(
    Contents.map(({ Key }: Json) => {
      const { Body, Metadata = {} } = call("s3", "GetObject", { Bucket, Key })
      return [Key, { body: Buffer.from(Body), metadata: Metadata }]
    })
  )
}
