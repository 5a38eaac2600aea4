import { type MessagePort, workerData } from "node:worker_threads"
import * as dynamodb from "@aws-sdk/client-dynamodb"
import * as kinesis from "@aws-sdk/client-kinesis"
import * as s3 from "@aws-sdk/client-s3"
import * as states from "@aws-sdk/client-sfn"
import * as sns from "@aws-sdk/client-sns"
import * as sqs from "@aws-sdk/client-sqs"

// biome-ignore lint/suspicious/noExplicitAny: commands of six clients, by name
type Any = any

const modules: Readonly<Record<string, Any>> = { dynamodb, kinesis, s3, states, sns, sqs }
const clientNames: Readonly<Record<string, string>> = {
  dynamodb: "DynamoDBClient",
  kinesis: "KinesisClient",
  s3: "S3Client",
  states: "SFNClient",
  sns: "SNSClient",
  sqs: "SQSClient"
}

const { port } = workerData as { readonly port: MessagePort }
const clients = new Map<string, Any>()

const clientOf = (service: string, settings: Any): Any => {
  const key = `${service} ${settings.endpoint}`
  const found =
    clients.get(key) ??
    new modules[service][clientNames[service] ?? ""]({
      ...settings,
      forcePathStyle: true,
      // Kinesis would speak HTTP/2, which the engines do not.
      requestHandler: new sqs.SQSClient(settings).config.requestHandler
    })
  clients.set(key, found)
  return found
}

port.on("message", async ({ service, operation, input, settings, flag }: Any) => {
  const answer = await clientOf(service, settings)
    .send(new modules[service][`${operation}Command`](input))
    .then(
      async ({ $metadata: _, Body, ...output }: Any) => ({
        output: { ...output, ...(Body === undefined ? {} : { Body: await Body.transformToByteArray() }) }
      }),
      (error: Error) => ({ error: { name: error.name, message: error.message } })
    )
  port.postMessage(answer)
  Atomics.store(new Int32Array(flag), 0, 1)
  Atomics.notify(new Int32Array(flag), 0)
})
