import * as pulumi from "@pulumi/pulumi"

/** One statement of a policy document, in AWS's own spelling. */
export interface Statement {
  readonly Effect: "Allow" | "Deny"
  readonly Action: ReadonlyArray<string>
  readonly Resource?: ReadonlyArray<pulumi.Input<string>>
  readonly Principal?:
    | "*"
    | { readonly Service: string }
    | { readonly AWS: pulumi.Input<string> | ReadonlyArray<string> }
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, ConditionValue>>>>
}

type ConditionValue = pulumi.Input<string> | ReadonlyArray<pulumi.Input<string>>

/** Exactly these actions on exactly these ARNs. */
export const allow = (
  actions: ReadonlyArray<string>,
  ...resources: ReadonlyArray<pulumi.Input<string>>
): Statement => ({
  Effect: "Allow",
  Action: actions,
  Resource: resources
})

/** Of a call that names items, the items of this partition key only. */
export const onlyItem = (key: string) => ({
  "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [key] },
  // Without any value all of them pass.
  Null: { "dynamodb:LeadingKeys": "false" }
})

/** The same for several items: by their keys, which may end in `*`. */
export const onlyItems = (keys: ReadonlyArray<string>) => ({
  "ForAllValues:StringLike": { "dynamodb:LeadingKeys": keys },
  Null: { "dynamodb:LeadingKeys": "false" }
})

/** The document as JSON text, in the order given, so that an unchanged policy is an unchanged text. */
export const document = (statements: ReadonlyArray<Statement>): pulumi.Output<string> =>
  pulumi.jsonStringify({ Version: "2012-10-17", Statement: statements })

/** Who may assume a role: one service and, where it says on whose behalf it acts, one source. */
export const trust = (service: string, source?: pulumi.Input<string>): pulumi.Output<string> =>
  document([
    {
      Effect: "Allow",
      Action: ["sts:AssumeRole"],
      Principal: { Service: service },
      ...(source === undefined ? {} : { Condition: onBehalfOf(source) })
    }
  ])

/** Lets these roles and users of people assume a role, and no service. */
export const people = (arns: ReadonlyArray<string>): pulumi.Output<string> =>
  document([{ Effect: "Allow", Action: ["sts:AssumeRole"], Principal: { AWS: arns } }])

/** Who may assume the role of a state machine: Step Functions for it, and for the children of its maps, whose names begin with its own. */
export const machineTrust = (machine: pulumi.Output<string>): pulumi.Output<string> =>
  document([
    {
      Effect: "Allow",
      Action: ["sts:AssumeRole"],
      Principal: { Service: "states.amazonaws.com" },
      Condition: {
        ArnLike: { "aws:SourceArn": [machine, pulumi.interpolate`${machine}/*`] },
        StringEquals: { "aws:SourceAccount": machine.apply(accountOf) }
      }
    }
  ])

/** Lets the bus put what some rules could not deliver into one queue, and refuses plain HTTP. */
export const deadLettersOf = (
  rules: ReadonlyArray<pulumi.Input<string>>,
  queue: pulumi.Input<string>
): pulumi.Output<string> =>
  document([
    {
      ...allow(["sqs:SendMessage"], queue),
      Principal: { Service: "events.amazonaws.com" },
      Condition: {
        ArnEquals: { "aws:SourceArn": rules.length === 1 ? (rules[0] ?? "") : rules },
        StringEquals: { "aws:SourceAccount": pulumi.output(rules[0] ?? "").apply(accountOf) }
      }
    },
    refusePlainHttp("sqs:*", queue)
  ])

/** Lets the alarms whose names begin with `alarmPrefix` publish to a topic of their account and region, and refuses plain HTTP. */
export const noticesOf = (topic: pulumi.Output<string>, alarmPrefix: string): pulumi.Output<string> =>
  document([
    {
      ...allow(["sns:Publish"], topic),
      Principal: { Service: "cloudwatch.amazonaws.com" },
      Condition: {
        ArnLike: { "aws:SourceArn": topic.apply((arn) => alarmsBeside(arn, alarmPrefix)) },
        StringEquals: { "aws:SourceAccount": topic.apply(accountOf) }
      }
    },
    refusePlainHttp("sns:Publish", topic)
  ])

/** Refuses plain HTTP on a bucket and everything in it. */
export const tlsOnlyBucket = (bucket: pulumi.Output<string>): pulumi.Output<string> =>
  document([refusePlainHttp("s3:*", bucket, pulumi.interpolate`${bucket}/*`)])

/** Refuses plain HTTP on a queue. */
export const tlsOnlyQueue = (queue: pulumi.Output<string>): pulumi.Output<string> =>
  document([refusePlainHttp("sqs:*", queue)])

const refusePlainHttp = (action: string, ...resources: ReadonlyArray<pulumi.Input<string>>): Statement => ({
  Effect: "Deny",
  Action: [action],
  Principal: "*",
  Resource: resources,
  Condition: { Bool: { "aws:SecureTransport": "false" } }
})

// The account is read from the ARN: asking the provider for it would be a call to AWS in every preview.
const onBehalfOf = (source: pulumi.Input<string>) => ({
  ArnEquals: { "aws:SourceArn": source },
  StringEquals: { "aws:SourceAccount": pulumi.output(source).apply(accountOf) }
})

const alarmsBeside = (arn: string, prefix: string): string => {
  const [scheme, partition, , region, account] = arn.split(":")
  return [scheme, partition, "cloudwatch", region, account, "alarm", `${prefix}-*`].join(":")
}

/** The account that an ARN names. */
export const accountOf = (arn: string): string => arn.split(":")[4] ?? ""

/** The region that an ARN names. */
export const regionOf = (arn: string): string => arn.split(":")[3] ?? ""

/** The last part of an ARN that has no slashes: the name of a queue or a topic. */
export const nameOf = (arn: string): string => arn.split(":")[5] ?? ""
