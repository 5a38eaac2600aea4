import * as pulumi from "@pulumi/pulumi"
import type { Alarm, AlarmTable } from "./alarms/alarm.ts"
import { archiveAlarms, archiveCopyAlarms } from "./alarms/archive.ts"
import { auditAlarms } from "./alarms/audit.ts"
import { driftAlarms } from "./alarms/drift.ts"
import { flowAlarms } from "./alarms/flow.ts"
import { incidents, isEssential } from "./alarms/incidents.ts"
import { lateAlarms } from "./alarms/late.ts"
import { parkedAlarms } from "./alarms/parked.ts"
import { reconcileAlarms } from "./alarms/reconcile.ts"
import { refusedAlarms } from "./alarms/refused.ts"
import { replayAlarms } from "./alarms/replay.ts"
import type { Expected } from "./alarms/slow.ts"
import { CompositeAlarm, MetricAlarm, type Tags } from "./aws.ts"
import type { StackConfig } from "./config.ts"
import type { Metric, Watched } from "./metric.ts"

export interface AlarmsArgs {
  /** What their names begin with, so that an account shows whose they are. */
  readonly prefix: string
  /** The logical name of an alarm. */
  readonly named: (name: string) => string
  readonly watched: Watched
  /** Thresholds follow from these two. */
  readonly config: StackConfig
  readonly expected: Expected
  /** ARN of the topic that is told of every alarm and of its end. */
  readonly notices: pulumi.Input<string>
  readonly tags: Tags
}

/** Every alarm of a stack. */
export const alarmTable: AlarmTable = (on, config, expected) =>
  [
    flowAlarms,
    lateAlarms,
    parkedAlarms,
    refusedAlarms,
    driftAlarms,
    replayAlarms,
    reconcileAlarms,
    archiveAlarms,
    archiveCopyAlarms,
    auditAlarms
  ]
    .flatMap((table) => table(on, config, expected))
    .filter((alarm) => config.alarms === "all" || isEssential(alarm))

/**
 * An alarm for each row of the alarm table. With `alarms: all` people are told of incidents, each of several alarms, so that one incident
 * is one mail; with `alarms: essential` every alarm tells them itself.
 */
export class Alarms extends pulumi.ComponentResource {
  /** ARNs, in the order of the table. */
  readonly arns: pulumi.Output<ReadonlyArray<string>>

  constructor(name: string, args: AlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:watch:Alarms", name, {}, opts)
    const { prefix, named, notices, config, expected, tags } = args
    const table = alarmTable(args.watched, config, expected)
    const told = { alarmActions: [notices], okActions: [notices] }
    const alarms = table.map(
      (alarm) =>
        new MetricAlarm(
          named(alarm.name),
          {
            name: `${prefix}-${alarm.name}`,
            alarmDescription: description(alarm, config.operationsPage),
            ...watching(alarm),
            comparisonOperator: operators[alarm.compare],
            threshold: alarm.threshold,
            evaluationPeriods: alarm.periods,
            datapointsToAlarm: alarm.breaches,
            treatMissingData: alarm.missing.as,
            ...(config.alarms === "all" ? {} : told),
            tags
          },
          { parent: this }
        )
    )
    const joined: Record<string, CompositeAlarm> = {}
    for (const [incident, { says, sections, after }] of config.alarms === "all" ? Object.entries(incidents) : []) {
      const names = table.flatMap(({ name, section }, i) =>
        sections.includes(section) ? [{ name, alarm: alarms[i] }] : []
      )
      // Without a part of the stack its incident cannot happen.
      if (names.length === 0) continue
      const suppressor = joined[after ?? ""]
      joined[incident] = new CompositeAlarm(
        named(`incident-${incident}`),
        {
          alarmName: `${prefix}-incident-${incident}`,
          alarmDescription: `${says} The reason names the alarms. What to do: ${config.operationsPage}#incidents`,
          alarmRule: names.map(({ name: one }) => `ALARM("${prefix}-${one}")`).join(" OR "),
          ...told,
          // What follows from it is told a little after it is over, if it lasts.
          ...(suppressor && {
            actionsSuppressor: { alarm: suppressor.alarmName, waitPeriod: 120, extensionPeriod: 300 }
          }),
          tags
        },
        // CloudWatch takes no rule that names an alarm which is not there.
        { parent: this, dependsOn: names.flatMap(({ alarm }) => alarm ?? []) }
      )
    }
    this.arns = pulumi.all(alarms.map(({ arn }) => arn))
    this.registerOutputs({ arns: this.arns })
  }
}

/** What the mail says: what has happened, what silence means, and where to read on. */
export const description = ({ says, missing, section }: Alarm, page: string): string =>
  `${says} Without data: ${missing.as}, for ${missing.because}. What to do: ${page}#${section}`

const operators = {
  ">": "GreaterThanThreshold",
  ">=": "GreaterThanOrEqualToThreshold",
  "<": "LessThanThreshold"
} as const

/** CloudWatch takes percentiles under another name than the plain statistics. Of a few points they are the worst one, which proves nothing. */
const statistic = (stat: string) =>
  /^p\d/.test(stat) ? { extendedStatistic: stat, evaluateLowSampleCountPercentiles: "ignore" } : { statistic: stat }

const watching = ({ signal, periodSeconds: period }: Alarm) => {
  if (!("expression" in signal)) {
    const { namespace, name: metricName, dimensions, stat } = signal
    return { namespace, metricName, dimensions, period, ...statistic(stat) }
  }
  const query = ([id, { namespace, name: metricName, dimensions, stat }]: [string, Metric]) => ({
    id,
    metric: { namespace, metricName, dimensions, stat, period },
    returnData: false
  })
  return {
    metricQueries: [
      { id: "signal", expression: signal.expression, label: signal.expression, returnData: true },
      ...Object.entries(signal.of).map(query)
    ]
  }
}
