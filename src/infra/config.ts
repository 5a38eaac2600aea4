import { Struct } from "effect"
import { agentIntervals as agentIntervalsProjection } from "../../projections/agent-intervals.ts"
import { queueIntervals as queueIntervalsProjection } from "../../projections/queue-intervals.ts"
import { genesysDomainOf } from "../genesys/regions.ts"
import type { Load } from "./capacity.ts"
import type { BreakerArgs } from "./redrive.ts"
import type { Setting } from "./setting.ts"
import type { settings } from "./settings.ts"
import type { Schedule } from "./warm-alias.ts"

/** The settings of a stack, complete and checked, each as `Pulumi.yaml` describes it. */
export type StackConfig = {
  readonly [K in keyof typeof settings]: (typeof settings)[K] extends Setting<infer T> ? T : never
}

/** The `source` that the rule lets through. */
export const eventSource = (config: Pick<StackConfig, "genesysEventSource" | "customEventSource">): string =>
  config.genesysEventSource || config.customEventSource

/** The names of the projections that the settings leave out. */
export const leftOutOf = ({
  queueIntervals,
  agentIntervals
}: Pick<StackConfig, "queueIntervals" | "agentIntervals">): ReadonlyArray<string> => [
  ...(queueIntervals ? [] : [queueIntervalsProjection.name]),
  ...(agentIntervals ? [] : [agentIntervalsProjection.name])
]

/** AWS asks for six times the timeout and the batch window, so that a throttled batch is not received twice. */
export const settleVisibilitySeconds = (
  config: Pick<StackConfig, "projectTimeoutSeconds" | "settleBatchWindowSeconds">
): number => 6 * config.projectTimeoutSeconds + config.settleBatchWindowSeconds

/** How many generations of a projection are folded, on average: more than 1 while a raised version stands beside the one before. */
export const generationsOf = (projections: ReadonlyArray<{ readonly name: string }>): number =>
  projections.length / new Set(projections.map(({ name }) => name)).size

/** The settings that decide capacity. */
export const loadSettings = [
  "peakEventsPerSecond",
  "averageEventBytes",
  "accountConcurrency",
  "batchSize",
  "batchWindowSeconds",
  "settleBatchSize",
  "functionMemoryMb",
  "streamShards",
  "parallelizationFactor",
  "settleMaxConcurrency"
] as const satisfies ReadonlyArray<keyof StackConfig & keyof Load>

/** What the stack must carry, with that many generations of a projection. */
export const loadOf = (config: StackConfig, generations: number): Load => ({
  ...Struct.pick(config, [...loadSettings, "entityIndex"]),
  targets: config.secondRegion === "" ? 1 : 2,
  generations
})

/** When environments of a function are kept ready that runs at most `concurrency` times at once; nothing when none are. */
export const scheduleOf = (config: StackConfig, concurrency: number): { readonly schedule?: Schedule } =>
  config.provisionedConcurrency === 0
    ? {}
    : {
        schedule: {
          environments: Math.min(config.provisionedConcurrency, concurrency),
          from: config.provisionedFrom,
          until: config.provisionedUntil,
          timeZone: config.timeZone
        }
      }

/** When the breakers of redrive open, wait and close. */
export const breakerOf = (config: StackConfig): BreakerArgs => ({
  failures: config.breakerFailures,
  failurePercent: config.breakerFailurePercent,
  windowSeconds: config.breakerWindowSeconds,
  coolDownSeconds: config.breakerCoolDownSeconds,
  longestCoolDownSeconds: config.breakerLongestCoolDownSeconds,
  probes: config.breakerProbes
})

/** Requests a minute that Genesys grants to one OAuth client. */
const GRANTED = 300

/** How sweeps of the Genesys Cloud API go. */
export const reconcileOf = (config: StackConfig) => ({
  domain: genesysDomainOf(config.genesysDomain) ?? "",
  requestsPerMinute: Math.max(1, Math.floor((GRANTED * config.reconcileShare) / 100)),
  begins: config.reconcileSchedule,
  holds: config.directory,
  divisions: config.divisions
})
