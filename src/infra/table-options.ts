import type * as pulumi from "@pulumi/pulumi"
import { NEW_TABLE, type WarmThroughput } from "./capacity.ts"

/** What tables of bodies have in common. */
export interface TableOptions {
  /** ARN of a customer key; absent: a key that AWS owns. */
  readonly kmsKey?: pulumi.Input<string>
  readonly warm: WarmThroughput
}

/**
 * Properties that an update leaves as they are. AWS raises the warm throughput of a table with its traffic and refuses to lower it, so the
 * value of the program counts when the table is made. `npx projections scale` raises it later.
 */
export const RAISED_BY_TRAFFIC = ["warmThroughput"]

/** The arguments of a table for them. */
export const tableOptions = ({ kmsKey, warm }: TableOptions) => ({
  ...(kmsKey === undefined ? {} : { serverSideEncryption: { enabled: true, kmsKeyArn: kmsKey } }),
  // What is new anyway is left unsaid.
  ...(warm.writes <= NEW_TABLE.writes && warm.reads <= NEW_TABLE.reads
    ? {}
    : { warmThroughput: { writeUnitsPerSecond: warm.writes, readUnitsPerSecond: warm.reads } })
})
