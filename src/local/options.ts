import { Option, Schema } from "effect"
import { type CliError, Flag } from "effect/cli"
import { durationMs } from "../domain/duration.ts"
import { MOST_LOST } from "../simulator/wire.ts"
import { isTimeZone } from "../wallboard/time-zone.ts"

/** What each option takes, for those who gave something else. */
export const wanted = {
  rate: "give events per second between 0.1 and 2000",
  agents: "give a whole number between 1 and 5000",
  queues: "give a whole number between 1 and 500",
  duration: "give a time such as 90s, 5m or 1h, or a number of seconds",
  seed: `give a whole number between 0 and ${2 ** 31 - 1}`,
  chaos: "give a number between 0 and 1",
  lose: "give a number between 0 and 0.9",
  data: "give a folder",
  events: "give a file of events, or - for standard input",
  json: "give it without a value",
  changes: "give a projection and a file that exports a function named handler, as in agents=announce.ts",
  port: "give a whole number between 0 and 65535, where 0 is any that is free",
  thresholds: "give a file of JSON, as docs/one-machine.md describes it",
  "time-zone": "give the name of a time zone, such as Europe/Berlin",
  "no-ui": "give it without a value"
} as const

const number = (minimum: number, maximum: number) => Schema.Finite.check(Schema.isBetween({ minimum, maximum }))

const whole = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

/** What the simulated contact centre is like unless told otherwise. */
export const simulatorDefaults = { rate: 20, agents: 24, queues: 5 } as const

/** The options of `npm start`. */
export const flags = {
  rate: Flag.Finite("rate").pipe(
    Flag.withSchema(number(0.1, 2_000)),
    Flag.optional,
    Flag.withDescription("Events per second on average (default 20)")
  ),
  agents: Flag.Int("agents").pipe(
    Flag.withSchema(whole(1, 5_000)),
    Flag.optional,
    Flag.withDescription(
      "Agents in the simulated contact centre (default 24). Some are deactivated when they log off, and then no list shows them"
    )
  ),
  queues: Flag.Int("queues").pipe(
    Flag.withSchema(whole(1, 500)),
    Flag.optional,
    Flag.withDescription("Queues in the simulated contact centre (default 5)")
  ),
  duration: Flag.String("duration").pipe(
    Flag.filterMap(
      (text) => Option.fromUndefinedOr(durationMs(text)),
      () => wanted.duration
    ),
    Flag.optional,
    Flag.withDescription(
      "Stop after this time, such as 90s, 5m or 1h; a number alone is seconds (default: until Ctrl-C)"
    )
  ),
  seed: Flag.Int("seed").pipe(
    Flag.withSchema(whole(0, 2 ** 31 - 1)),
    Flag.withDefault(1),
    Flag.withDescription("Seed of everything that chance decides (default 1)")
  ),
  chaos: Flag.Finite("chaos").pipe(
    Flag.withSchema(number(0, 1)),
    Flag.withDefault(0),
    Flag.withDescription(
      "How much goes wrong, 0 to 1: duplicates, late and malformed events, throttles, crashes (default 0)"
    )
  ),
  lose: Flag.Finite("lose").pipe(
    Flag.withSchema(number(0, MOST_LOST)),
    Flag.optional,
    Flag.withDescription(
      "The share of the simulated events that nobody ever receives, 0 to 0.9 (default a hundredth of --chaos)"
    )
  ),
  data: Flag.String("data").pipe(
    Flag.withSchema(Schema.NonEmptyString),
    Flag.optional,
    Flag.withDescription("Keep tables and buckets in this folder, and continue from it")
  ),
  events: Flag.String("events").pipe(
    Flag.withSchema(Schema.NonEmptyString),
    Flag.optional,
    Flag.withDescription(
      "Feed a file of envelopes, one JSON object per line (- for standard input), and print what came of it"
    )
  ),
  json: Flag.Boolean("json").pipe(
    Flag.withDefault(false),
    Flag.withDescription("With --events: print one JSON document and nothing else")
  ),
  changes: Flag.String("changes").pipe(
    Flag.withSchema(Schema.String.check(Schema.isPattern(/^[\w.-]+=.+$/))),
    Flag.optional,
    Flag.withDescription(
      "PROJECTION=FILE: call the function `handler` of a file with the changes of its rows, as in docs/changes.md"
    )
  ),
  port: Flag.Int("port").pipe(
    Flag.withSchema(whole(0, 65_535)),
    Flag.optional,
    Flag.withDescription(
      "Where on 127.0.0.1 the wallboard is served; 0 is any free port (default 8787, or the next free)"
    )
  ),
  thresholds: Flag.String("thresholds").pipe(
    Flag.withSchema(Schema.NonEmptyString),
    Flag.optional,
    Flag.withDescription("A file of JSON: when waits and times in a state are long, and what is the service level")
  ),
  timeZone: Flag.String("time-zone").pipe(
    Flag.withSchema(Schema.String.check(Schema.makeFilter(isTimeZone))),
    Flag.optional,
    Flag.withDescription(
      "Whose day and clock the wallboard shows, such as Europe/Berlin (default: that of this machine)"
    )
  ),
  noUi: Flag.Boolean("no-ui").pipe(
    Flag.withoutNegation,
    Flag.withDefault(false),
    Flag.withDescription("Serve neither the wallboard nor the tables")
  )
}

