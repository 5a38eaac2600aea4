import { readFileSync } from "node:fs"
import { type ServiceLevelRule, serviceLevelRule } from "../../projections/queue-figures.ts"
import { defaultThresholds, type Limits, type QueueThresholds, type Thresholds } from "./view/limits.ts"

/** How a centre judges its queues: what the wallboard calls long, and the service level. */
export interface Judgement {
  readonly thresholds: Thresholds
  /** The rule of all queues, and those of queues that have their own, by id or by name. */
  readonly serviceLevel: ServiceLevelRule
  readonly serviceLevels: { readonly [queue: string]: ServiceLevelRule }
}

export const defaultJudgement: Judgement = {
  thresholds: defaultThresholds,
  serviceLevel: serviceLevelRule,
  serviceLevels: {}
}

export const serviceLevelOf = (
  { serviceLevel, serviceLevels }: Judgement,
  queueId: string,
  name: string | undefined
): ServiceLevelRule =>
  [queueId, ...(name === undefined ? [] : [name])]
    .filter((key) => Object.hasOwn(serviceLevels, key))
    .map((key) => serviceLevels[key])[0] ?? serviceLevel

/** The file cannot be used. Its message names the field and says what belongs there. */
export class WrongThresholds extends Error {}

type Fields = Readonly<Record<string, unknown>>

const text = (value: unknown): string => JSON.stringify(value) ?? "nothing"

const fieldsOf = (path: string, value: unknown): Fields => {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields
  throw new WrongThresholds(`${path} is ${text(value)}; it must be an object`)
}

const limitsOf = (path: string, value: unknown): Limits => {
  const isSeconds = (one: unknown): one is number => typeof one === "number" && Number.isFinite(one) && one >= 0
  if (Array.isArray(value) && value.length === 2) {
    const [long, tooLong] = value as ReadonlyArray<unknown>
    if (isSeconds(long) && isSeconds(tooLong) && long <= tooLong) return [long, tooLong]
  }
  throw new WrongThresholds(
    `${path} is ${text(value)}; it must be two numbers of seconds, long and too long, such as [30, 120]`
  )
}

const only = (path: string, given: Fields, names: ReadonlyArray<string>): void => {
  const [unknown] = Object.keys(given).filter((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new WrongThresholds(`${path === "" ? "" : `${path}.`}${unknown} is unknown; there are ${names.join(", ")}`)
}

/** Each of an object's values. Its names are anybody's, `__proto__` too. */
const each = <A>(
  path: string,
  value: unknown,
  of: (path: string, value: unknown) => A
): { readonly [name: string]: A } =>
  Object.fromEntries(Object.entries(fieldsOf(path, value)).map(([name, one]) => [name, of(`${path}.${name}`, one)]))

const checks: Readonly<Record<keyof ServiceLevelRule, readonly [holds: (value: unknown) => boolean, must: string]>> = {
  answerSeconds: [(value) => Number.isFinite(value) && Number(value) >= 0, "a number of seconds, 0 or more"],
  target: [(value) => Number.isFinite(value) && Number(value) >= 0 && Number(value) <= 1, "a share from 0 to 1"],
  shortAbandonSeconds: [(value) => Number.isFinite(value) && Number(value) >= 0, "a number of seconds, 0 or more"],
  withAbandons: [(value) => typeof value === "boolean", "true or false"],
  withShortAbandons: [(value) => typeof value === "boolean", "true or false"],
  withFlowOuts: [(value) => typeof value === "boolean", "true or false"]
}

const ruleOver = (rule: ServiceLevelRule, path: string, value: unknown): ServiceLevelRule => {
  const given = fieldsOf(path, value)
  only(path, given, Object.keys(checks))
  for (const [name, [holds, must]] of Object.entries(checks))
    if (Object.hasOwn(given, name) && !holds(given[name]))
      throw new WrongThresholds(`${path}.${name} is ${text(given[name])}; it must be ${must}`)
  return { ...rule, ...given } as ServiceLevelRule
}

const PLACES = ["waiting", "states"] as const

const queueOf = (path: string, { waiting, states }: Fields): QueueThresholds => ({
  ...(waiting === undefined ? {} : { waiting: limitsOf(`${path}waiting`, waiting) }),
  ...(states === undefined ? {} : { states: each(`${path}states`, states, limitsOf) })
})

/** What a decoded file says, over the defaults. Throws `WrongThresholds`. */
export const judgementOf = (value: unknown): Judgement => {
  const given = fieldsOf("the file", value)
  only("", given, [...PLACES, "serviceLevel", "queues"])
  const { waiting, states = {} } = queueOf("", given)
  const serviceLevel = ruleOver(serviceLevelRule, "serviceLevel", given.serviceLevel ?? {})
  const queues = each("queues", given.queues ?? {}, (path, one) => {
    const fields = fieldsOf(path, one)
    only(path, fields, [...PLACES, "serviceLevel"])
    return {
      thresholds: queueOf(`${path}.`, fields),
      rule: ruleOver(serviceLevel, `${path}.serviceLevel`, fields.serviceLevel ?? {})
    }
  })
  const mapped = <A>(of: (one: (typeof queues)[string]) => A) =>
    Object.fromEntries(Object.entries(queues).map(([name, one]) => [name, of(one)]))
  return {
    thresholds: {
      waiting: waiting ?? defaultThresholds.waiting,
      states: { ...defaultThresholds.states, ...states },
      queues: mapped(({ thresholds }) => thresholds)
    },
    serviceLevel,
    serviceLevels: mapped(({ rule }) => rule)
  }
}

/** Reads a file of thresholds. Throws `WrongThresholds`, also where there is no such file. */
export const readJudgement = (file: string): Judgement => {
  const read = () => {
    try {
      return JSON.parse(readFileSync(file, "utf8")) as unknown
    } catch (error) {
      throw new WrongThresholds(`it cannot be read as JSON (${(error as Error).message}); name a file of JSON`)
    }
  }
  return judgementOf(read())
}
