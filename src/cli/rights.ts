import { Effect } from "effect"
import { Command } from "effect/cli"
import { DIRECTORY_INDEXES } from "../domain/directory.ts"
import { generation, OPEN_INDEX } from "../domain/projection.ts"
import { Projections } from "../pipeline/folding.ts"
import { FAILED_FOLDER } from "../store/failed-batches.ts"
import { retiredKey } from "../store/rejected-events.ts"
import { present } from "./report.ts"
import { type Outputs, onStack } from "./stack/stack.ts"

/** The ARN of a queue, from its URL. */
const queueArn = (partition: string, url: string): string => {
  const { hostname, pathname } = new URL(url)
  const [, account = "", name = ""] = pathname.split("/")
  return `arn:${partition}:sqs:${hostname.split(".")[1] ?? ""}:${account}:${name}`
}

const allow = (Sid: string, Action: string | ReadonlyArray<string>, Resource: ReadonlyArray<string>) => ({
  Sid,
  Effect: "Allow" as const,
  Action: [Action].flat(),
  Resource
})

/** Rejected events, failed batches and the use log. */
const rejectedRights = (outputs: Outputs) => {
  const { quarantineBucketName, failuresBucketName, streamArn, settleQueueUrl } = outputs
  const partition = streamArn.split(":")[1] ?? "aws"
  const bucket = `arn:${partition}:s3:::${quarantineBucketName}`
  const failures = `arn:${partition}:s3:::${failuresBucketName}`
  const under = (...folders: ReadonlyArray<string>) => folders.map((folder) => `${bucket}/${folder}/*`)
  return [
    allow("FindEvents", "s3:ListBucket", [bucket]),
    allow("OpenEvents", "s3:GetObject", under("quarantine", "parked", "audit")),
    allow("WriteDown", "s3:PutObject", under("audit")),
    allow("KeepRedriven", "s3:PutObject", under("redriven")),
    allow("TakeOut", "s3:DeleteObject", under("quarantine", "parked")),
    allow("FindBatches", "s3:ListBucket", [failures]),
    allow("OpenBatches", "s3:GetObject", [`${failures}/${FAILED_FOLDER}*`]),
    allow("KeepBatches", "s3:PutObject", [`${failures}/${retiredKey(FAILED_FOLDER)}*`]),
    allow("TakeOutBatches", "s3:DeleteObject", [`${failures}/${FAILED_FOLDER}*`]),
    allow("GiveBackEvents", "kinesis:PutRecords", [streamArn]),
    allow("GiveBackSettlements", "sqs:SendMessage", [queueArn(partition, settleQueueUrl)])
  ]
}

/** Names: to read, and to remove. */
const directoryRights = (table: string) => [
  allow("ReadNames", ["dynamodb:BatchGetItem", "dynamodb:GetItem"], [table]),
  allow(
    "ListNames",
    "dynamodb:Query",
    Object.keys(DIRECTORY_INDEXES).map((index) => `${table}/index/${index}`)
  ),
  allow("Forget", "dynamodb:DeleteItem", [table])
]

const partitionOf = ({ streamArn }: Outputs): string => streamArn.split(":")[1] ?? "aws"

type Listed = ReadonlyArray<{ readonly name: string; readonly version: number; readonly summary?: unknown }>

/** What `connect` looks at: the partner's source, the bus that says which account it is, and the bus and rule of a source. */
const connectRights = ({ streamArn }: Outputs) => {
  const [, partition = "aws", , region, account] = streamArn.split(":")
  const arn = (resource: string, owner = account) => `arn:${partition}:events:${region}:${owner}:${resource}`
  return [
    allow("FindSource", "events:DescribeEventSource", [arn("event-source/aws.partner/genesys.com/*", "")]),
    allow("FindBus", "events:DescribeEventBus", [arn("event-bus/default"), arn("event-bus/aws.partner/genesys.com/*")]),
    allow("ReadRule", "events:DescribeRule", [arn("rule/aws.partner/genesys.com/*")])
  ]
}

