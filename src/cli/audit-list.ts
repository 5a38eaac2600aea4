import { Clock, Effect, Option } from "effect"
import { AuditLog, type AuditRecord } from "../store/audit-log.ts"
import { whoText } from "./audit.ts"
import { CliExit, EXIT } from "./exit.ts"
import type { SelectionOptions, SiteOptions } from "./flags.ts"
import { onSite } from "./open.ts"
import { Screen, table } from "./screen.ts"
import { span } from "./select.ts"

/** How far back to look where nothing else is said. */
const DEFAULT_SPAN_MS = 30 * 86_400_000

export interface AuditOptions extends SiteOptions, Omit<SelectionOptions, "reason"> {
  readonly json: boolean
}

/** One use: its second record where there is one, else its first. */
const uses = (records: ReadonlyArray<AuditRecord>): ReadonlyArray<AuditRecord> => {
  const byId = new Map<string, AuditRecord>()
  for (const record of records) {
    const seen = byId.get(record.id)
    // The time of a use is when it began.
    byId.set(record.id, seen === undefined ? record : { ...seen, ...record, at: seen.at })
  }
  return [...byId.values()]
}

const pairs = (values: Readonly<Record<string, unknown>> = {}): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ")

const row = (record: AuditRecord) => [
  record.at,
  whoText(record.who),
  record.command,
  pairs(record.filters),
  record.outcome ?? "cut off",
  pairs(record.counts),
  record.why ?? "-"
]

/** `projections audit list`. */
export const auditList = Effect.fnUntraced(function* (options: AuditOptions) {
  const screen = yield* Screen
  yield* onSite(options, (site) =>
    Effect.gen(function* () {
      const log = yield* AuditLog
      const now = yield* Clock.currentTimeMillis
      const { since = now - DEFAULT_SPAN_MS, until = now + 1 } = yield* span(options)
      // Two records a use.
      const found = uses(yield* log.list({ since, until, limit: options.limit * 2 })).slice(-options.limit)
      if (options.json) screen.print(JSON.stringify({ stack: site.name, uses: found }, undefined, 2))
      else if (found.length > 0) {
        const titles = ["AT", "WHO", "COMMAND", "RANGE", "OUTCOME", "COUNTS", "WHY"]
        screen.print(table(titles, found.map(row), screen.outputIsTerminal))
      }
      if (found.length === 0)
        return yield* new CliExit({
          code: EXIT.nothing,
          message: `nobody used the command in that time${Option.isNone(options.since) ? " (30 days); look further back with --since" : ""}`
        })
    })
  )
})
