import { Effect, Option } from "effect"
import { Command } from "effect/cli"
import { Integrations } from "../../genesys-api/integrations.ts"
import { change, checkConsent, type Report } from "../report.ts"
import { Screen } from "../screen.ts"
import { StackSettings } from "../stack/stack-settings.ts"
import { waitFor } from "./apply.ts"
import { type Found, findAll } from "./find.ts"
import { organisationFlags } from "./flags.ts"
import { onOrganisation, recordedIfDeployed } from "./scope.ts"
import { placeLines } from "./text.ts"
import type { Wanted } from "./wanted.ts"

type Step = "disable" | "settle" | "delete" | "unset"

interface Plan {
  readonly wanted: Wanted
  readonly found: Found
  /** Keys of the stack's configuration that name the source. */
  readonly keys: ReadonlyArray<string>
  readonly steps: ReadonlyArray<Step>
}

const plan = Effect.fnUntraced(function* (wanted: Wanted) {
  const found = yield* findAll(wanted)
  const { known } = found
  const keys = ["genesysEventSource", "genesysRegion"].filter((key) => (wanted.settings[key] ?? "") !== "")
  const asked: ReadonlyArray<readonly [Step, boolean]> = [
    ["disable", known?.integration.enabled === true],
    ["settle", known !== undefined && known.integration.state !== "INACTIVE"],
    ["delete", known !== undefined],
    ["unset", keys.length > 0]
  ]
  return {
    wanted,
    found,
    keys,
    steps: asked.flatMap(([step, needed]) => (needed ? [step] : []))
  } satisfies Plan as Plan
})

const stepTexts: Readonly<Record<Step, (plan: Plan) => string>> = {
  disable: () => "disable the integration: Genesys sends no event from then on, and none of them later",
  settle: () => "wait until it is INACTIVE",
  delete: () => "delete it, and with it the event source",
  unset: ({ keys, wanted }) => `remove ${keys.join(" and ")} of stack ${wanted.stack}`
}

const linesOf = (planned: Plan): ReadonlyArray<string> =>
  planned.steps.length === 0
    ? ["nothing to do: it is not connected"]
    : planned.steps.map((step, i) => `${i + 1}. ${stepTexts[step](planned)}`)

const documentOf = ({ wanted, found, keys, steps }: Plan, dryRun: boolean) => ({
  stack: wanted.stack,
  organisation: found.organisation,
  integration: found.known === undefined ? null : found.known.integration,
  eventSource: { name: found.sourceName, state: found.source?.state ?? null },
  settings: keys,
  steps,
  dryRun
})

const carryOut = Effect.fnUntraced(function* ({ wanted, found, keys, steps }: Plan) {
  const { note } = yield* Screen
  const integrations = yield* Integrations
  const id = found.known?.integration.id ?? ""
  if (steps.includes("disable")) yield* integrations.disable(id)
  if (steps.includes("settle"))
    yield* waitFor(integrations.get(id), ({ state }) => Effect.succeed(state === "INACTIVE"), "it is INACTIVE")
  if (steps.includes("delete")) {
    yield* integrations.remove(id)
    note(`integration ${id} is deleted`)
  }
  if (steps.includes("unset")) {
    yield* (yield* StackSettings).remove(wanted.stack, keys)
    note(`${keys.join(" and ")} of stack ${wanted.stack} are removed`)
  }
})

/** What is left in AWS, which the stack owns. */
const nextText = ({ wanted: { stack, settings } }: Plan): string =>
  settings.protect === "true"
    ? `the bus stays, and receives nothing. The stack is protected: connect it again with the same --suffix, or set protect to false before npx pulumi up --stack ${stack}`
    : `the bus stays, and receives nothing, until npx pulumi up --stack ${stack} replaces it with one of the stack's own`

export const disconnect = Command.make(
  "disconnect",
  organisationFlags,
  Effect.fnUntraced(function* (given) {
    const flags = { ...given, name: Option.none<string>() }
    yield* checkConsent(flags, "Ending the feed of events")
    return yield* onOrganisation(flags, (wanted) =>
      change({
        flags,
        plan: plan(wanted),
        preview: (planned) =>
          Effect.succeed<Report>({
            document: documentOf(planned, true),
            lines: [...placeLines(wanted, planned.found), "", ...linesOf(planned)]
          }),
        apply: Effect.fnUntraced(function* (planned: Plan) {
          const nothing = planned.steps.length === 0
          if (!nothing) yield* recordedIfDeployed("disconnect", flags, wanted, carryOut(planned), "disconnected")
          return {
            document: documentOf(planned, false),
            lines: nothing ? linesOf(planned) : [`stack ${wanted.stack} is disconnected`],
            notes: nothing ? [] : [nextText(planned)]
          } satisfies Report as Report
        }),
        dryRun: "this was a dry run: nothing was changed; give --yes and --why to do it"
      })
    )
  })
).pipe(
  Command.withDescription(
    "Deletes the integration of a stack, after which Genesys sends it no more events; a dry run without --yes"
  )
)
