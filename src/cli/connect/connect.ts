import { Effect } from "effect"
import { Command } from "effect/cli"
import { PartnerSources } from "../../store/partner-sources.ts"
import { change, checkConsent, type Report, requireWhy } from "../report.ts"
import { usageError } from "../screen.ts"
import { apply } from "./apply.ts"
import { check } from "./check.ts"
import { findAll } from "./find.ts"
import { connectFlags, type Flags } from "./flags.ts"
import { admit, type Plan, planOf } from "./plan.ts"
import { onOrganisation, recordedIfDeployed } from "./scope.ts"
import { documentOf, leftOutNotes, nextText, otherSourceNotes, placeLines, stepLines } from "./text.ts"
import type { Wanted } from "./wanted.ts"

const ACTION = "Changing the integration"

const plan = Effect.fnUntraced(function* (wanted: Wanted) {
  const planned = planOf(wanted, yield* findAll(wanted))
  yield* admit(planned)
  return planned
})

const preview = (planned: Plan): Report => {
  const { wanted, found, steps } = planned
  return {
    document: { ...documentOf(planned), dryRun: true },
    lines: [...placeLines(wanted, found), "", ...stepLines(planned)],
    notes: [
      ...otherSourceNotes(planned),
      ...(steps.length === 0 && found.source?.state !== "ACTIVE" ? [nextText(wanted.stack, found.source)] : [])
    ]
  }
}

const applied = Effect.fnUntraced(function* (planned: Plan, flags: Flags) {
  const { wanted, found, steps } = planned
  const why = yield* requireWhy(flags.why, ACTION)
  if (steps.length > 0) yield* recordedIfDeployed("connect", flags, wanted, apply(planned, why), "connected")
  const after = steps.length === 0 ? found : yield* findAll(wanted)
  const source = after.source ?? (yield* (yield* PartnerSources).source(after.sourceName))
  return {
    document: { ...documentOf({ ...planned, found: after }), dryRun: false },
    lines: [...placeLines(wanted, after), ...(steps.length === 0 ? ["", "nothing to do: it is connected"] : [])],
    notes: [
      ...leftOutNotes(planned),
      ...otherSourceNotes(planned),
      ...(steps.length > 0 || source?.state !== "ACTIVE" ? [nextText(wanted.stack, source)] : [])
    ]
  } satisfies Report as Report
})

export const connect = Command.make(
  "connect",
  connectFlags,
  Effect.fnUntraced(function* ({ check: checks, ...flags }) {
    yield* checkConsent(flags, ACTION)
    if (checks && flags.yes) return yield* usageError("--check changes nothing: leave --yes out")
    return yield* onOrganisation(flags, (wanted) =>
      checks
        ? check(wanted)
        : change({
            flags,
            plan: plan(wanted),
            preview: (planned) => Effect.succeed(preview(planned)),
            apply: (planned) => applied(planned, flags),
            dryRun: "this was a dry run: nothing was changed; give --yes and --why to do it"
          })
    )
  })
).pipe(
  Command.withDescription(
    "Makes or updates the integration in Genesys Cloud that sends the topics of a stack to its AWS account; a dry run without --yes"
  )
)
