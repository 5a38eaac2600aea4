import * as pulumi from "@pulumi/pulumi"
import { projections } from "../../projections/index.ts"
import { operatorPolicy } from "../../src/cli/rights.ts"
import type { Outputs } from "../../src/cli/stack/stack.ts"
import { ReadApi } from "../../src/infra/read-api.ts"
import { type Captured, capture, captureProgram } from "../../src/local/capture.ts"
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

/** A stack of HTTP APIs alone, for whoever may ask: they read a stack of another program. */
const captureApis = async (): Promise<Captured> => {
  const config = { "aws:region": "eu-central-1" }
  const made = await captureProgram({ project: "centre", stack: "dev", config }, () => {
    const code = new pulumi.asset.AssetArchive({})
    const arn = (service: string, rest: string) => `arn:aws:${service}:eu-central-1:000000000000:${rest}`
    const reads = {
      prefix: "centre-dev-genesys",
      readPolicyArn: "arn:aws:iam::000000000000:policy/readers",
      noticesTopicArn: arn("sns", "notices")
    }
    const userPoolArns = [arn("cognito-idp", "userpool/eu-central-1_a")]
    new ReadApi("roles", { reads, code, authorizer: "iam" })
    const origins = ["https://wall.example.com"]
    new ReadApi("people", { reads, code, authorizer: { userPoolArns, scopes: ["wall/read"] }, origins })
    return {}
  })
  return { ...made, projections: [] }
}

const captureAll = async () => [
  ...(await Promise.all(
    Object.entries(variants).map(async ([name, [stack, overrides]]) => ({
      name,
      captured: await capture(stack, overrides)
    }))
  )),
  { name: "HTTP APIs", captured: await captureApis() }
]

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
  ...operatorOf(stack, captured)
]

/** Of a stack that has one. */
const operatorOf = (stack: string, { outputs }: Captured): ReadonlyArray<PolicyText> =>
  outputs.prefix === undefined
    ? []
    : [
        {
          stack,
          name: "operator",
          // Larger than a managed policy may be, with all options.
          kind: "identity",
          text: JSON.stringify(operatorPolicy(outputs as unknown as Outputs, projections))
        }
      ]
