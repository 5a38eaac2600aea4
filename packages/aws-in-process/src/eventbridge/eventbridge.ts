import { countedUuid, refuseUnknown } from "../core/settings.ts"
import { type Envelope, type Principal, type Service, ServiceError } from "../core/types.ts"
import { type Delivery, type DeliveryParts, makeDelivery, type TargetSettings } from "./delivery.ts"
import { makeDescriptions, type PartnerSources } from "./descriptions.ts"
import { compilePattern, type Matches } from "./pattern.ts"
import type { BusSettings, RuleSettings } from "./settings.ts"

export interface EventBridge {
  /**
   * `PutEvents`, `DescribeEventBus`, `DescribeRule` and, with `partner`, `DescribeEventSource` in the shapes of the JSON protocol; other
   * operations throw.
   */
  readonly service: Service
  /**
   * Stands in for the partner: hands over a full envelope and returns how many rules matched. `text` is the envelope as it is
   * written; a target gets exactly that. Throws when the bus is not a partner's.
   */
  readonly partnerFeed: (busName: string) => (envelope: Envelope, text?: string) => number
  readonly stats: () => Readonly<Record<keyof Delivery["counts"] | "received" | "matched", number>>
}

interface Rule {
  readonly matches: Matches
  readonly deliveries: ReadonlyArray<Delivery>
}

const MAX_ENTRY_BYTES = 1024 * 1024
const MAX_ENTRIES = 10

const sameBus = (bus: BusSettings, nameOrArn: string) => bus.name === nameOrArn || bus.arn === nameOrArn

const makeRule = (settings: RuleSettings, targets: ReadonlyArray<TargetSettings>, parts: DeliveryParts): Rule => {
  refuseUnknown(
    `rule ${settings.name}`,
    settings,
    ["name", "arn", "eventBusName", "eventPattern", "state"],
    ["description", "tags", "tagsAll", "region", "forceDestroy"]
  )
  const state = settings.state ?? "ENABLED"
  if (state !== "ENABLED" && state !== "DISABLED")
    throw new Error(`not implemented by aws-in-process: rule state ${state}`)
  const matches = compilePattern(settings.eventPattern)
  return {
    matches: state === "ENABLED" ? matches : () => false,
    deliveries: targets
      .filter(({ rule, eventBusName }) => rule === settings.name && eventBusName === settings.eventBusName)
      .map((target) => makeDelivery(target, settings.arn, parts))
  }
}

