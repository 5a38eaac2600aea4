import { DescribeEventBusCommand, DescribeEventSourceCommand, DescribeRuleCommand } from "@aws-sdk/client-eventbridge"
import { Effect, Layer } from "effect"
import { PartnerSources } from "../partner-sources.ts"
import { EventBridge } from "./eventbridge.ts"
import { type Fault, failing } from "./faults.ts"
import { retry } from "./retry.ts"

const STORE = "event sources of partners"

/** Nothing, where AWS says that there is no such thing. */
const orNone = <A, E, R>(call: Effect.Effect<A, E | Fault, R>) =>
  Effect.catchIf(
    call,
    (fault): fault is Fault & E => (fault as Fault).reason === "ResourceNotFoundException",
    () => Effect.undefined
  )

/** EventBridge in the region of the connection. Calls: `DescribeEventBus`, `DescribeEventSource`, `DescribeRule`. */
export const partnerSources = Layer.effect(
  PartnerSources,
  Effect.gen(function* () {
    const bridge = yield* EventBridge

    const bus = (Name: string) =>
      retry("DescribeEventBus", (abortSignal) => bridge.send(new DescribeEventBusCommand({ Name }), { abortSignal }))

    // Every account has this bus, and its ARN says whose it is.
    const account = bus("default").pipe(
      Effect.flatMap(({ Arn = "" }) => {
        const [, , , , account = ""] = Arn.split(":")
        return /^\d{12}$/.test(account)
          ? Effect.succeed(account)
          : Effect.fail({ reason: "the bus default has no ARN", retryable: false, unsure: false })
      }),
      failing(STORE, "account"),
      Effect.withSpan("PartnerSources.account")
    )

    const source = Effect.fn("PartnerSources.source")(function* (Name: string) {
      const found = yield* retry("DescribeEventSource", (abortSignal) =>
        bridge.send(new DescribeEventSourceCommand({ Name }), { abortSignal })
      ).pipe(orNone, failing(STORE, "source"))
      if (found === undefined) return undefined
      const { State = "", ExpirationTime } = found
      return { state: State, ...(ExpirationTime === undefined ? {} : { expiresAt: ExpirationTime.getTime() }) }
    })

    const hasBus = Effect.fn("PartnerSources.hasBus")((name: string) =>
      Effect.map(bus(name).pipe(orNone, failing(STORE, "hasBus")), (found) => found !== undefined)
    )

    const rule = Effect.fn("PartnerSources.rule")(function* (EventBusName: string, Name: string) {
      const found = yield* retry("DescribeRule", (abortSignal) =>
        bridge.send(new DescribeRuleCommand({ EventBusName, Name }), { abortSignal })
      ).pipe(orNone, failing(STORE, "rule"))
      return found && { enabled: found.State === "ENABLED", pattern: found.EventPattern ?? "" }
    })

    return PartnerSources.of({ account, source, hasBus, rule })
  })
)
