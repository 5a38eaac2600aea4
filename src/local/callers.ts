import type { PolicyDocument, Principal } from "aws-in-process"
import type { Captured } from "./capture.ts"

/** The operator of this machine: reads and rebuilds tables, redrives rejected events, and erases. No stack declares the role. */
export const OPERATOR: Principal = { roleArn: "arn:aws:iam::000000000000:role/operator", label: "operator" }
const operatorPolicy: PolicyDocument = {
  Statement: {
    Effect: "Allow",
    Action: [
      "dynamodb:DescribeTable",
      "dynamodb:Scan",
      "dynamodb:Query",
      "dynamodb:GetItem",
      "dynamodb:BatchGetItem",
      "dynamodb:PutItem",
      "dynamodb:UpdateItem",
      "dynamodb:DeleteItem",
      "dynamodb:PartiQLInsert",
      "dynamodb:PartiQLUpdate",
      "kinesis:PutRecords",
      "sqs:SendMessage",
      "sqs:GetQueueAttributes",
      "sqs:ReceiveMessage",
      "sqs:DeleteMessage",
      "states:StartExecution",
      "states:DescribeExecution",
      "s3:ListBucket",
      "s3:GetObject",
      "s3:GetObjectVersion",
      "s3:PutObject",
      "s3:DeleteObject",
      "s3:ListBucketVersions",
      "s3:DeleteObjectVersion"
    ],
    Resource: "*"
  }
}

/** A service of yours that reads tables, and one that is notified of changes, each with the policy that the stack has for it. */
export const READER: Principal = { roleArn: "arn:aws:iam::000000000000:role/reader", label: "reader" }
export const CONSUMER: Principal = { roleArn: "arn:aws:iam::000000000000:role/consumer", label: "consumer" }
/** A person with both, who looks at the wallboard of a deployed stack. */
export const WATCHER: Principal = { roleArn: "arn:aws:iam::000000000000:role/watcher", label: "watcher" }

/** The policies that the stack has for readers, or for consumers of changes. */
const policiesOf = ({ resources, outputs }: Captured, output: "readPolicyArn" | "changesPolicyArn") =>
  resources
    .filter(({ type, outputs: made }) => type === "aws:iam/policy:Policy" && made.arn === outputs[output])
    .map(({ inputs }): PolicyDocument => JSON.parse(String(inputs.policy)))

/** What each of them may do, by role. */
export const policiesOfCallers = (captured: Captured): Readonly<Record<string, ReadonlyArray<PolicyDocument>>> => ({
  [OPERATOR.roleArn]: [operatorPolicy],
  [READER.roleArn]: policiesOf(captured, "readPolicyArn"),
  [CONSUMER.roleArn]: policiesOf(captured, "changesPolicyArn"),
  [WATCHER.roleArn]: (["readPolicyArn", "changesPolicyArn"] as const).flatMap((output) => policiesOf(captured, output))
})

/** Whether a role belongs to one of them, and to none of the stack. */
export const isCaller = (roleArn: string): boolean =>
  [OPERATOR, READER, CONSUMER, WATCHER].some((caller) => caller.roleArn === roleArn)
