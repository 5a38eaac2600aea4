import { Cause, Clock, Effect, Exit, Option, Random } from "effect"
import { iso } from "../domain/time.ts"
import { AuditLog, type AuditRecord } from "../store/audit-log.ts"
import { usageError } from "./exit.ts"
import { Screen } from "./screen.ts"
import type { StackTarget } from "./stack-target.ts"

/** A use of the command, as it is written down. */
export interface Use {
  readonly site: StackTarget
  readonly command: string
  /** The range: filters and keys as they were given. */
  readonly filters: AuditRecord["filters"]
  readonly why: Option.Option<string>
}

/** What came of it. `counts` are numbers of events. */
export interface Outcome {
  readonly outcome: string
  readonly counts: Readonly<Record<string, number>>
}

/** The reason for what is done (`opens events`), or what to write instead of none. */
export const requireWhy = (why: Option.Option<string>, what = "opens events") =>
  Option.isSome(why) && why.value.trim() !== ""
    ? Effect.succeed(why.value.trim())
    : usageError(`this ${what}, which is written down: say why with --why "..."`)

const nextId = Effect.map(Random.nextIntBetween(0, 0xffff_ffff), (n) => n.toString(16).padStart(8, "0"))

const onFailure = (cause: Cause.Cause<unknown>): Outcome => ({
  outcome: Cause.hasInterruptsOnly(cause) ? "interrupted" : "failed",
  counts: {}
})

/**
 * Writes down who does what and why before `work` begins, and what came of it when it is over, also when it fails or is interrupted.
 * Without the first record there is no work. `tally` is asked at the end: what an interrupted work has done is counted too.
 */
export const audited = Effect.fnUntraced(function* <A, E, R>(
  use: Use,
  work: Effect.Effect<A, E, R>,
  tally: (finished: Option.Option<A>) => Outcome
) {
  const { site, command, filters, why } = use
  const log = yield* AuditLog
  const screen = yield* Screen
  const id = yield* nextId
  const record = Effect.fnUntraced(function* (more: Pick<AuditRecord, "phase" | "outcome" | "counts">) {
    return yield* log.append({
      id,
      at: iso(yield* Clock.currentTimeMillis),
      who: site.who,
      stack: site.name,
      command,
      filters,
      ...Option.match(why, { onNone: () => ({}), onSome: (why) => ({ why }) }),
      ...more
    })
  })
  yield* record({ phase: "begun" })
  return yield* work.pipe(
    Effect.onExit((exit) =>
      Effect.gen(function* () {
        const { outcome, counts } = Exit.isSuccess(exit)
          ? tally(Option.some(exit.value))
          : { ...tally(Option.none()), outcome: onFailure(exit.cause).outcome }
        const key = yield* record({ phase: "ended", outcome, counts })
        const reason = Option.match(why, { onNone: () => "", onSome: (text) => `, because: ${text}` })
        screen.note(`audit: ${whoText(site.who)}, ${command}, ${outcome}${reason} (${key})`)
      })
    )
  )
})

/** Who, in one line. */
export const whoText = ({ user, host, accessKeyId, account }: StackTarget["who"]): string =>
  accessKeyId === undefined
    ? `${user}@${host}`
    : `${user}@${host} with key ${accessKeyId}${account === undefined ? "" : ` of account ${account}`}`
