import type * as pulumi from "@pulumi/pulumi"
import type { Projection } from "../../domain/projection.ts"
import type { Event } from "../../genesys/event.ts"
import type { Tags } from "../aws.ts"
import type { FunctionName } from "../bundle.ts"
import type { Load } from "../capacity.ts"
import type { StackConfig } from "../config.ts"

/** All that decides what a stack is made of. */
export interface Blueprint {
  readonly config: StackConfig
  readonly load: Load
  readonly region: string
  readonly projections: ReadonlyArray<Projection<Event>>
  readonly code: (name: FunctionName) => pulumi.Input<pulumi.asset.Archive>
  /** What fixed names begin with: tables, alarms, the dashboard, the state machine, the key's alias. */
  readonly prefix: string
  /** The logical name of a part. */
  readonly named: (name: string) => string
  readonly tags: Tags
  /** Of every part. */
  readonly opts: pulumi.ComponentResourceOptions
}
