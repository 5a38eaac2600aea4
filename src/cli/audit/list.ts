import { Clock, Effect, Option } from "effect"
import { Command } from "effect/cli"
import { AuditLog, type AuditRecord } from "../../store/audit-log.ts"
import { nothing } from "../exit.ts"
import { limit, range, span } from "../flags.ts"
import { present } from "../report.ts"
import { Screen } from "../screen.ts"
import { onStack } from "../stack/stores.ts"
import { table } from "../text.ts"
import { whoText } from "./audited.ts"

/** How far back the list goes without `--since`. */
const DEFAULT_SPAN_MS = 30 * 86_400_000

/** One record for each use: the ended one where there is one, with the time at which the use began. */
const uses = (records: ReadonlyArray<AuditRecord>): ReadonlyArray<AuditRecord> => {
  const byId = new Map<string, AuditRecord>()
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

const row = (record: AuditRecord) => [
  record.at,
  whoText(record.who),
  record.command,
  pairs(record.filters),
  record.outcome ?? "cut off",
  pairs(record.counts),
  record.why ?? "-"
]

const list = Command.make(
  "list",
  { ...range("Uses"), limit: limit("uses", 50, "Maximum number of uses, the newest") },
  Effect.fnUntraced(function* (flags) {
    const within = yield* span(flags)
    yield* onStack(
      Effect.fnUntraced(function* (stack) {
        const { outputIsTerminal } = yield* Screen
        const now = yield* Clock.currentTimeMillis
        const { since = now - DEFAULT_SPAN_MS, until = now + 1 } = within
        // Two records a use.
        const records = yield* (yield* AuditLog).list({ since, until, limit: flags.limit * 2 })
        const found = uses(records).slice(-flags.limit)
        const empty = `nobody used the command in that time${Option.isNone(flags.since) ? " (30 days); for earlier uses, give --since" : ""}`
        yield* present({
          document: { stack: stack.name, uses: found },
          lines: found.length > 0 ? [table(TITLES, found.map(row), outputIsTerminal)] : [],
          end: found.length === 0 ? nothing(empty) : undefined
        })
      })
    )
  })
).pipe(Command.withDescription("Lists uses of this command"))

export const audit = Command.make("audit").pipe(
  Command.withDescription("Who did what, and why"),
  Command.withSubcommands([list])
)
