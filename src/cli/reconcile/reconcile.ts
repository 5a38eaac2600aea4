import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { sweepDollars } from "../../domain/prices.ts"
import { type Checkpoint, readCheckpoint, wantSweep } from "../../pipeline/reconcile/checkpoint.ts"
import { acceptMissing } from "../../pipeline/reconcile/missing.ts"
import { type Consent, consent } from "../flags.ts"
import { change, checkConsent } from "../report.ts"
import { dollars, number, usageError } from "../screen.ts"
import { onTables, type StackTarget } from "../stack/stack.ts"
import { filtersOf, recorded, whoText } from "../uses.ts"
import { durationText, sweepLines } from "./progress.ts"

const planOf = Effect.fnUntraced(function* ({ outputs, offline }: StackTarget) {
  if (offline === true)
    return yield* usageError(
      "--local: no run has this folder open, and only a run sweeps: start one with npm start -- --data FOLDER"
    )
  if (outputs.reconcileFunctionName === "")
    return yield* usageError(
      "the stack does not sweep the Genesys Cloud API: set genesysCredentialsSecret and genesysDomain, and deploy it"
    )
  return (yield* readCheckpoint).checkpoint
})

const flags = {
  ...consent,
  acceptMissing: Flag.Boolean("accept-missing").pipe(
    Flag.withDefault(false),
    Flag.withDescription("Let the next whole sweep close all that it finds missing, however much that is")
  )
}

const isAsked = ({ sweep, wanted }: Checkpoint): boolean => sweep !== undefined || wanted !== undefined

/** What a sweep takes, by the last one. */
const priceText = ({ last }: Checkpoint): string => {
  if (last === undefined) return "no sweep was whole yet, so nobody knows how long one takes"
  const { began, ended, counts } = last
  return (
    `like the last one it would take about ${number(counts.requests)} requests, ` +
    `${durationText(ended - began)} and ${dollars(sweepDollars(counts, ended - began))}`
  )
}

export const reconcile = Command.make(
  "reconcile",
  flags,
  Effect.fnUntraced(function* (flags: Consent & { readonly acceptMissing: boolean }) {
    yield* checkConsent(flags, "A sweep of the Genesys Cloud API")
    yield* onTables((stack) =>
      change({
        flags,
        plan: planOf(stack),
        preview: (checkpoint) =>
          Effect.succeed({
            document: { dryRun: true, ...checkpoint },
            lines: [
              ...sweepLines(checkpoint),
              isAsked(checkpoint) ? "nothing is to be done: that sweep goes on by itself" : priceText(checkpoint)
            ]
          }),
        apply: Effect.fnUntraced(function* () {
          const by = whoText(stack.who)
          const filters = filtersOf(flags.acceptMissing ? { acceptMissing: "true" } : {})
          const use = { stack, command: "reconcile", filters, why: flags.why }
          const asked = yield* recorded(
            use,
            Effect.andThen(flags.acceptMissing ? acceptMissing(by) : Effect.void, wantSweep(by)).pipe(
              Effect.catchTag("Overtaken", () => usageError("the sweep has just moved on: run this again"))
            ),
            (done) => ({
              outcome:
                done._tag === "Some" && done.value === "wanted"
                  ? "asked"
                  : flags.acceptMissing
                    ? "accepted"
                    : "unchanged",
              counts: {}
            })
          )
          const { checkpoint } = yield* readCheckpoint
          return {
            document: { dryRun: false, asked: asked === "wanted", ...checkpoint },
            lines: sweepLines(checkpoint),
            notes: [
              ...(flags.acceptMissing ? ["what the next whole sweep finds missing is closed, however much it is"] : []),
              asked === "wanted"
                ? "projections status shows how far it is"
                : "nothing was asked for: the sweep that is under way or asked for does it"
            ]
          }
        }),
        dryRun: "this was a dry run: nothing was asked for; give --yes and --why to do it"
      })
    )
  })
).pipe(Command.withDescription("Asks for a sweep of the Genesys Cloud API, which corrects what events did not tell"))
