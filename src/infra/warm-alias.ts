import * as pulumi from "@pulumi/pulumi"
import { LambdaAlias, type LambdaFunction, ScalingTarget, ScheduledScaling, type Tags } from "./aws.ts"

/** When environments are kept ready, and how many. Times are `HH:MM` in `timeZone`, an IANA name. */
export interface Schedule {
  /** At least 1. */
  readonly environments: number
  readonly from: string
  readonly until: string
  readonly timeZone: string
}

/** Outside of the schedule one stays: a deployment of an alias that was scaled to nothing fails. */
const FLOOR = 1

const cron = (time: string): string => {
  const [hours, minutes] = time.split(":").map(Number)
  return `cron(${minutes} ${hours} ? * MON-FRI *)`
}

export interface WarmAliasArgs {
  /** Must be published, for `$LATEST` cannot be kept ready. */
  readonly fn: LambdaFunction
  readonly schedule: Schedule
  readonly tags: Tags
}

/** A name for the newest version of a function with environments that are ready before the working day begins. */
export class WarmAlias extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>

  constructor(name: string, args: WarmAliasArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:function:WarmAlias", name, {}, opts)
    const { fn, schedule, tags } = args
    const alias = new LambdaAlias(
      name,
      { name: "live", functionName: fn.name, functionVersion: fn.version },
      { parent: this }
    )
    const target = new ScalingTarget(
      `${name}-target`,
      {
        serviceNamespace: "lambda",
        scalableDimension: "lambda:function:ProvisionedConcurrency",
        resourceId: pulumi.interpolate`function:${fn.name}:${alias.name}`,
        minCapacity: FLOOR,
        maxCapacity: FLOOR,
        tags
      },
      // The schedule moves both; a deployment in the middle of the day must not move them back.
      { parent: this, ignoreChanges: ["minCapacity", "maxCapacity"] }
    )
    const at = (when: string, time: string, environments: number, after: ReadonlyArray<pulumi.Resource>) =>
      new ScheduledScaling(
        `${name}-${when}`,
        {
          name: when,
          serviceNamespace: target.serviceNamespace,
          scalableDimension: target.scalableDimension,
          resourceId: target.resourceId,
          schedule: cron(time),
          timezone: schedule.timeZone,
          scalableTargetAction: { minCapacity: environments, maxCapacity: environments }
        },
        // One after the other, because parallel changes of one target collide.
        { parent: this, dependsOn: [...after] }
      )
    const morning = at("morning", schedule.from, schedule.environments, [])
    at("evening", schedule.until, FLOOR, [morning])
    this.arn = alias.arn
    this.registerOutputs({ arn: this.arn })
  }
}
