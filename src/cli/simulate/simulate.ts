import { Clock, Effect, Layer, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { EVENT_DOLLARS } from "../../domain/prices.ts"
import { makeSimulator } from "../../simulator/simulator.ts"
import { eventBus } from "../../store/aws/event-bus.ts"
import { EventBridge } from "../../store/aws/eventbridge.ts"
import { Connection } from "../../store/connection.ts"
import { type BusEvent, EventBus } from "../../store/event-bus.ts"
import { type Consent, consent, number, root } from "../flags.ts"
import { change, checkConsent } from "../report.ts"
import { dollars, events as eventsText, makeProgress, partly, spanText, number as text, usageError } from "../screen.ts"
import { onStack, type StackTarget } from "../stack/stack.ts"
import { filtersOf, recorded } from "../uses.ts"

interface Flags extends Consent {
  readonly rate: number
  readonly minutes: number
  readonly agents: Option.Option<number>
  readonly queues: Option.Option<number>
  readonly seed: number
}

/** What will be sent, and where. */
interface Plan {
  readonly bus: string
  readonly source: string
  /** Events a second on average. */
  readonly rate: number
  readonly minutes: number
  readonly agents: number
  readonly queues: number
  readonly seed: number
  /** About. */
  readonly events: number
  /** At most, for the whole way of an event; without storage. */
  readonly dollars: number
}

/** One agent makes about a tenth of an event a second, and works with some others in a queue. */
const AGENTS_AN_EVENT = 10
const AGENTS_A_QUEUE = 15
const MOST_AGENTS = 5_000
const MOST_QUEUES = 500

/** How often events are sent, ms. */
const TICK_MS = 200

const planOf = Effect.fnUntraced(function* ({ name, outputs }: StackTarget, flags: Flags) {
  const { busName: bus, eventSource: source } = outputs
  if (bus === "" || source === "")
    return yield* usageError(`${name} has no output eventSource: deploy this version of it first, with npx pulumi up`)
  if (/^aws\./.test(source))
    return yield* usageError(
      `${name} takes events of ${source}, which nobody but Genesys can send: name a stack without a genesysEventSource`
    )
  const { rate, minutes, seed } = flags
  const agents = Option.getOrElse(flags.agents, () =>
    Math.min(MOST_AGENTS, Math.max(AGENTS_A_QUEUE, Math.round(rate * AGENTS_AN_EVENT)))
  )
  const queues = Option.getOrElse(flags.queues, () =>
    Math.min(MOST_QUEUES, Math.max(1, Math.round(agents / AGENTS_A_QUEUE)))
  )
  const events = Math.round(rate * minutes * 60)
  return { bus, source, rate, minutes, agents, queues, seed, events, dollars: events * EVENT_DOLLARS } as Plan
})

const previewOf = (plan: Plan) => ({
  document: { ...plan, dryRun: true },
  lines: [
    `about ${eventsText(plan.events)} of ${text(plan.agents)} agents and ${text(plan.queues)} queues to ${plan.bus}, ${plan.rate} a second for ${spanText(plan.minutes * 60_000)}`,
    `at most ${dollars(plan.dollars)} for their way through the stack, and what it costs to store them`
  ]
})

interface Sent {
  events: number
  reason: string | undefined
}

const toBus = (line: string, source: string): BusEvent => {
  const {
    "detail-type": topic,
    time,
    detail
  } = JSON.parse(line) as {
    readonly "detail-type": string
    readonly time: string
    readonly detail: object
  }
  return { source, topic, detail: JSON.stringify(detail), at: Date.parse(time) }
}

/** Sends until the time is over, or until the bus takes no more: then `sent` says why. */
const send = Effect.fnUntraced(function* (plan: Plan, sent: Sent) {
  const bus = yield* EventBus
  const start = yield* Clock.currentTimeMillis
  const end = start + plan.minutes * 60_000
  const { rate, agents, queues, seed, source } = plan
  const simulator = makeSimulator({ seed, agents, queues, rate, chaos: 0, start, source })
  const progress = yield* makeProgress(plan.minutes * 60_000)
  let next = simulator.next()
  for (;;) {
    const now = yield* Clock.currentTimeMillis
    const due: Array<BusEvent> = []
    for (; next.at <= Math.min(now, end); next = simulator.next()) due.push(toBus(next.line, source))
    const outcomes = due.length === 0 ? [] : yield* bus.put(due)
    for (const outcome of outcomes)
      if (outcome._tag === "accepted") sent.events++
      else sent.reason ??= outcome.reason
    yield* progress(Math.min(now, end) - start)
    if (sent.reason !== undefined || now >= end) return
    yield* Effect.sleep(TICK_MS)
  }
})

const onBus = <A, E, R>(stack: StackTarget, bus: string, work: Effect.Effect<A, E, R>) =>
  work.pipe(
    Effect.provide(
      Layer.fresh(eventBus(bus)).pipe(
        Layer.provide(EventBridge.layer),
        Layer.provide(Layer.succeed(Connection, stack.connection))
      )
    )
  )

export const simulate = Command.make(
  "simulate",
  {
    rate: number("rate", "events per second", { min: 0.1, max: 1_000 }).pipe(
      Flag.withDefault(10),
      Flag.withDescription("Events per second on average (default 10)")
    ),
    minutes: number("minutes", "minutes", { min: 0.1, max: 1_440 }).pipe(
      Flag.withDefault(10),
      Flag.withDescription("For how long (default 10)")
    ),
    agents: number("agents", "agents", { min: 1, max: MOST_AGENTS, whole: true }).pipe(
      Flag.optional,
      Flag.withDescription("Agents of the simulated contact centre (default: ten for each event a second)")
    ),
    queues: number("queues", "queues", { min: 1, max: MOST_QUEUES, whole: true }).pipe(
      Flag.optional,
      Flag.withDescription("Queues of it (default: one for 15 agents)")
    ),
    seed: number("seed", "a seed", { min: 0, max: 2 ** 31 - 1, whole: true }).pipe(
      Flag.withDefault(1),
      Flag.withDescription("Decides its agents, queues and what happens; the same one makes the same ids (default 1)")
    ),
    ...consent
  },
  Effect.fnUntraced(function* (flags: Flags) {
    yield* checkConsent(flags, "Sending events to a stack")
    if (Option.isSome((yield* root).local))
      return yield* usageError(
        "--local: npm start sends simulated events on one machine; for a deployed stack give --stack NAME"
      )
    return yield* onStack((stack) =>
      change({
        flags,
        plan: planOf(stack, flags),
        preview: (plan) => Effect.succeed(previewOf(plan)),
        apply: Effect.fnUntraced(function* (plan: Plan) {
          const { rate, minutes, agents, queues, seed } = plan
          const sent: Sent = { events: 0, reason: undefined }
          const use = {
            stack,
            command: "simulate",
            filters: filtersOf({ rate, minutes, agents, queues, seed }),
            why: flags.why
          }
          yield* recorded(use, onBus(stack, plan.bus, send(plan, sent)), () => ({
            outcome: sent.reason === undefined ? "sent" : "refused",
            counts: { sent: sent.events }
          }))
          return {
            document: { ...plan, dryRun: false, sent: sent.events },
            lines: [`${eventsText(sent.events)} sent to ${plan.bus}`],
            end:
              sent.reason === undefined
                ? undefined
                : partly(
                    `the bus took ${eventsText(sent.events)} and then refused with ${sent.reason}: see docs/operator.md for the rights, and run it again`
                  )
          }
        }),
        dryRun: "this was a dry run: nothing was sent; give --yes and --why to do it"
      })
    )
  })
).pipe(
  Command.withDescription(
    "Sends events of a simulated contact centre to a stack that has a bus of its own; a dry run without --yes"
  )
)
