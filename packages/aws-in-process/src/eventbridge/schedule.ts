import { countedUuid, refuseUnknown } from "../core/settings.ts"
import { type DeliveryParts, makeDelivery, type TargetSettings } from "./delivery.ts"

/** A rule with a schedule as `aws.cloudwatch.EventRule` describes it. Only `rate(...)` is implemented. */
export interface ScheduleSettings {
  readonly name: string
  readonly arn: string
  readonly scheduleExpression: string
  readonly state?: string
  /** Only the default bus has schedules. */
  readonly eventBusName?: string
}

export interface Schedule {
  /** Ms between two ticks. */
  readonly every: number
  readonly stop: () => void
}

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }

/** Ms between two ticks of `rate(1 minute)`, `rate(5 minutes)`, ... Throws on anything else. */
export const rateOf = (expression: string): number => {
  const [, digits = "", unit = "", plural] = /^rate\(([1-9]\d*) (minute|hour|day)(s?)\)$/.exec(expression) ?? []
  const value = Number(digits)
  // AWS takes `1 minute` and `2 minutes`, and no other grammar.
  if (value === 0 || (value === 1) === (plural === "s"))
    throw new Error(`not implemented by aws-in-process: schedule ${expression}`)
  return value * (UNITS[unit] ?? 0)
}

/** Ticks for its targets until it is stopped, the first time one period from now. */
export const startSchedule = (
  settings: ScheduleSettings,
  targets: ReadonlyArray<TargetSettings>,
  parts: DeliveryParts
): Schedule => {
  refuseUnknown(
    `rule ${settings.name}`,
    settings,
    ["name", "arn", "scheduleExpression", "state", "eventBusName"],
    ["description", "tags", "tagsAll", "region", "forceDestroy"]
  )
  if ((settings.eventBusName ?? "default") !== "default")
    throw new Error(`ValidationException: ScheduleExpression is supported only on the default event bus.`)
  if ((settings.state ?? "ENABLED") !== "ENABLED")
    throw new Error(`not implemented by aws-in-process: schedule in state ${settings.state}`)
  const every = rateOf(settings.scheduleExpression)
  const deliveries = targets
    .filter(({ rule, eventBusName }) => rule === settings.name && (eventBusName ?? "default") === "default")
    .map((target) => makeDelivery(target, settings.arn, parts))
  const { clock } = parts
  const [, , , region, account] = settings.arn.split(":")
  let ticks = 0
  let cancel = () => {}

  const arm = () => {
    cancel = clock.at(clock.now() + every, () => {
      const event = {
        version: "0",
        id: countedUuid(0x71c, ++ticks),
        "detail-type": "Scheduled Event",
        source: "aws.events",
        account,
        time: `${new Date(clock.now()).toISOString().slice(0, 19)}Z`,
        region,
        resources: [settings.arn],
        detail: {}
      }
      for (const { deliver } of deliveries) deliver(event, JSON.stringify(event))
      arm()
    })
  }
  arm()
  return { every, stop: () => cancel() }
}
