import * as pulumi from "@pulumi/pulumi"
import { EventBus, type Tags } from "./aws.ts"

export interface BusArgs {
  /** The partner event source that Genesys created, by its full name. Empty: a bus of our own, which the simulator feeds. */
  readonly partnerSource: string
  /** ARN of a bus that is there already; empty: the bus is made. */
  readonly existing: string
  /** Keep the bus when the stack is destroyed: without it Genesys drops events, and an unmatched source expires. */
  readonly protect: boolean
  readonly tags: Tags
}

/** Where Genesys events arrive. A partner bus must be named exactly as its source, so that name is not ours to choose. */
export class Bus extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>
  readonly arn: pulumi.Output<string>

  constructor(name: string, args: BusArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:ingest:Bus", name, {}, opts)
    if (args.existing !== "") {
      this.arn = pulumi.output(args.existing)
      // The name of a partner's bus has slashes.
      this.name = pulumi.output(args.existing.slice(args.existing.indexOf(":event-bus/") + ":event-bus/".length))
      this.registerOutputs({ name: this.name, arn: this.arn })
      return
    }
    const partner = args.partnerSource === "" ? {} : { name: args.partnerSource, eventSourceName: args.partnerSource }
    const bus = new EventBus(
      name,
      { ...partner, tags: args.tags },
      { parent: this, protect: args.protect, retainOnDelete: args.protect }
    )
    this.name = bus.name
    this.arn = bus.arn
    this.registerOutputs({ name: this.name, arn: this.arn })
  }
}
