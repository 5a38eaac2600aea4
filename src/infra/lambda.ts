import * as pulumi from "@pulumi/pulumi"
import { LambdaFunction, LogGroup, Role, RolePolicy } from "./aws.ts"
import { allow, document, type Statement, trust } from "./policy.ts"
import type { Tags } from "./stack.ts"

export interface LambdaArgs {
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
    const rights = new RolePolicy(
      `${name}-policy`,
      { role: role.name, policy: document([...args.statements, writeLogs]) },
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
        // Which stack a log line or a metric is of is not in the name that a function sees of itself.
        environment: { variables: { ...args.environment, STACK_NAME: pulumi.getStack() } },
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
    this.roleArn = role.arn
    this.logGroup = logs.name
    this.rights = rights
    this.registerOutputs({ name: this.name, arn: this.arn, roleArn: this.roleArn })
  }
}
