import type { Rule } from "./rule.ts"

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
 * The rules as policies of Pulumi: plain objects, which need nothing of Pulumi. A pack is a file that hands them to `PolicyPack`; it
 * has to be bundled, for Pulumi would compile it in a way that its imports do not survive.
 */
export const asPolicies = (rules: ReadonlyArray<Rule>, production: boolean): ReadonlyArray<StackPolicy> =>
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
      for (const { resource, problem } of check({ resources: looked, production }))
        report(`${resource.name}: ${problem}`, resources[looked.indexOf(resource)]?.urn)
    }
  }))
