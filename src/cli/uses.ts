import { Cause, Clock, Effect, Exit, Option, Random } from "effect"
import { Command } from "effect/cli"
import { iso } from "../domain/stamp.ts"
import { UseLog, type UseRecord } from "../store/use-log.ts"
import { limit, range, span } from "./flags.ts"
import { present } from "./report.ts"
import { nothing, Screen, table } from "./screen.ts"
import { onStack, type StackTarget } from "./stack/stack.ts"

/** A use of the command, as it is recorded. */
export interface Use {
  readonly stack: StackTarget
  readonly command: string
  /** The filters and keys, as they were given. */
  readonly filters: UseRecord["filters"]
  readonly why: Option.Option<string>
}

/** The result of a use. `counts` are numbers of events. */
export interface Outcome {
  readonly outcome: string
  readonly counts: Readonly<Record<string, number>>
}

/** The value of a flag. */
type FlagValue =
  | Option.Option<string | number | { readonly text: string }>
  | string
  | number
  | boolean
  | ReadonlyArray<string>

const filterOf = (flag: FlagValue): string | number | boolean | undefined => {
  const value = Option.isOption(flag) ? Option.getOrUndefined(flag) : flag
  if (typeof value !== "object") return value === false ? undefined : value
  if ("text" in value) return value.text
  return value.length === 0 ? undefined : value.join(" ")
}

/** Flags as they are recorded: absent ones are left out, times are as they were typed, lists are joined by spaces. */
export const filtersOf = (flags: Readonly<Record<string, FlagValue>>): UseRecord["filters"] =>
  Object.fromEntries(
    Object.entries(flags).flatMap(([name, flag]) => {
      const value = filterOf(flag)
      return value === undefined ? [] : [[name, value]]
    })
  )

const nextId = Effect.map(Random.nextIntBetween(0, 0xffff_ffff), (n) => n.toString(16).padStart(8, "0"))

const failedOutcome = (cause: Cause.Cause<unknown>): string =>
  Cause.hasInterruptsOnly(cause) ? "interrupted" : "failed"

/**
 * Records who does what and why before `work` begins, and the outcome when it ends, also when it fails or is interrupted. Without the
 * first record there is no work. `tally` is called at the end; without a result, it counts what was done until then.
 */
export const recorded = Effect.fnUntraced(function* <A, E, R>(
  { stack, command, filters, why }: Use,
  work: Effect.Effect<A, E, R>,
  tally: (result: Option.Option<A>) => Outcome
) {
  const log = yield* UseLog
  const screen = yield* Screen
  const id = yield* nextId
  const record = Effect.fnUntraced(function* (more: Pick<UseRecord, "phase" | "outcome" | "counts">) {
    return yield* log.append({
      id,
      at: iso(yield* Clock.currentTimeMillis),
      who: stack.who,
      stack: stack.name,
      command,
      filters,
      ...(Option.isSome(why) && { why: why.value }),
      ...more
    })
  })
  yield* record({ phase: "begun" })
  return yield* work.pipe(
    Effect.onExit((exit) =>
      Effect.gen(function* () {
        const { outcome, counts } = Exit.isSuccess(exit)
          ? tally(Option.some(exit.value))
          : { ...tally(Option.none()), outcome: failedOutcome(exit.cause) }
        const key = yield* record({ phase: "ended", outcome, counts })
        const reason = Option.match(why, { onNone: () => "", onSome: (text) => `, because: ${text}` })
        screen.note(`recorded: ${whoText(stack.who)}, ${command}, ${outcome}${reason} (${key})`)
      })
    )
  )
})

/** The caller in one line. */
export const whoText = ({ user, host, accessKeyId, account }: StackTarget["who"]): string =>
  accessKeyId === undefined
    ? `${user}@${host}`
    : `${user}@${host} with key ${accessKeyId}${account === undefined ? "" : ` of account ${account}`}`

/** How far back the list goes without `--since`. */
const DEFAULT_SPAN_MS = 30 * 86_400_000

/** One record for each use: the ended one where there is one, with the time at which the use began. */
const joined = (records: ReadonlyArray<UseRecord>): ReadonlyArray<UseRecord> => {
  const byId = new Map<string, UseRecord>()
  for (const record of records) {
    const seen = byId.get(record.id)
    byId.set(record.id, seen === undefined ? record : { ...seen, ...record, at: seen.at })
  }
  return [...byId.values()]
}

const pairs = (values: Readonly<Record<string, unknown>> = {}): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ")

const TITLES = ["AT", "WHO", "COMMAND", "RANGE", "OUTCOME", "COUNTS", "WHY"]

const row = (record: UseRecord) => [
  record.at,
  whoText(record.who),
  record.command,
  pairs(record.filters),
  record.outcome ?? "cut off",
  pairs(record.counts),
  record.why ?? "-"
]

export const uses = Command.make(
  "uses",
  { ...range("Uses"), limit: limit("uses", 50, "Maximum number of uses, the newest") },
  Effect.fnUntraced(function* (flags) {
    const within = yield* span(flags)
    yield* onStack(
      Effect.fnUntraced(function* (stack) {
        const { outputIsTerminal } = yield* Screen
        const now = yield* Clock.currentTimeMillis
        const { since = now - DEFAULT_SPAN_MS, until = now + 1 } = within
        // Two records a use.
        const records = yield* (yield* UseLog).list({ since, until, limit: flags.limit * 2 })
        const found = joined(records).slice(-flags.limit)
        const empty = `nobody used the command in that time${Option.isNone(flags.since) ? " (30 days); for earlier uses, give --since" : ""}`
        yield* present({
          document: { stack: stack.name, uses: found },
          lines: found.length > 0 ? [table(TITLES, found.map(row), outputIsTerminal)] : [],
          end: found.length === 0 ? nothing(empty) : undefined
        })
      })
    )
  })
).pipe(Command.withDescription("Lists uses of this command: who did what, and why"))