/** The options as the command gives them. */
export interface Options {
  readonly rate: Option.Option<number>
  readonly agents: Option.Option<number>
  readonly queues: Option.Option<number>
  /** In ms. */
  readonly duration: Option.Option<number>
  readonly seed: number
  readonly chaos: number
  readonly lose: Option.Option<number>
  readonly data: Option.Option<string>
  readonly events: Option.Option<string>
  readonly json: boolean
  readonly changes: Option.Option<string>
  readonly port: Option.Option<number>
  readonly thresholds: Option.Option<string>
  readonly timeZone: Option.Option<string>
  readonly noUi: boolean
}

/** What is wrong with options that are right one by one: a sentence that names them and the way out, or nothing. */
export const contradiction = (options: Options): string | undefined => {
  const { events, json, port, timeZone, noUi } = options
  if (json && Option.isNone(events)) return "--json prints the result of a file: give it together with --events FILE"
  if (noUi && Option.isSome(port)) return "--port and --no-ui contradict each other: leave out one of them"
  if (noUi && Option.isSome(timeZone))
    return "--time-zone is for the wallboard, and --no-ui turns that off: leave out one of them"
  if (Option.isNone(events)) return undefined
  if (noUi || Option.isSome(port))
    return `${noUi ? "--no-ui" : "--port"} is for a run that goes on, and a file has an end: leave out either that or --events`
  const ofTheSimulator: Array<string> = (
    ["rate", "agents", "queues", "duration", "changes", "lose", "thresholds"] as const
  ).filter((name) => options[name]._tag === "Some")
  if (Option.isSome(timeZone)) ofTheSimulator.push("time-zone")
  if (ofTheSimulator.length === 0) return undefined
  const names = ofTheSimulator.map((name) => `--${name}`).join(", ")
  return `${names} ${ofTheSimulator.length === 1 ? "is" : "are"} for the simulated contact centre: leave out either that or --events`
}

/** What is wrong with one option: a sentence that names it and the way out. */
export const complaint = (error: CliError.CliError): string => {
  switch (error._tag) {
    case "InvalidValue": {
      const { option, value } = error
      if (/^\d+ occurrences$/.test(value)) return `--${option} is given more than once: give it once`
      const way = Object.hasOwn(wanted, option) ? wanted[option as keyof typeof wanted] : error.expected
      return value === "" ? `--${option} has no value: ${way}` : `--${option} ${value}: ${way}`
    }
    case "UnrecognizedOption": {
      const [near] = error.suggestions
      return `${error.option} is no option: ${near === undefined ? "--help lists them" : `did you mean ${near}?`}`
    }
    case "UnexpectedArgument":
      return `${error.arguments.join(" ")}: only options are taken, and --help lists them`
    default:
      return `${error.message.split("\n")[0]}; --help lists the options`
  }
}
