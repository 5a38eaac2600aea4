import { projections } from "../../projections/index.ts"
import { operatorPolicy } from "../../src/cli/rights.ts"
import type { Outputs } from "../../src/cli/stack/stack.ts"
import { capture } from "../../src/local/capture.ts"
import type { ConfigValue } from "../../src/local/stack-config.ts"
import { allOptions, overridesOf, partnerSource } from "../infra/captured.ts"

/** The stacks that validators look at. Together they have every kind of resource that the program makes. */
const variants: Readonly<Record<string, readonly [stack: string, overrides: Readonly<Record<string, ConfigValue>>]>> = {
  dev: ["dev", {}],
  prod: ["prod", overridesOf("prod")],
  "prod with all options": ["prod", { ...allOptions, otlpEndpoint: "http://localhost:4318" }],
  "prod at 20,000 events/s": ["prod", { ...overridesOf("prod"), peakEventsPerSecond: 20_000 }],
  "a second region": [
    "other",
    {
      "aws:region": "eu-west-1",
      existingBusArn: "arn:aws:events:eu-west-1:000000000000:event-bus/prod-copy-bus",
      customEventSource: partnerSource,
      protect: true
    }
  ]
}

const captureAll = () =>
  Promise.all(
    Object.entries(variants).map(async ([name, [stack, overrides]]) => ({
      name,
      captured: await capture(stack, overrides)
    }))
  )

let captured: ReturnType<typeof captureAll> | undefined

/** Each stack by its name, as the program declares it: captured once for all files of a worker. */
export const stacks = (): ReturnType<typeof captureAll> => {
  captured ??= captureAll()
  return captured
}

export type ValidatedStack = Awaited<ReturnType<typeof stacks>>[number]

/** A policy document, and what it belongs to. */
export interface PolicyText {
  readonly stack: string
  readonly name: string
  readonly kind: "identity" | "managed" | "trust" | "resource" | "endpoint"
  readonly text: string
}

const kinds: Readonly<Record<string, PolicyText["kind"]>> = {
  "aws:iam/rolePolicy:RolePolicy": "identity",
  "aws:iam/policy:Policy": "managed",
  "aws:ec2/vpcEndpoint:VpcEndpoint": "endpoint"
}

/** Every policy document of a stack, and that of its operator. */
export const policiesOf = ({ name: stack, captured }: ValidatedStack): ReadonlyArray<PolicyText> => [
  ...captured.resources.flatMap(
    ({ type, name, inputs }): ReadonlyArray<PolicyText> => [
      ...(typeof inputs.policy === "string"
        ? [{ stack, name, kind: kinds[type] ?? "resource", text: inputs.policy }]
        : []),
      ...(typeof inputs.assumeRolePolicy === "string"
        ? [{ stack, name, kind: "trust" as const, text: inputs.assumeRolePolicy }]
        : [])
    ]
  ),
  {
    stack,
    name: "operator",
    // Larger than a managed policy may be, with all options.
    kind: "identity",
    text: JSON.stringify(operatorPolicy(captured.outputs as unknown as Outputs, projections))
  }
]
