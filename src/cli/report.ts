import { Effect, Option } from "effect"
import { type Consent, root } from "./flags.ts"
import { type CliExit, Screen, usageError } from "./screen.ts"

/**
 * The result of a command. Standard output gets `document` with `--json`, else `lines`; standard error gets `notes`. `end` then sets the
 * exit code and the last line of standard error.
 */
export interface Report {
  readonly document: object
  readonly lines: ReadonlyArray<string>
  readonly notes?: ReadonlyArray<string>
  readonly end?: CliExit | undefined
}

/** Prints a result, and ends the command as the result says. */
export const present = Effect.fnUntraced(function* ({ document, lines, notes = [], end }: Report) {
  const { json } = yield* root
  const screen = yield* Screen
  if (json) screen.print(JSON.stringify(document, undefined, 2))
  else for (const line of lines) screen.print(line)
  for (const note of notes) screen.note(note)
  if (end !== undefined) return yield* end
})

/** What `--yes` permits. `because`: the sentence that the refusal begins with, where it needs a reason. */
export interface Change<P, E, R, E2, R2, E3, R3> {
  readonly flags: Consent
  /** What is to be done. Reads only, and refuses what cannot be done. */
  readonly plan: Effect.Effect<P, E, R>
  /** What `apply` would do and cost. */
  readonly preview: (plan: P) => Effect.Effect<Report, E2, R2>
  /** Does it, and records the use. */
  readonly apply: (plan: P) => Effect.Effect<Report, E3, R3>
  /** The line of standard error after a preview. */
  readonly dryRun?: string
}

/** The reason that was given for a recorded `action` ("Opening events"). Fails without one. */
export const requireWhy = (why: Option.Option<string>, action: string) =>
  Option.isSome(why) && why.value.trim() !== ""
    ? Effect.succeed(why.value.trim())
    : usageError(`${action} is recorded: add --why "reason"`)

/** Refuses `--yes` beside `--dry-run`, and `--yes` without the reason that `action` ("Changing what readers see") needs. */
export const checkConsent = Effect.fnUntraced(function* ({ yes, dryRun, why }: Consent, action?: string) {
  if (yes && dryRun) return yield* usageError("--yes and --dry-run contradict each other: give one of them")
  if (yes && action !== undefined) yield* requireWhy(Option.isSome(why) ? why : Option.none(), action)
})

/** Runs a command that changes or costs something: plans it, then previews it or, with `--yes`, applies it, and presents the result. */
export const change = Effect.fnUntraced(function* <P, E, R, E2, R2, E3, R3>({
  flags,
  plan,
  preview,
  apply,
  dryRun = "this was a dry run: nothing was written; give --yes and --why to do it"
}: Change<P, E, R, E2, R2, E3, R3>) {
  const planned = yield* plan
  if (flags.yes) return yield* present(yield* apply(planned))
  const { notes = [], ...report } = yield* preview(planned)
  yield* present({ ...report, notes: [...notes, dryRun] })
})
