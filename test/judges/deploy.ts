import { type FunctionName, functionCode } from "../../src/infra/bundle.ts"
import { ownProjections } from "../../src/infra/projections-module.ts"
import type { Captured } from "../../src/local/capture.ts"
import { textOf } from "../support/function-code.ts"
import { call } from "./aws.ts"
import { REGION } from "./endpoints.ts"
import type { Json } from "./requests.ts"
import { declaredTable } from "./tables.ts"
import { zipOf } from "./zip.ts"

/** A call of Lambda, of which the project has no client. */
const lambda = async (endpoint: string, path: string, body: Json): Promise<void> => {
  const response = await fetch(`${endpoint}/2015-03-31/${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `AWS4-HMAC-SHA256 Credential=judge/20260101/${REGION}/lambda/aws4_request, SignedHeaders=host, Signature=0`
    },
    body: JSON.stringify(body)
  })
  if (!response.ok) throw new Error(`lambda ${path}: ${response.status} ${(await response.text()).slice(0, 300)}`)
}

const codeOf = async (name: FunctionName, leftOut: ReadonlyArray<string>): Promise<string> =>
  textOf(await functionCode(name, ownProjections.file, leftOut))

/** Only what is set. */
const given = (settings: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined && value !== 0))

export interface Deployed {
  /** The stack's outputs, with the URLs and ARNs that the engine gave. */
  readonly outputs: Readonly<Record<string, unknown>>
  readonly streamName: string
  readonly settleQueueUrl: string
}

/** Makes the data path of a captured stack on an engine that runs functions: all but bus, alarms and roles. */
export const deploy = async ({ resources, outputs }: Captured, endpoint: string): Promise<Deployed> => {
  const all = (type: string): ReadonlyArray<Json> => resources.filter((resource) => resource.type === type)
  for (const table of all("aws:dynamodb/table:Table"))
    call("dynamodb", "CreateTable", declaredTable(table, table.inputs.name))
  for (const { inputs } of all("aws:dynamodb/tableItem:TableItem"))
    call("dynamodb", "PutItem", { TableName: inputs.tableName, Item: JSON.parse(inputs.item) })
  for (const { outputs: made } of all("aws:s3/bucket:Bucket"))
    call("s3", "CreateBucket", { Bucket: made.bucket, CreateBucketConfiguration: { LocationConstraint: REGION } })
  for (const { outputs: made } of all("aws:sns/topic:Topic")) call("sns", "CreateTopic", { Name: made.name })

  const urls = new Map<string, string>()
  const queues = all("aws:sqs/queue:Queue")
  // A queue of dead letters comes before the one that names it.
  for (const { inputs, outputs: made } of [...queues].sort(
    (a, b) => +("redrivePolicy" in a.inputs) - +("redrivePolicy" in b.inputs)
  )) {
    const attributes = given({
      VisibilityTimeout: inputs.visibilityTimeoutSeconds,
      MessageRetentionPeriod: inputs.messageRetentionSeconds,
      DelaySeconds: inputs.delaySeconds,
      RedrivePolicy: inputs.redrivePolicy
    })
    const Attributes = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, String(value)]))
    urls.set(made.url, call("sqs", "CreateQueue", { QueueName: made.name, Attributes }).QueueUrl)
  }
  const withUrls = (text: string) => [...urls].reduce((now, [url, real]) => now.replaceAll(url, real), text)

  const [stream] = all("aws:kinesis/stream:Stream")
  const StreamName: string = stream.outputs.name
  call("kinesis", "CreateStream", { StreamName, ShardCount: stream.inputs.shardCount ?? 4 })

  for (const { name, inputs, outputs: made } of all("aws:lambda/function:Function")) {
    const Variables = JSON.parse(withUrls(JSON.stringify(inputs.environment.variables)))
    await lambda(endpoint, "functions", {
      FunctionName: made.name,
      Runtime: inputs.runtime,
      Role: inputs.role,
      Handler: inputs.handler,
      Timeout: inputs.timeout,
      MemorySize: inputs.memorySize,
      Architectures: inputs.architectures,
      Environment: { Variables: { ...Variables, AWS_ENDPOINT_URL: endpoint } },
      Code: {
        ZipFile: zipOf("index.mjs", await codeOf(name, outputs.projectionsLeftOut as ReadonlyArray<string>)).toString(
          "base64"
        )
      }
    })
  }
  for (const { inputs } of all("aws:lambda/eventSourceMapping:EventSourceMapping"))
    await lambda(endpoint, "event-source-mappings", {
      FunctionName: String(inputs.functionName).split(":").at(-1),
      EventSourceArn: inputs.eventSourceArn,
      BatchSize: inputs.batchSize,
      FunctionResponseTypes: inputs.functionResponseTypes,
      ...given({
        MaximumBatchingWindowInSeconds: inputs.maximumBatchingWindowInSeconds,
        StartingPosition: inputs.startingPosition,
        MaximumRetryAttempts: inputs.maximumRetryAttempts,
        BisectBatchOnFunctionError: inputs.bisectBatchOnFunctionError,
        MaximumRecordAgeInSeconds: inputs.maximumRecordAgeInSeconds,
        ParallelizationFactor: inputs.parallelizationFactor
      })
    })

  const [machine] = all("aws:sfn/stateMachine:StateMachine")
  const { stateMachineArn } = call("states", "CreateStateMachine", {
    name: machine.outputs.name,
    roleArn: machine.inputs.roleArn,
    type: machine.inputs.type,
    definition: machine.inputs.definition
  })
  return {
    outputs: { ...JSON.parse(withUrls(JSON.stringify(outputs))), replayStateMachineArn: stateMachineArn },
    streamName: StreamName,
    settleQueueUrl: urls.get(String(outputs.settleQueueUrl)) ?? ""
  }
}
