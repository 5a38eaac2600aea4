import type { Limits } from "./limits.ts"

/** A run of the stack on one machine, with a simulated contact centre. */
export interface Run {
  readonly now: number
  readonly elapsed: number
  /** Events a second that were asked for. */
  readonly rate: number
  readonly seed: number
  /** The Pulumi stack whose resources are running. */
  readonly stack: string
  /** Where the wallboard is; absent without one. */
  readonly address?: string
}

/** What the view shows at one moment, as plain data. Times are epoch ms, durations ms. */
export interface Snapshot {
  readonly run: Run
  readonly counters: {
    readonly received: number
    readonly appended: number
    readonly duplicates: number
    readonly conflicts: number
    readonly quarantined: number
    readonly unrouted: number
    readonly late: number
    readonly revisions: number
    /** Events a second lately. */
    readonly perSecond: number
  }
  /** From event time to visible, absent until something has settled. */
  readonly settleLag?: { readonly p50: number; readonly p99: number }
  readonly backlog: { readonly stream: number; readonly settleQueue: number }
  readonly agents: ReadonlyArray<AgentLine>
  readonly queues: ReadonlyArray<QueueLine>
}

export interface AgentLine {
  readonly agentId: string
  /** What the directory calls the agent, as it is written there. */
  readonly name?: string
  /** The effective state in the words of Genesys, such as `Not Responding`. */
  readonly state: string
  readonly since?: number
  readonly presence?: string
  readonly routingStatus?: string
  /** Sessions that the agent works on, alerting ones among them, and those in wrap-up. */
  readonly sessions: number
  readonly alerting: number
  readonly wrapup: number
}

export interface QueueLine {
  readonly queueId: string
  readonly name?: string
  readonly members: number
  /** Waiting by medium, as reported (`VOICE`). */
  readonly waiting: { readonly [medium: string]: number }
  readonly alerting: number
  readonly interacting: number
  readonly wrapup: number
  readonly oldestWaitingSince?: number
  /** When a wait is long here, where somebody has said so. */
  readonly limits?: Limits
}

/** What only the end of a run can tell. */
export interface Ending {
  /** Events that were sent, and the ms in which they were; settling what was left took no time of anybody's. */
  readonly sent: number
  readonly sentFor: number
  /** Messages and objects that were given up and wait for people, by place. */
  readonly parked: { readonly [place: string]: number }
  /** Faults that were injected, by kind. */
  readonly faults: { readonly [kind: string]: number }
}
