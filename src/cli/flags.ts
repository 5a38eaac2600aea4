import { Clock, Effect, Option } from "effect"
import { Argument, CliError, Command, Flag } from "effect/cli"
import { iso } from "../domain/stamp.ts"
import { number as numberText, parseMoment, usageError } from "./screen.ts"

/** A flag of text that is not empty. `what` completes the sentence "--flag must be ...". */
export const name = (flag: string, what: string) =>
  Flag.String(flag).pipe(
    Flag.filter(
      (text) => text.trim() !== "",
      () => `${what}, and not empty`
    )
  )

/** The root command. Its flags are valid with every subcommand: which stack, and in what form results are printed. */
export const root = Command.make("projections").pipe(
  Command.withDescription("Operates a stack of Genesys Cloud projections"),
  Command.withSharedFlags({
    stack: name("stack", "a stack's name").pipe(
      Flag.optional,
      Flag.withDescription("Name of a deployed stack; runs pulumi stack output to find it")
    ),
    outputs: name("outputs", "a file's path").pipe(
      Flag.optional,
      Flag.withDescription("File with the output of pulumi stack output --json, instead of --stack")
    ),
    local: name("local", "a folder's path").pipe(
      Flag.optional,
      Flag.withDescription(
        "Folder of a run on this machine (npm start -- --data FOLDER), instead of --stack; not for wallboard, which npm start shows there"
      )
    ),
    json: Flag.Boolean("json").pipe(
      Flag.withDefault(false),
      Flag.withDescription(
        "Print one JSON document on standard output, and nothing else there: for scripts, as tables in a pipe have no headings"
      )
    )
  })
)

/** Bounds of a numeric flag, inclusive. */
export interface Bounds {
  readonly min: number
  readonly max?: number
  readonly whole?: boolean
}

/** A numeric flag. `unit` is what it counts. A wrong value is answered with the bounds, be it a number or not. */
export const number = (flag: string, unit: string, { min, max = Number.POSITIVE_INFINITY, whole = false }: Bounds) =>
  Flag.String(flag).pipe(
    Flag.withMetavar("number"),
    Flag.filterMap(
      (text) => {
        const value = text.trim() === "" ? Number.NaN : Number(text)
        const valid = (whole ? Number.isInteger(value) : Number.isFinite(value)) && value >= min && value <= max
        return valid ? Option.some(value) : Option.none()
      },
      () =>
        `a ${whole ? "whole " : ""}number of ${unit}, ${max === Number.POSITIVE_INFINITY ? `${min} or more` : `from ${min} to ${numberText(max)}`}`
    )
  )

/** The flag for at most how many results, and its default. */
export const limit = (unit: string, fallback: number, description: string) =>
  number("limit", unit, { min: 1, max: 100_000, whole: true }).pipe(
    Flag.withDefault(fallback),
    Flag.withDescription(`${description} (default ${numberText(fallback)})`)
  )

/** A time as it was given, for the use log, and in epoch ms. */
export interface Moment {
  readonly text: string
  readonly at: number
}

/** A flag that takes a time. It is parsed before anything is opened or recorded. */
export const time = (flag: string) =>
  Flag.String(flag).pipe(
    Flag.withMetavar("time"),
    Flag.mapEffect(
      Effect.fnUntraced(function* (text) {
        const at = parseMoment(text, yield* Clock.currentTimeMillis)
        if (!Number.isNaN(at)) return { text, at } satisfies Moment as Moment
        const expected = "a time such as 2026-05-06 or 2026-05-06T10:00:00Z, or a duration ago such as 90m, 2h, 7d"
        return yield* new CliError.InvalidValue({ option: flag, value: text, expected, kind: "flag" })
      })
    ),
    Flag.optional
  )

/** `--since` and `--until`, of what the description names. */
export const range = (what: string) => ({
  since: time("since").pipe(
    Flag.withDescription(`${what} at or after this time: 2026-05-06T10:00:00Z, or 90m, 2h, 7d ago`)
  ),
  until: time("until").pipe(Flag.withDescription(`${what} before this time`))
})

export interface RangeFlags {
  readonly since: Option.Option<Moment>
  readonly until: Option.Option<Moment>
}

/** The span of time that `--since` and `--until` give, in epoch ms. */
export const span = Effect.fnUntraced(function* (flags: RangeFlags) {
  const [since, until] = [flags.since, flags.until].map(Option.getOrUndefined)
  if (since !== undefined && until !== undefined && since.at >= until.at)
    return yield* usageError(`--since ${iso(since.at)} is not before --until ${iso(until.at)}: swap them`)
  return { ...(since && { since: since.at }), ...(until && { until: until.at }) }
})

/** A flag that is on or off, and off by default. */
export const toggle = (flag: string, description: string) =>
  Flag.Boolean(flag).pipe(Flag.withDefault(false), Flag.withDescription(description))

export const why = {
  why: Flag.String("why").pipe(
    Flag.optional,
    Flag.withDescription("Reason, for the use log; required by all that opens events or changes something")
  )
}

/** Of commands that cost or change something. */
export const consent = {
  yes: toggle("yes", "Do it; without it the command is a dry run"),
  dryRun: toggle("dry-run", "Only say what would happen; the default"),
  ...why
}

export interface Consent {
  readonly yes: boolean
  readonly dryRun: boolean
  readonly why: Option.Option<string>
}

export const keys = {
  keys: Argument.String("key").pipe(
    Argument.variadic(),
    Argument.withDescription("Keys that list prints, instead of filters")
  )
}
