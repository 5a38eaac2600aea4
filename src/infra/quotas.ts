import { capacityOf, type Load, NEW_TABLE } from "./capacity.ts"

/** A quota of the account that is lower than what a load needs. Values in `unit`. */
export interface Quota {
  readonly service: string
  readonly name: string
  readonly unit: string
  readonly granted: number
  readonly needed: number
}

/** What AWS grants a new account, by region where it differs. EventBridge names five; elsewhere it is this much or less. */
const BUS_INVOCATIONS: Readonly<Record<string, number>> = {
  "us-east-1": 18_750,
  "us-west-2": 18_750,
  "eu-west-1": 18_750,
  "us-east-2": 4_500,
  "eu-central-1": 4_500
}
const BUS_INVOCATIONS_ELSEWHERE = 2_250
const SHARDS_OF_LARGE_REGIONS = 20_000
const SHARDS_ELSEWHERE = 1_000
const TABLE_UNITS = 40_000
/** What AWS says that it may be; many accounts have 1,000. */
export const NEW_ACCOUNT_CONCURRENCY = 10

/** The quotas that must be raised before the load can come, each with what AWS grants by default and what is needed. */
export const quotasToRaise = (load: Load, region: string): ReadonlyArray<Quota> => {
  const capacity = capacityOf(load)
  const { eventTable, projectionTable, entityTable = NEW_TABLE } = capacity
  const large = BUS_INVOCATIONS[region] === 18_750
  const table = (name: string, kind: "write" | "read", needed: number): Quota => ({
    service: "DynamoDB",
    name: `table-level ${kind} throughput limit (${name})`,
    unit: `${kind} units/s`,
    granted: TABLE_UNITS,
    needed
  })
  return [
    {
      service: "EventBridge",
      name: "invocations throttle limit in transactions per second",
      unit: "invocations/s",
      granted: BUS_INVOCATIONS[region] ?? BUS_INVOCATIONS_ELSEWHERE,
      needed: capacity.busInvocations
    },
    {
      service: "Kinesis",
      name: "shards per region",
      unit: "shards",
      granted: large ? SHARDS_OF_LARGE_REGIONS : SHARDS_ELSEWHERE,
      needed: capacity.shards
    },
    {
      service: "Lambda",
      name: "concurrent executions",
      unit: "executions",
      // Nobody has said it where a new account's quota is enough.
      granted: load.accountConcurrency || NEW_ACCOUNT_CONCURRENCY,
      needed: capacity.accountConcurrency
    },
    table("events", "write", eventTable.writes),
    table("events", "read", eventTable.reads),
    table("entities", "write", entityTable.writes),
    table("each projection", "write", projectionTable.writes),
    table("each projection", "read", projectionTable.reads)
  ].filter(({ granted, needed }) => needed > granted)
}

/** A quota as a sentence. */
export const quotaText = ({ service, name, unit, granted, needed }: Quota): string =>
  `${service}: raise "${name}" from ${granted} to at least ${needed} ${unit}.`
