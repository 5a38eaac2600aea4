import { Cause, Clock, Effect, Exit, Option, Random } from "effect"
import { iso } from "../../domain/stamp.ts"
import { AuditLog, type AuditRecord } from "../../store/audit-log.ts"
import { usageError } from "../exit.ts"
import { Screen } from "../screen.ts"
import type { StackTarget } from "../stack/target.ts"

/** A use of the command, as the audit records it. */
export interface Use {
  readonly stack: StackTarget
  readonly command: string
  /** The filters and keys, as they were given. */
  readonly filters: AuditRecord["filters"]
  readonly why: Option.Option<string>
}

/** The result of a use. `counts` are numbers of events. */
export interface Outcome {
  readonly outcome: string
  readonly counts: Readonly<Record<string, number>>
}

/** The reason that was given for an audited `action` ("Opening events"). Fails without one. */
export const requireWhy = (why: Option.Option<string>, action: string) =>
  Option.isSome(why) && why.value.trim() !== ""
    ? Effect.succeed(why.value.trim())
    : usageError(`${action} is audited: add --why "reason"`)

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

/** Flags as the audit records them: absent ones are left out, times are as they were typed, lists are joined by spaces. */
export const filtersOf = (flags: Readonly<Record<string, FlagValue>>): AuditRecord["filters"] =>
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
export const audited = Effect.fnUntraced(function* <A, E, R>(
  { stack, command, filters, why }: Use,
  work: Effect.Effect<A, E, R>,
  tally: (result: Option.Option<A>) => Outcome
) {
  const log = yield* AuditLog
  const screen = yield* Screen
  const id = yield* nextId
  const record = Effect.fnUntraced(function* (more: Pick<AuditRecord, "phase" | "outcome" | "counts">) {
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
        screen.note(`audit: ${whoText(stack.who)}, ${command}, ${outcome}${reason} (${key})`)
      })
    )
  )
})

/** The caller in one line. */
export const whoText = ({ user, host, accessKeyId, account }: StackTarget["who"]): string =>
  accessKeyId === undefined
    ? `${user}@${host}`
    : `${user}@${host} with key ${accessKeyId}${account === undefined ? "" : ` of account ${account}`}`
