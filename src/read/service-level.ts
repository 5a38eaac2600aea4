import { Effect } from "effect"
import { type ServiceLevelRule, serviceLevelRule } from "../../projections/queue-figures.ts"
import { BadOption } from "./errors.ts"

/** How you judge your queues: what you leave out is as Genesys has it until somebody chooses otherwise. */
export interface ServiceLevelOptions extends Partial<ServiceLevelRule> {
  /** Queues that are judged otherwise, by id. What you leave out is as for the others. */
  readonly queues?: Readonly<Record<string, Partial<ServiceLevelRule>>>
}

/** The rule for all queues, and those of queues that have their own, by id. */
export interface ServiceLevels {
  readonly others: ServiceLevelRule
  readonly queues: ReadonlyMap<string, ServiceLevelRule>
}

export const ruleOf = ({ others, queues }: ServiceLevels, queueId: string): ServiceLevelRule =>
  queues.get(queueId) ?? others

type Check = readonly [holds: (value: unknown) => boolean, must: string]

const seconds: Check = [
  (value) => typeof value === "number" && value >= 0 && Number.isFinite(value),
  "a number of seconds, 0 or more"
]
const flag: Check = [(value) => typeof value === "boolean", "true or false"]

const checks: Readonly<Record<keyof ServiceLevelRule, Check>> = {
  answerSeconds: seconds,
  target: [(value) => typeof value === "number" && value >= 0 && value <= 1, "a share from 0 to 1"],
  shortAbandonSeconds: seconds,
  withAbandons: flag,
  withShortAbandons: flag,
  withFlowOuts: flag
}

/** One rule over another: what it leaves out stays. */
const over = Effect.fnUntraced(function* (field: string, rule: ServiceLevelRule, given: unknown) {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    return yield* new BadOption({
      field,
      problem: `is ${JSON.stringify(given)}; it must be an object such as { answerSeconds: 20 }`
    })
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue
    const check = Object.hasOwn(checks, name) ? checks[name as keyof ServiceLevelRule] : undefined
    if (check === undefined)
      return yield* new BadOption({
        field: `${field}.${name}`,
        problem: `is unknown; there are ${Object.keys(checks).join(", ")}`
      })
    const [holds, must] = check
    if (!holds(value))
      return yield* new BadOption({
        field: `${field}.${name}`,
        problem: `is ${JSON.stringify(value)}; it must be ${must}`
      })
  }
  const said = Object.entries(given).filter(([, value]) => value !== undefined)
  return { ...rule, ...Object.fromEntries(said) } as ServiceLevelRule
})

/** The rules of the options, checked. */
export const serviceLevelsOf = Effect.fnUntraced(function* (options: ServiceLevelOptions = {}) {
  const { queues = {}, ...given } = options
  const others = yield* over("serviceLevel", serviceLevelRule, given)
  const own = new Map<string, ServiceLevelRule>()
  for (const [id, rule] of Object.entries(queues)) own.set(id, yield* over(`serviceLevel.queues.${id}`, others, rule))
  return { others, queues: own } satisfies ServiceLevels
})
