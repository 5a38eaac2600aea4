import { refuseUnknown } from "../core/settings.ts"
import { type Authorize, type Principal, ServiceError } from "../core/types.ts"
import type { BusSettings, RuleSettings } from "./settings.ts"

/** What partners have made in an account. */
export interface PartnerSources {
  readonly region: string
  readonly account: string
  /** The event sources that exist now; `from` is since when, in epoch ms. */
  readonly sources: () => ReadonlyArray<{ readonly name: string; readonly from: number }>
}

type Call = (input: Readonly<Record<string, unknown>>, principal: Principal) => Promise<object>

/** How long AWS keeps a source to which no bus belongs. */
const PENDING_MS = 14 * 86_400_000

const notFound = (what: string) => new ServiceError("ResourceNotFoundException", `${what} does not exist.`)

/** `DescribeEventSource`, `DescribeEventBus` and `DescribeRule`. Without `partner` there is neither a source nor a bus that is not listed. */
export const makeDescriptions = (
  buses: ReadonlyArray<BusSettings>,
  rules: ReadonlyArray<RuleSettings>,
  authorize: Authorize,
  partner?: PartnerSources
): Readonly<Record<string, Call>> => {
  const arnOf = (resource: string) => `arn:aws:events:${partner?.region}:${partner?.account}:${resource}`
  const busOf = (name: string): BusSettings | undefined => {
    const found = buses.find((bus) => bus.name === name || bus.arn === name)
    // Every account has one, which nobody makes.
    return found === undefined && name === "default" && partner !== undefined
      ? { name, arn: arnOf("event-bus/default") }
      : found
  }

  return {
    DescribeEventSource: async (input, principal) => {
      refuseUnknown("DescribeEventSource", input, ["Name"])
      if (partner === undefined)
        throw new Error("not implemented by aws-in-process: DescribeEventSource without partner")
      const name = String(input.Name)
      const arn = `arn:aws:events:${partner.region}::event-source/${name}`
      authorize(principal, "events:DescribeEventSource", arn)
      const source = partner.sources().find((one) => one.name === name)
      const isMatched = buses.some(({ eventSourceName }) => eventSourceName === name)
      if (source === undefined && !isMatched) throw notFound(`Event source ${name}`)
      const pending = source !== undefined && !isMatched
      return {
        Arn: arn,
        CreatedBy: name.split("/")[1],
        Name: name,
        State: source === undefined ? "DELETED" : isMatched ? "ACTIVE" : "PENDING",
        ...(source === undefined ? {} : { CreationTime: source.from / 1_000 }),
        ...(pending ? { ExpirationTime: (source.from + PENDING_MS) / 1_000 } : {})
      }
    },
    DescribeEventBus: async (input, principal) => {
      refuseUnknown("DescribeEventBus", input, ["Name"])
      const name = String(input.Name ?? "default")
      const bus = busOf(name)
      authorize(principal, "events:DescribeEventBus", bus?.arn ?? arnOf(`event-bus/${name}`))
      if (bus === undefined) throw notFound(`Event bus ${name}`)
      return { Name: bus.name, Arn: bus.arn }
    },
    DescribeRule: async (input, principal) => {
      refuseUnknown("DescribeRule", input, ["Name", "EventBusName"])
      const busName = String(input.EventBusName ?? "default")
      const bus = busOf(busName)
      const rule = rules.find(
        (one) => one.name === input.Name && (one.eventBusName === bus?.name || one.eventBusName === bus?.arn)
      )
      authorize(principal, "events:DescribeRule", rule?.arn ?? arnOf(`rule/${busName}/${input.Name}`))
      if (bus === undefined || rule === undefined) throw notFound(`Rule ${input.Name} on ${busName}`)
      return {
        Name: rule.name,
        Arn: rule.arn,
        EventPattern: rule.eventPattern,
        State: rule.state ?? "ENABLED",
        EventBusName: bus.name
      }
    }
  }
}
