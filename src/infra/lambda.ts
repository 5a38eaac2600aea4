import * as pulumi from "@pulumi/pulumi"
import { LambdaFunction, LogGroup, Role, RolePolicy, type Tags } from "./aws.ts"
import { interfaceRights, type Network } from "./network.ts"
import { allow, document, type Statement, trust } from "./policy.ts"
import { type Schedule, WarmAlias } from "./warm-alias.ts"

/** What every function of the stack may have. */
export interface Placement {
  /** What the names of the stack begin with, by which its metrics go. */
  readonly prefix: string
  /** Runs in these subnets; absent: in Lambda's own network. */
  readonly network?: Network
  /** Invocations that nobody else in the account can take, and which it cannot exceed. Absent: whatever is free. */
  readonly reservedConcurrency?: number
  /** Environments that are kept ready; absent: none. */
  readonly schedule?: Schedule
  /** The base URL of a collector of spans, by OTLP over HTTP; absent or empty: nothing is traced. */
  readonly otlpEndpoint?: string
}

/** The placement among other arguments, to hand it on. */
export const placementOf = ({
  prefix,
  network,
  reservedConcurrency,
  schedule,
  otlpEndpoint
}: Placement): Placement => ({
  prefix,
  ...(network === undefined ? {} : { network }),
  ...(reservedConcurrency === undefined ? {} : { reservedConcurrency }),
  ...(schedule === undefined ? {} : { schedule }),
  ...(otlpEndpoint ? { otlpEndpoint } : {})
})

export interface LambdaArgs extends Placement {
  readonly description: string
  /** Holds `index.mjs`, which exports `handler`. */
  readonly code: pulumi.Input<pulumi.asset.Archive>
  /** MiB, 128 to 10240; CPU grows with it. */
  readonly memoryMb: number
  readonly timeoutSeconds: number
  readonly environment: Readonly<Record<string, pulumi.Input<string>>>
  /** What the code calls, apart from its own log. */
  readonly statements: ReadonlyArray<Statement>
  readonly logRetentionDays: number
  readonly tags: Tags
}

/** A function with a role and a log group of its own. */
export class Lambda extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>
  readonly arn: pulumi.Output<string>
  /** What invokes it must name this: the alias with the environments that are ready, or the function itself. */
  readonly target: pulumi.Output<string>
  readonly roleArn: pulumi.Output<string>
  /** Name of its log group. */
  readonly logGroup: pulumi.Output<string>
  /** What a mapping must wait for: AWS checks the role's rights when the mapping is made. */
  readonly rights: pulumi.Resource

  constructor(name: string, args: LambdaArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:function:Lambda", name, {}, opts)
    const logs = new LogGroup(
      `${name}-logs`,
      { retentionInDays: args.logRetentionDays, tags: args.tags },
      { parent: this }
    )
    const role = new Role(
      `${name}-role`,
      { assumeRolePolicy: trust("lambda.amazonaws.com"), tags: args.tags },
      { parent: this }
    )
    const writeLogs = allow(["logs:CreateLogStream", "logs:PutLogEvents"], pulumi.interpolate`${logs.arn}:*`)
    const { network, reservedConcurrency, schedule } = args
    const placing = network === undefined ? [] : interfaceRights(network, logs.arn)
    const rights = new RolePolicy(
      `${name}-policy`,
      { role: role.name, policy: document([...args.statements, writeLogs, ...placing]) },
      { parent: this }
    )
    const fn = new LambdaFunction(
      name,
      {
        description: args.description,
        code: args.code,
        handler: "index.handler",
        runtime: "nodejs24.x",
        architectures: ["arm64"],
        role: role.arn,
        memorySize: args.memoryMb,
        timeout: args.timeoutSeconds,
        ...(reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: reservedConcurrency }),
        ...(schedule === undefined ? {} : { publish: true }),
        ...(network === undefined
          ? {}
          : { vpcConfig: { subnetIds: [...network.subnetIds], securityGroupIds: [network.securityGroupId] } }),
        // Which stack a log line or a metric is of is not in the name that a function sees of itself.
        environment: {
          variables: {
            ...args.environment,
            STACK_NAME: args.prefix,
            ...(args.otlpEndpoint ? { OTLP_ENDPOINT: args.otlpEndpoint } : {})
          }
        },
        // Start and end lines are noise beside one line per batch, and are billed like it.
        loggingConfig: {
          logFormat: "JSON",
          logGroup: logs.name,
          applicationLogLevel: "INFO",
          systemLogLevel: "WARN"
        },
        tags: args.tags
      },
      { parent: this, dependsOn: [rights] }
    )
    this.name = fn.name
    this.arn = fn.arn
    this.target =
      schedule === undefined
        ? fn.arn
        : new WarmAlias(`${name}-live`, { fn, schedule, tags: args.tags }, { parent: this }).arn
    this.roleArn = role.arn
    this.logGroup = logs.name
    this.rights = rights
    this.registerOutputs({ name: this.name, arn: this.arn, roleArn: this.roleArn })
  }
}
