import { Clock, Effect, Schedule } from "effect"
import type { CallFailed } from "../../genesys-api/call-failed.ts"
import type { Integration } from "../../genesys-api/integration-fields.ts"
import { Integrations } from "../../genesys-api/integrations.ts"
import { PartnerSources } from "../../store/partner-sources.ts"
import { printable, quoted, Screen, spanText, usageError } from "../screen.ts"
import { StackSettings } from "../stack/stack-settings.ts"
import { findAgain, type Known } from "./find.ts"
import { configurationOf, type Plan } from "./plan.ts"

/** How often Genesys and AWS are asked whether they have finished. */
const ASK_AGAIN_MS = 5_000

/** Tries to write a configuration that somebody else changes at the same time. */
const TRIES = 3

/** Asks until the answer is one that ends the wait. Says how long it took. */
export const waitFor = Effect.fnUntraced(function* <A, E, R, E2, R2>(
  ask: Effect.Effect<A, E, R>,
  until: (answer: A) => Effect.Effect<boolean, E2, R2>,
  said: string
) {
  const { note } = yield* Screen
  const began = yield* Clock.currentTimeMillis
  while (!(yield* Effect.flatMap(ask, until))) yield* Effect.sleep(ASK_AGAIN_MS)
  note(`${said} after ${spanText((yield* Clock.currentTimeMillis) - began)}`)
})

/** An integration in ERROR ends the wait: nothing but a change makes it leave that state. */
const isActive = ({ state, detail, name }: Integration) =>
  state === "ERROR"
    ? usageError(
        `Genesys reports ERROR for the integration ${quoted(name)}: ${printable(detail).replace(/\.$/, "") || "without a reason"}. Correct that, then run the same command again: it restarts the integration`
      )
    : Effect.succeed(state === "ACTIVE")

/** Writes the configuration over the version that was read; where somebody else was faster, over theirs. */
const configure = Effect.fnUntraced(function* (plan: Plan, known: Known, why: string) {
  const { configure } = yield* Integrations
  const { id } = known.integration
  const once = (before: Known) => configure(id, configurationOf(plan, before, why))
  yield* once(known).pipe(
    Effect.catchIf(
      ({ reason }: CallFailed) => reason === "conflict",
      () =>
        Effect.retry(Effect.flatMap(findAgain(id), once), {
          while: ({ reason }) => reason === "conflict",
          schedule: Schedule.spaced("1 second"),
          times: TRIES - 2
        })
    )
  )
})

/** Carries out the steps of a plan, each of which may have been done by a run before that did not end. */
export const apply = Effect.fnUntraced(function* (plan: Plan, why: string) {
  const { wanted, found, steps, values, topics } = plan
  const integrations = yield* Integrations
  const aws = yield* PartnerSources
  const { note } = yield* Screen
  const known =
    found.known ??
    (yield* Effect.tap(
      Effect.flatMap(integrations.create(wanted.name), ({ id }) => findAgain(id)),
      ({ integration }) => Effect.sync(() => note(`integration ${integration.id} is made`))
    ))
  const { id } = known.integration
  if (steps.includes("configure")) {
    yield* configure(plan, known, why)
    note(`it sends ${topics.length} topics to account ${found.account} in ${wanted.region}`)
  }
  if (steps.includes("restart")) {
    yield* integrations.disable(id)
    yield* waitFor(integrations.get(id), ({ state }) => Effect.succeed(state === "INACTIVE"), "it is INACTIVE")
    yield* integrations.enable(id)
  }
  if (steps.includes("enable")) yield* integrations.enable(id)
  if (steps.includes("activate")) yield* waitFor(integrations.get(id), isActive, "it is ACTIVE")
  if (steps.includes("appear"))
    yield* waitFor(
      aws.source(found.sourceName),
      (source) => Effect.succeed(source !== undefined),
      "AWS lists its event source"
    )
  if (steps.includes("set")) {
    const { set } = yield* StackSettings
    yield* set(wanted.stack, values)
    note(`${Object.keys(values).join(" and ")} of stack ${wanted.stack} are set`)
  }
})
