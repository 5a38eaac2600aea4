import { createHash } from "node:crypto"
import { Effect, Result } from "effect"
import { iso } from "../domain/time.ts"
import { decodeEvent } from "../genesys/decoder.ts"
import { FailedBatches, type FailedRecord, type OpenedBatch } from "../store/failed-batches.ts"
import { audited, requireWhy } from "./audit.ts"
import { CliExit, EXIT } from "./exit.ts"
import { insistOnBatches, selectBatches } from "./failed.ts"
import { type BatchOptions, given } from "./flags.ts"
import { onSite } from "./open.ts"
import { redact } from "./redact.ts"
import { printable, Screen } from "./screen.ts"

export interface FailedShowOptions extends BatchOptions {
  readonly keys: ReadonlyArray<string>
}

/** What the present door says of a record, without any value of it. */
export const doorText = ({ data, arrival }: FailedRecord): string => {
  const decoded = decodeEvent(data, arrival)
  return Result.isSuccess(decoded) ? "would take it" : `${decoded.failure._tag}: ${decoded.failure.message}`
}

const recordDocument = (record: FailedRecord) => ({
  arrival: iso(record.arrival),
  size: record.data.length,
  sha256: createHash("sha256").update(record.data).digest("hex"),
  door: doorText(record),
  event: redact(record.data)
})

const document = (key: string, { condition, attempts, records }: OpenedBatch) => ({
  key,
  condition,
  attempts,
  // A document that Lambda did not write is told from one without records.
  records: records === undefined ? null : records.map(recordDocument)
})

const text = (key: string, batch: OpenedBatch): string => {
  const { records, ...notes } = document(key, batch)
  const lines = Object.entries(notes).map(([name, value]) => `${name.padEnd(9)} ${printable(String(value))}`)
  const shown = (records ?? []).flatMap(({ event, ...about }) => [
    "",
    ...Object.entries(about).map(([name, value]) => `${name.padEnd(9)} ${printable(String(value))}`),
    JSON.stringify(event, undefined, 2)
  ])
  return [...lines, ...(records === null ? ["records   unreadable: no document that Lambda writes"] : shown), ""].join(
    "\n"
  )
}

/** `projections failed show`. */
export const failedShow = Effect.fnUntraced(function* (options: FailedShowOptions) {
  const { keys, json, since, until, limit } = options
  const why = yield* Effect.asSome(requireWhy(options.why))
  yield* onSite(options, (site) =>
    Effect.gen(function* () {
      const screen = yield* Screen
      const { open } = yield* FailedBatches
      const opened: Array<readonly [key: string, batch: OpenedBatch]> = []
      const gone: Array<string> = []
      const work = Effect.gen(function* () {
        const selected = yield* selectBatches(keys, options)
        for (const key of selected.keys) {
          const batch = yield* open(key)
          if (batch === undefined) gone.push(key)
          else opened.push([key, batch])
        }
        return selected
      })
      const filters = given(keys.length > 0 ? { keys } : { since, until, limit })
      const { more } = yield* audited({ site, command: "failed show", filters, why }, work, () => ({
        outcome: "shown redacted",
        counts: {
          batches: opened.length,
          events: opened.reduce((sum, [, { records = [] }]) => sum + records.length, 0)
        }
      }))
      if (json)
        screen.print(JSON.stringify({ batches: opened.map(([key, batch]) => document(key, batch)) }, undefined, 2))
      else for (const [key, batch] of opened) screen.print(text(key, batch))
      if (more) screen.note("there are more; raise --limit, or name one by its key")
      yield* insistOnBatches(opened)
      if (gone.length > 0)
        return yield* new CliExit({ code: EXIT.partly, message: `${gone.join(", ")}: not there any more` })
    })
  )
})
