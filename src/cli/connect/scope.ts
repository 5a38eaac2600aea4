import { Clock, Effect, Layer } from "effect"
import { BadOption } from "../../genesys-api/bad-option.ts"
import { CallFailed } from "../../genesys-api/call-failed.ts"
import type { Integrations } from "../../genesys-api/integrations.ts"
import { EventBridge } from "../../store/aws/eventbridge.ts"
import { partnerSources } from "../../store/aws/partner-sources.ts"
import { Connection } from "../../store/connection.ts"
import { Deadline } from "../../store/deadline.ts"
import type { PartnerSources } from "../../store/partner-sources.ts"
import { type CliExit, partly, spanText, usageError } from "../screen.ts"
import { onStack } from "../stack/stack.ts"
import { StackSettings } from "../stack/stack-settings.ts"
import { filtersOf, recorded } from "../uses.ts"
import { adviceOn } from "./advice.ts"
import type { Flags } from "./flags.ts"
import { organisationOf } from "./organisation.ts"
import { type Wanted, wantedOf } from "./wanted.ts"

/** Runs `work` with the organisation and the AWS account that the flags and the stack name. Ends with a sentence where a call fails or takes too long. */
export const onOrganisation = Effect.fnUntraced(function* <A, E, R>(
  flags: Flags,
  work: (wanted: Wanted) => Effect.Effect<A, E | CallFailed, R | Integrations | PartnerSources>
) {
  const wanted = yield* wantedOf(flags)
  const { connection } = yield* StackSettings
  const place = connection(wanted.region)
  const { from, at, layer } = yield* organisationOf(flags, wanted, place)
  const aws = partnerSources.pipe(Layer.provide(EventBridge.layer), Layer.provide(Layer.succeed(Connection, place)))
  // Before the end: a call that cannot wait so long says what for, where the end only says that it has come.
  const deadline = (yield* Clock.currentTimeMillis) + flags.timeout - 1
  return yield* work(wanted).pipe(
    Effect.provide(Layer.fresh(Layer.merge(layer, aws))),
    Effect.provideService(Deadline, deadline),
    Effect.timeoutOrElse({
      duration: flags.timeout,
      orElse: () =>
        partly(
          `not finished within ${spanText(flags.timeout)}: run the same command again; it goes on where it stopped, and --timeout says how long to wait`
        )
    }),
    Effect.mapError((error): CliExit | E => {
      if (error instanceof CallFailed) return adviceOn(error, { at, from })
      if (error instanceof BadOption) return usageError(error.message.replace("genesys.", "--"))
      return error as CliExit | E
    })
  )
})

/** Runs `work` and records the use where the stack is deployed: one that is not has nowhere to record it. */
export const recordedIfDeployed = Effect.fnUntraced(function* <A, E, R>(
  command: string,
  flags: Flags,
  { stack, suffix }: Wanted,
  work: Effect.Effect<A, E, R>,
  outcome: string
) {
  const { isDeployed } = yield* StackSettings
  if (!(yield* isDeployed(stack))) return yield* work
  return yield* onStack((target) =>
    recorded({ stack: target, command, filters: filtersOf({ suffix }), why: flags.why }, work, (done) => ({
      outcome: done._tag === "Some" ? outcome : "not finished",
      counts: {}
    }))
  )
})
