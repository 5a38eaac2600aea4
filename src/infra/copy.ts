import * as pulumi from "@pulumi/pulumi"
import { EventBus } from "./aws.ts"
import { type DeliveryArgs, delivery } from "./delivery.ts"
import { allow } from "./policy.ts"

export interface CopyArgs extends DeliveryArgs {
  /** Where the copies go; another region than the stack's. */
  readonly region: string
}

/**
 * The same events on a bus in a second region, for whoever has to go on when the first is down. The bus there is a custom one: what
 * partners send can only arrive where their source is. The rule is one of its own, so that its failures are not those of the stream.
 */
export class Copy extends pulumi.ComponentResource {
  readonly busName: pulumi.Output<string>
  readonly busArn: pulumi.Output<string>
  readonly ruleName: pulumi.Output<string>
  readonly dlqName: pulumi.Output<string>
  readonly dlqUrl: pulumi.Output<string>
  readonly dlqArn: pulumi.Output<string>

  constructor(name: string, args: CopyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:ingest:Copy", name, {}, opts)
    const { protect, region, tags } = args
    const bus = new EventBus(
      `${name}-bus`,
      { region, description: "Copies of Genesys Cloud events", tags },
      { parent: this, protect, retainOnDelete: protect }
    )
    const to = {
      description: "Genesys Cloud events that are copied to a second region",
      targetId: "second-region",
      arn: bus.arn,
      statements: [allow(["events:PutEvents"], bus.arn)]
    }
    const { rule, queue } = delivery(name, args, to, this)
    this.busName = bus.name
    this.busArn = bus.arn
    this.ruleName = rule.name
    this.dlqName = queue.name
    this.dlqUrl = queue.url
    this.dlqArn = queue.arn
    this.registerOutputs({ busName: this.busName, busArn: this.busArn, ruleName: this.ruleName, dlqUrl: this.dlqUrl })
  }
}
