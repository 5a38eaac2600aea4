import { ServiceError } from "../core/types.ts"
import type { Table } from "./tables.ts"

/** DynamoDB takes up to an hour for a change, and no other change until then. */
const HOUR = 60 * 60 * 1000

const invalid = (message: string) => new ServiceError("ValidationException", message)

export interface TimeToLiveSpecification {
  readonly AttributeName: string
  readonly Enabled: boolean
}

/** Names the attribute by which a table deletes its items, or ends that. At once, where DynamoDB takes up to an hour. */
export const updateTimeToLive = (table: Table, { AttributeName, Enabled }: TimeToLiveSpecification, now: number) => {
  const { attribute, changedAt = Number.NEGATIVE_INFINITY } = table.timeToLive
  if (now - changedAt < HOUR) throw invalid("Time to live has been modified multiple times within a fixed interval")
  if (Enabled && attribute !== undefined)
    throw invalid(
      attribute === AttributeName
        ? "TimeToLive is already enabled"
        : `TimeToLive is active on a different AttributeName: current AttributeName is ${attribute}`
    )
  if (!Enabled && attribute === undefined) throw invalid("TimeToLive is already disabled")
  if (!Enabled && attribute !== AttributeName)
    throw invalid(`TimeToLive is active on a different AttributeName: current AttributeName is ${attribute}`)
  table.timeToLive = { changedAt: now, ...(Enabled ? { attribute: AttributeName } : {}) }
  return { TimeToLiveSpecification: { AttributeName, Enabled } }
}

export const describeTimeToLive = ({ timeToLive: { attribute } }: Table) => ({
  TimeToLiveDescription:
    attribute === undefined
      ? { TimeToLiveStatus: "DISABLED" }
      : { TimeToLiveStatus: "ENABLED", AttributeName: attribute }
})