/** Tables: to look, to decide, and to rebuild. */
const tableRights = (outputs: Outputs, listed: Listed) => {
  const { streamArn, eventTableName, controlTableName, projectionTables, overflowBucketName } = outputs
  const { quarantineBucketName, settleQueueUrl, ruleDlqUrl, settleDlqUrl, replayStateMachineArn } = outputs
  const { entityIndexName, directoryTableName, archiveBucketName } = outputs
  const archive = `arn:${partitionOf(outputs)}:s3:::${archiveBucketName}`
  const [, partition = "aws", , region, account] = streamArn.split(":")
  const arn = (name: string) => `arn:${partition}:dynamodb:${region}:${account}:table/${name}`
  const [events, control] = [arn(eventTableName), arn(controlTableName)]
  const overflow = `arn:${partition}:s3:::${overflowBucketName}`
  const tables = Object.values(projectionTables).map(({ name }) => arn(name))
  const summarised = listed
    .filter(({ summary }) => summary !== undefined)
    .flatMap((one) => projectionTables[generation(one)] ?? [])
    .map(({ name }) => arn(name))
  return [
    allow(
      "AskQueues",
      "sqs:GetQueueAttributes",
      [settleQueueUrl, ruleDlqUrl, settleDlqUrl].map((url) => queueArn(partition, url))
    ),
    allow("ReadTables", ["dynamodb:BatchGetItem", "dynamodb:DescribeTable", "dynamodb:Scan"], [events, ...tables]),
    ...(entityIndexName === ""
      ? []
      : [allow("ReadIndex", ["dynamodb:DescribeTable", "dynamodb:Query"], [arn(entityIndexName)])]),
    allow("ReadRows", "dynamodb:Query", tables),
    ...(directoryTableName === "" ? [] : directoryRights(arn(directoryTableName))),
    allow("ReadBodies", "s3:GetObject", [`${overflow}/*`]),
    // Without it a body that is gone looks like one that may not be read.
    allow("MissBodies", "s3:ListBucket", [overflow]),
    ...(archiveBucketName === ""
      ? []
      : [allow("ReadArchive", "s3:GetObject", [`${archive}/*`]), allow("FindArchive", "s3:ListBucket", [archive])]),
    allow("ReadControl", "dynamodb:GetItem", [control]),
    allow("Decide", "dynamodb:PutItem", [control]),
    allow("Rebuild", ["dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate"], tables),
    allow("Summarise", "dynamodb:UpdateItem", summarised),
    allow(
      "SummariseOpen",
      "dynamodb:Query",
      summarised.map((table) => `${table}/index/${OPEN_INDEX.name}`)
    ),
    allow("SeeStream", "kinesis:DescribeStreamSummary", [streamArn]),
    // AWS lets nobody say which stream.
    allow("ScaleStream", "kinesis:UpdateShardCount", ["*"]),
    allow("WarmTables", "dynamodb:UpdateTable", [events, ...tables]),
    ...(entityIndexName === ""
      ? []
      : [
          allow(
            "MendIndex",
            ["dynamodb:BatchGetItem", "dynamodb:DeleteItem", "dynamodb:PartiQLInsert"],
            [arn(entityIndexName)]
          )
        ]),
    ...(entityIndexName === "" ? [] : [allow("WarmIndex", "dynamodb:UpdateTable", [arn(entityIndexName)])]),
    // Nobody but the partner sends to a bus of a partner.
    ...(outputs.busArn === "" || /^(aws\.|$)/.test(outputs.eventSource)
      ? []
      : [allow("Simulate", "events:PutEvents", [outputs.busArn])]),
    allow("SetAside", "s3:PutObject", [`arn:${partition}:s3:::${quarantineBucketName}/parked/*`]),
    allow("StartReplays", "states:StartExecution", [replayStateMachineArn]),
    allow("FollowReplays", "states:DescribeExecution", [
      `${replayStateMachineArn.replace(":stateMachine:", ":execution:")}:*`
    ])
  ]
}

/**
 * The policy of a role that can use every command but the wallboard, which has the policy for readers, and nothing else. A role that can only look does without `KeepRedriven`, `TakeOut`,
 * `KeepBatches`, `TakeOutBatches`, `GiveBackEvents`, `GiveBackSettlements`, `Decide`, `Rebuild`, `Summarise`, `SummariseOpen`, `SetAside`, `Forget`,
 * `StartReplays`, `Simulate`, `SeeStream`, `ScaleStream`, `WarmTables`, `MendIndex` and `WarmIndex`. Objects under `audit/` can be added and read, not deleted.
 * `listed` says which generations have summaries.
 */
export const operatorPolicy = (outputs: Outputs, listed: Listed) => {
  const { customerKeyArn } = outputs
  const key = customerKeyArn === "" ? [] : [allow("UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], [customerKeyArn])]
  return {
    Version: "2012-10-17",
    Statement: [...rejectedRights(outputs), ...tableRights(outputs, listed), ...connectRights(outputs), ...key]
  }
}

export const rights = Command.make("rights", {}, () =>
  onStack(
    Effect.fnUntraced(function* ({ outputs }) {
      const policy = operatorPolicy(outputs, yield* Projections)
      yield* present({ document: policy, lines: [JSON.stringify(policy, undefined, 2)] })
    })
  )
).pipe(
  Command.withDescription(
    "Prints the IAM policy of a role that can use every command (wallboard needs the policy for readers)"
  )
)
