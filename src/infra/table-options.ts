import type * as pulumi from "@pulumi/pulumi"
import { NEW_TABLE, type WarmThroughput } from "./capacity.ts"

/** What tables of bodies have in common. */
export interface TableOptions {
  /** ARN of a customer key; absent: a key that AWS owns. */
  readonly kmsKey?: pulumi.Input<string>
  readonly warm: WarmThroughput
}

/** The arguments of a table for them. */
export const tableOptions = ({ kmsKey, warm }: TableOptions) => ({
  ...(kmsKey === undefined ? {} : { serverSideEncryption: { enabled: true, kmsKeyArn: kmsKey } }),
  // What is new anyway is left unsaid: AWS raises it with the traffic, and would refuse to be told the old value again.
  ...(warm.writes <= NEW_TABLE.writes && warm.reads <= NEW_TABLE.reads
    ? {}
    : { warmThroughput: { writeUnitsPerSecond: warm.writes, readUnitsPerSecond: warm.reads } })
})
