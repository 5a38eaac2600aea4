import * as pulumi from "@pulumi/pulumi"
import { READ_API_MB } from "../domain/prices.ts"
import { type ApiStage, IamPolicy, LambdaFunction, MetricAlarm, type RestApi, RolePolicyAttachment } from "./aws.ts"
import { readApiCode } from "./bundle.ts"
import { Lambda } from "./lambda.ts"
import { gravest, type NameFault, nameFault } from "./names.ts"
import { kindOf } from "./nodes.ts"
import { allow, document } from "./policy.ts"
import { argFaults, type ReadApiArgs, withDefaults } from "./read-api-args.ts"
import { ReadRestApi } from "./rest-api.ts"

/** Seconds that an answer may take, with the retries of the reader. */
const CALL_SECONDS = 15

/** Seconds that a stream has left when it ends, to say so. */
const END_SECONDS = 30

const NAME = /^[A-Za-z][A-Za-z0-9-]{0,29}$/

interface Metric {
  readonly namespace: string
  readonly metricName: string
  readonly dimensions: Readonly<Record<string, pulumi.Input<string>>>
}

/** The resources underneath a `ReadApi`. */
export interface ReadApiNodes {
  readonly api: RestApi
  readonly stage: ApiStage
  /** Answers requests. */
  readonly calls: LambdaFunction
  /** Streams changes. */
  readonly changes: LambdaFunction
}

/**
 * The projections of a stack behind HTTP, for front ends that must not hold rights on tables: agents, queues, what happened today, and
 * changes as server-sent events. Read only, with the rights of the policy for readers and no others.
 *
 * ```ts
 * const genesys = new GenesysProjections("genesys")
 * const api = new ReadApi("wall", {
 *   reads: genesys,
 *   authorizer: { userPoolArns: [pool.arn] },
 *   origins: ["https://wall.example.com"]
 * })
 * export const url = api.url
 * ```
 *
 * `docs/openapi.json` describes the requests. The constructor throws a `RunError` that names every faulty argument, before anything is
 * made.
 */
export class ReadApi extends pulumi.ComponentResource {
  /** What every path begins with: `https://<id>.execute-api.<region>.amazonaws.com/v1`. */
  readonly url: pulumi.Output<string>
  /** A policy that lets a role ask; empty where user pools say who may. */
  readonly callPolicyArn: pulumi.Output<string>
  /** The resources underneath. */
  readonly nodes: ReadApiNodes

  /** `name` is 1 to 30 letters, digits and dashes, and begins with a letter. */
  constructor(name: string, args: ReadApiArgs, opts: pulumi.ComponentResourceOptions = {}) {
    const stop = (what: string, faults: ReadonlyArray<string>) =>
      new pulumi.RunError(`${pulumi.getStack()}: ${what}:\n- ${faults.join("\n- ")}`)
    const misnamed = NAME.test(name)
      ? []
      : [`its name is ${JSON.stringify(name)}; use 1 to 30 letters, digits and dashes.`]
    const faults = [...misnamed, ...argFaults(args)]
    if (faults.length > 0) throw stop("the ReadApi has faulty arguments", faults)
    const unfit: Array<NameFault> = []
    const functions = new Map<string, LambdaFunction>()
    const look = ({ resource, type, name: logical, props }: pulumi.ResourceTransformationArgs) => {
      const kind = kindOf(resource)
      const fault = kind && nameFault(kind, type, logical, props)
      if (fault !== undefined) unfit.push(fault)
      if (resource instanceof LambdaFunction) functions.set(logical, resource)
      return undefined
    }
    super(
      "genesys-cloud-projections:http:ReadApi",
      name,
      {},
      { ...opts, transformations: [...(opts.transformations ?? []), look] }
    )
    const { reads, authorizer, origins, requestsPerSecond, streamSeconds, ...given } = withDefaults(args)
    const tags = { Project: pulumi.getProject(), Stack: pulumi.getStack(), ...args.tags }
    const parent = { parent: this }
    const code = args.code ?? readApiCode()
    const title = `${pulumi.getProject()}-${pulumi.getStack()}-${name}`
    const makeFunction = (part: "calls" | "changes", description: string, timeoutSeconds: number, most: number) => {
      const fn = new Lambda(
        `${name}-${part}`,
        {
          description,
          code,
          prefix: title,
          memoryMb: READ_API_MB[part],
          timeoutSeconds,
          reservedConcurrency: most,
          environment: {
            PREFIX: reads.prefix,
            ORIGINS: origins.join(","),
            POLL_SECONDS: String(given.pollSeconds),
            STREAM_SECONDS: String(streamSeconds),
            ...(args.serviceLevel === undefined ? {} : { SERVICE_LEVEL: JSON.stringify(args.serviceLevel) })
          },
          statements: [],
          logRetentionDays: given.logRetentionDays,
          tags
        },
        parent
      )
      new RolePolicyAttachment(
        `${name}-${part}-reads`,
        { role: fn.roleArn.apply((arn) => arn.split("/").at(-1) ?? ""), policyArn: reads.readPolicyArn },
        parent
      )
      return { fn, timeoutSeconds }
    }
    const calls = makeFunction("calls", "Answers requests from the projections", CALL_SECONDS, given.mostRequests)
    const changes = makeFunction(
      "changes",
      "Streams changes of the projections",
      streamSeconds + END_SECONDS,
      given.mostStreams
    )
    const api = new ReadRestApi(
      `${name}-api`,
      { title, calls, changes, authorizer, origins, requestsPerSecond, tags },
      parent
    )
    const alarm = (part: string, says: string, metric: Metric) =>
      new MetricAlarm(
        `${name}-${part}`,
        {
          name: `${title}-${part}`,
          alarmDescription: `${says} Without data: notBreaching. What to do: docs/http.md#when-an-alarm-rings`,
          ...metric,
          statistic: "Sum",
          period: 300,
          comparisonOperator: "GreaterThanOrEqualToThreshold",
          threshold: 1,
          evaluationPeriods: 3,
          datapointsToAlarm: 2,
          treatMissingData: "notBreaching",
          alarmActions: [reads.noticesTopicArn],
          okActions: [reads.noticesTopicArn],
          tags
        },
        parent
      )
    const errorsOf = ({ fn }: { readonly fn: Lambda }) =>
      ({ namespace: "AWS/Lambda", metricName: "Errors", dimensions: { FunctionName: fn.name } }) as const
    alarm("calls-errors", "The function that answers requests crashes.", errorsOf(calls))
    alarm("changes-errors", "The function that streams changes crashes.", errorsOf(changes))
    alarm("failures", "Requests fail: the tables cannot be read, or all streams or requests are taken.", {
      namespace: "AWS/ApiGateway",
      metricName: "5XXError",
      dimensions: { ApiName: api.name, Stage: api.stage.stageName }
    })
    this.callPolicyArn =
      authorizer === "iam"
        ? new IamPolicy(
            `${name}-callers`,
            {
              description: "Asks what agents and queues are doing",
              policy: document([allow(["execute-api:Invoke"], api.requestsArn)]),
              tags
            },
            parent
          ).arn
        : pulumi.output("")
    if (unfit.length > 0) throw stop("names do not fit", gravest(unfit))
    this.url = api.url
    this.nodes = {
      api: api.api,
      stage: api.stage,
      calls: functions.get(`${name}-calls`) as LambdaFunction,
      changes: functions.get(`${name}-changes`) as LambdaFunction
    }
    this.registerOutputs({ url: this.url, callPolicyArn: this.callPolicyArn })
  }
}
