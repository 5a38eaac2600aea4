import * as pulumi from "@pulumi/pulumi"
import type { Expected } from "./alarms/slow.ts"
import { Alarms } from "./alarms.ts"
import type { Append } from "./append.ts"
import type { Archiver } from "./archive.ts"
import type { ArchiveCopy } from "./archive-copy.ts"
import type { Audit } from "./audit.ts"
import type { Tags } from "./aws.ts"
import type { Bus } from "./bus.ts"
import type { StackConfig } from "./config.ts"
import type { Copy } from "./copy.ts"
import type { Capacity } from "./dashboard/cost.ts"
import { Dashboard } from "./dashboard.ts"
import type { Feed } from "./feed.ts"
import type { Watched } from "./metric.ts"
import type { Notices } from "./notices.ts"
import { nameOf } from "./policy.ts"
import type { Project } from "./project.ts"
import type { Reconcile } from "./reconcile.ts"
import type { Redrive } from "./redrive.ts"
import type { Replay } from "./replay.ts"
import type { SettleQueue } from "./settle-queue.ts"
import type { Stream } from "./stream.ts"

export interface WatchArgs {
  /** What the names of alarms and dashboard begin with. */
  readonly prefix: string
  /** The logical name of a resource of this stack: alarms and dashboard have no name of this component in theirs. */
  readonly named: (name: string) => string
  readonly config: StackConfig
  /** What costs money by the hour, and how long functions take. */
  readonly capacity: Capacity & Expected
  readonly bus: Bus
  readonly feed: Feed
  readonly stream: Stream
  readonly settle: SettleQueue
  /** Where events are copied to a second region. */
  readonly copy?: Copy
  /** Where the archive is copied to another account. */
  readonly archiveCopy?: ArchiveCopy
  readonly functions: {
    readonly append: Append
    readonly project: Project
    readonly redrive: Redrive
    readonly replay: Replay
    readonly reconcile?: Reconcile
    readonly archive?: Archiver
    readonly audit?: Audit
  }
  /** By logical name. */
  readonly tables: Readonly<Record<string, { readonly name: pulumi.Output<string> }>>
  readonly notices: Notices
  readonly tags: Tags
}

/** Alarms on everything that can go wrong, and one page that shows it. */
export class Watch extends pulumi.ComponentResource {
  readonly dashboardUrl: pulumi.Output<string>

  constructor(name: string, args: WatchArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:watch:Watch", name, {}, opts)
    const { prefix, named, config, tags } = args
    const watched = watchedOf(args)
    const alarms = new Alarms(
      named("alarms"),
      { prefix, named, watched, config, expected: args.capacity, notices: args.notices.arn, tags },
      { parent: this }
    )
    const dashboard = new Dashboard(
      named("dashboard"),
      { dashboardName: prefix, watched, alarms: alarms.arns, config, capacity: args.capacity },
      { parent: this }
    )
    this.dashboardUrl = dashboard.url
    this.registerOutputs({ dashboardUrl: this.dashboardUrl })
  }
}

const watchedOf = ({ prefix, bus, feed, stream, settle, copy, archiveCopy, functions, tables }: WatchArgs): Watched => {
  const { append, project, redrive, replay, reconcile, archive, audit } = functions
  return {
    stack: prefix,
    bus: bus.name,
    rule: feed.ruleName,
    stream: stream.name,
    ruleDlq: feed.dlqArn.apply(nameOf),
    settle: settle.arn.apply(nameOf),
    settleDlq: settle.dlqArn.apply(nameOf),
    redriveDlq: redrive.dlqArn.apply(nameOf),
    appendMapping: append.mapping,
    replayMachine: replay.machineArn,
    functions: {
      append: append.name,
      project: project.name,
      redrive: redrive.name,
      replay: replay.name,
      ...(reconcile && { reconcile: reconcile.name }),
      ...(archive && { archive: archive.name }),
      ...(audit && { audit: audit.name })
    },
    logGroups: {
      append: append.logGroup,
      project: project.logGroup,
      redrive: redrive.logGroup,
      replay: replay.logGroup,
      ...(reconcile && { reconcile: reconcile.logGroup }),
      ...(archive && { archive: archive.logGroup }),
      ...(audit && { audit: audit.logGroup })
    },
    ...(archive && { archiveDlq: archive.dlqArn.apply(nameOf) }),
    ...(reconcile && { reconcileDlq: reconcile.dlqArn.apply(nameOf) }),
    ...(audit && { auditDlq: audit.dlqArn.apply(nameOf) }),
    ...(copy === undefined ? {} : { copy: { rule: copy.ruleName, bus: bus.name, dlq: copy.dlqName } }),
    ...(archiveCopy && {
      archiveCopy: { source: archiveCopy.source, destination: archiveCopy.destination, rule: archiveCopy.rule }
    }),
    tables: Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, table.name]))
  }
}
