import { ofType, type Resource, type Rule, types } from "./rule.ts"

/** What Pulumi hands to a policy of a whole stack, as far as it is used here. */
export interface StackArgs {
  readonly resources: ReadonlyArray<{
    readonly type: string
    readonly name: string
    readonly urn: string
    readonly props: Readonly<Record<string, unknown>>
    readonly opts: { readonly protect: boolean }
  }>
}

/** A policy as `new PolicyPack(name, { policies })` of `@pulumi/policy` takes it. */
export interface StackPolicy {
  readonly name: string
  readonly description: string
  readonly enforcementLevel: "mandatory"
  readonly validateStack: (args: StackArgs, report: (message: string, urn?: string) => void) => void
}

/**
 * Whether a stack holds what nobody can make again: the events of a partner. Only a bus of our own shows that it does not, for the
 * program refuses to protect anything behind one; so a stack in which no bus is seen is production too.
 */
export const isProduction = (resources: ReadonlyArray<Resource>): boolean => {
  const buses = ofType({ resources, production: true }, types.bus)
  const rulesOfEvents = ofType({ resources, production: true }, "aws:cloudwatch/eventRule:EventRule")
  return (
    buses.length === 0 ||
    buses.some(({ props }) => Boolean(props.eventSourceName)) ||
    // Copies keep the source of their events.
    rulesOfEvents.some(({ props }) => String(props.eventPattern).includes('"aws.partner/'))
  )
}

/**
 * The rules as policies of Pulumi: plain objects, which need nothing of Pulumi. `production` is asked about each stack that comes by.
 */
export const asPolicies = (
  rules: ReadonlyArray<Rule>,
  production: (resources: ReadonlyArray<Resource>) => boolean = isProduction
): ReadonlyArray<StackPolicy> =>
  rules.map(({ name, says, check }) => ({
    name,
    description: says,
    enforcementLevel: "mandatory",
    validateStack: ({ resources }, report) => {
      const looked = resources.map(({ type, name: logical, props, opts }) => ({
        type,
        name: logical,
        props,
        protect: opts.protect
      }))
      for (const { resource, problem } of check({ resources: looked, production: production(looked) }))
        report(`${resource.name}: ${problem}`, resources[looked.indexOf(resource)]?.urn)
    }
  }))
