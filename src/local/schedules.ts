import type { DeliveryParts, EngineClock } from "aws-in-process"
import { type AsyncFunction, makeAsyncFunction, startSchedule } from "aws-in-process"
import type { HostedFunction } from "./hosting.ts"
import type { Wiring } from "./wiring.ts"

/** The functions as those see them that do not wait for an answer, by ARN. */
export const makeAsyncFunctions = (
  { permissions, asynchronous }: Pick<Wiring, "permissions" | "asynchronous">,
  functions: ReadonlyArray<HostedFunction>,
  clock: EngineClock
): ReadonlyMap<string, AsyncFunction> =>
  new Map(
    functions.map(({ arn, host }) => {
      const nameOrArn = [arn, arn.split(":").at(-1)]
      const own = permissions.filter((permission) => nameOrArn.includes(permission.function))
      const settings = asynchronous.find(({ functionName }) => nameOrArn.includes(functionName))
      return [arn, makeAsyncFunction({ ...host, name: arn.split(":").at(-1) ?? "" }, own, settings, clock)]
    })
  )

/** What runs by the clock. */
export interface Schedules {
  /** URLs of the queues that a scheduled function works off; they are named in its environment. */
  readonly serves: (queueUrl: string) => boolean
  /** Ends all schedules, or those of one function by its ARN. */
  readonly stop: (functionArn?: string) => void
}

export const startSchedules = (
  { schedules, ticked, functions }: Pick<Wiring, "schedules" | "ticked" | "functions">,
  parts: DeliveryParts
): Schedules => {
  const running = schedules.map((schedule) => ({
    ...startSchedule(schedule, ticked, parts),
    ticks: ticked.filter(({ rule }) => rule === schedule.name).map(({ arn }) => arn)
  }))
  const named = functions
    .filter(({ arn }) => ticked.some((target) => target.arn === arn))
    .flatMap(({ environment }) => Object.values(environment))
  return {
    serves: (queueUrl) => named.includes(queueUrl),
    stop: (functionArn) => {
      for (const { stop, ticks } of running) if (functionArn === undefined || ticks.includes(functionArn)) stop()
    }
  }
}
