import * as pulumi from "@pulumi/pulumi"
import { type Expected, slowMs } from "./alarms/slow.ts"
import { CloudWatchDashboard } from "./aws.ts"
import type { StackConfig } from "./config.ts"
import { dashboardBody } from "./dashboard/chart.ts"
import { type Capacity, costSection } from "./dashboard/cost.ts"
import { archiveSection, flowSection, lateSection, parkedSection, trueSection } from "./dashboard/health.ts"
import type { Watched } from "./metric.ts"
import { regionOf } from "./policy.ts"

export interface DashboardArgs {
  /** Its name in AWS. */
  readonly dashboardName: string
  readonly watched: Watched
  /** ARNs, shown first. */
  readonly alarms: pulumi.Output<ReadonlyArray<string>>
  readonly config: Pick<StackConfig, "settleWindowSeconds" | "streamRetentionHours">
  readonly capacity: Capacity & Expected
}

/** One page, top to bottom: is it flowing, is it late, is something parked, is it true, what does it cost. */
export class Dashboard extends pulumi.ComponentResource {
  /** Where the console shows it. */
  readonly url: pulumi.Output<string>

  constructor(name: string, args: DashboardArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:watch:Dashboard", name, {}, opts)
    const region = args.alarms.apply(([alarm = ""]) => regionOf(alarm))
    const watched = pulumi.output(args.watched) as pulumi.Output<Watched<string>>
    const body = pulumi.all([watched, args.alarms, region]).apply(([on, alarms, where]) => {
      const sections = [
        flowSection(on),
        lateSection(on, { ...args.config, slowMs: slowMs(args.capacity) }),
        parkedSection(on),
        ...trueSection(on),
        ...archiveSection(on),
        costSection(on, args.capacity)
      ]
      return JSON.stringify(dashboardBody(sections, alarms, where))
    })
    const dashboard = new CloudWatchDashboard(
      name,
      { dashboardName: args.dashboardName, dashboardBody: body },
      { parent: this }
    )
    this.url = pulumi.all([region, dashboard.dashboardName]).apply(([where, name]) => shownAt(where, name))
    this.registerOutputs({ url: this.url })
  }
}

const shownAt = (region: string, name: string): string => {
  const host = [region, "console", "aws.amazon.com"].join(".")
  return `https://${host}/cloudwatch/home?region=${region}#dashboards/dashboard/${name}`
}