/** What is wrong with an entry of `PutEvents`: undefined when nothing is. */
const fault = (entry: Readonly<Record<string, unknown>>): { code: string; message: string } | undefined => {
  for (const name of ["Source", "DetailType", "Detail"])
    if (typeof entry[name] !== "string" || entry[name] === "")
      return {
        code: "InvalidArgument",
        message: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`
      }
  if (String(entry.Source).startsWith("aws."))
    return { code: "NotAuthorizedForSourceException", message: "Not authorized for the source." }
  try {
    const detail: unknown = JSON.parse(String(entry.Detail))
    if (typeof detail === "object" && detail !== null && !Array.isArray(detail)) return undefined
  } catch {}
  return { code: "MalformedDetail", message: "Detail is malformed." }
}

export const makeEventBridge = (
  buses: ReadonlyArray<BusSettings>,
  rules: ReadonlyArray<RuleSettings>,
  targets: ReadonlyArray<TargetSettings>,
  { partner, ...parts }: Omit<DeliveryParts, "toBus"> & { readonly partner?: PartnerSources }
): EventBridge => {
  for (const bus of buses)
    refuseUnknown(
      `bus ${bus.name}`,
      bus,
      ["name", "arn", "eventSourceName"],
      ["description", "tags", "tagsAll", "region"]
    )
  for (const { rule, eventBusName } of targets)
    if (!rules.some((one) => one.name === rule && one.eventBusName === eventBusName))
      throw new Error(`target of an unknown rule ${rule} on bus ${eventBusName}`)
  const toBus: DeliveryParts["toBus"] = (arn, envelope, body) => void accept(find(arn), envelope, body)
  const rulesOf = new Map(
    buses.map((bus) => [
      bus.name,
      rules.filter((one) => sameBus(bus, one.eventBusName)).map((one) => makeRule(one, targets, { ...parts, toBus }))
    ])
  )
  for (const { name, eventBusName } of rules)
    if (!buses.some((bus) => sameBus(bus, eventBusName))) throw new Error(`rule ${name} on unknown bus ${eventBusName}`)
  const all = [...rulesOf.values()].flat().flatMap((rule) => rule.deliveries)
  let received = 0
  let matched = 0

  const find = (nameOrArn: string): BusSettings => {
    const bus = buses.find((one) => sameBus(one, nameOrArn))
    if (bus === undefined) throw new ServiceError("ResourceNotFoundException", `Event bus ${nameOrArn} does not exist.`)
    return bus
  }

  // As text from here on: nothing that the sender does to its object later can reach a target.
  const accept = (bus: BusSettings, envelope: Envelope, body = JSON.stringify(envelope)): number => {
    if (Buffer.byteLength(body) > MAX_ENTRY_BYTES)
      throw new ServiceError("ValidationException", `event of ${Buffer.byteLength(body)} bytes exceeds 1 MB`)
    received++
    const hit = rulesOf.get(bus.name)!.filter((rule) => rule.matches(envelope))
    if (hit.length > 0) matched++
    for (const rule of hit) for (const delivery of rule.deliveries) delivery.deliver(envelope, body)
    return hit.length
  }

  const putEntry = (entry: Readonly<Record<string, unknown>>, principal: Principal) => {
    refuseUnknown("PutEvents entry", entry, ["Source", "DetailType", "Detail", "EventBusName", "Time", "Resources"])
    const bus = find(String(entry.EventBusName ?? "default"))
    parts.authorize(principal, "events:PutEvents", bus.arn)
    const wrong = fault(entry)
    if (wrong !== undefined) return { ErrorCode: wrong.code, ErrorMessage: wrong.message }
    const time = entry.Time === undefined ? parts.clock.now() : Number(entry.Time) * 1_000
    const id = countedUuid(0xeb, received)
    const [, , , region, account] = bus.arn.split(":")
    accept(bus, {
      version: "0",
      id,
      "detail-type": entry.DetailType,
      source: entry.Source,
      account,
      time: `${new Date(time).toISOString().slice(0, 19)}Z`,
      region,
      resources: entry.Resources ?? [],
      detail: JSON.parse(String(entry.Detail))
    })
    return { EventId: id }
  }

  const descriptions = makeDescriptions(buses, rules, parts.authorize, partner)

  return {
    service: async (operation: string, input: Readonly<Record<string, unknown>>, principal: Principal) => {
      const describe = descriptions[operation]
      if (describe !== undefined) return describe(input, principal)
      if (operation !== "PutEvents") throw new Error(`not implemented by aws-in-process: events ${operation}`)
      refuseUnknown("PutEvents", input, ["Entries"])
      const entries = (input.Entries ?? []) as ReadonlyArray<Readonly<Record<string, unknown>>>
      if (entries.length < 1 || entries.length > MAX_ENTRIES)
        throw new ServiceError("ValidationException", `${entries.length} entries, not 1 to 10`)
      const Entries = entries.map((entry) => putEntry(entry, principal))
      return { FailedEntryCount: Entries.filter((one) => "ErrorCode" in one).length, Entries }
    },
    partnerFeed: (busName) => {
      const bus = find(busName)
      if (bus.eventSourceName === undefined)
        throw new Error(`bus ${busName} is no partner's: it takes events through PutEvents only`)
      return (envelope, text) => accept(bus, envelope, text)
    },
    stats: () => {
      const sum = (name: keyof Delivery["counts"]) => all.reduce((total, { counts }) => total + counts[name], 0)
      return {
        received,
        matched,
        delivered: sum("delivered"),
        retried: sum("retried"),
        deadLettered: sum("deadLettered"),
        lost: sum("lost"),
        waiting: sum("waiting")
      }
    }
  }
}
