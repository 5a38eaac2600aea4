import { Effect, Option } from "effect"
import { iso } from "../domain/time.ts"
import { type FailedBatch, FailedBatches, parseFailedKey } from "../store/failed-batches.ts"
import { audited } from "./audit.ts"
import { CliExit, EXIT, usageError } from "./exit.ts"
import { type BatchOptions, given } from "./flags.ts"
import { onSite } from "./open.ts"
import { bytes, Screen, table } from "./screen.ts"
import { span } from "./select.ts"

/** `1 batch`, `2 batches`. */
export const batches = (count: number): string => `${count.toLocaleString("en")} ${count === 1 ? "batch" : "batches"}`

const byTime = Effect.fnUntraced(function* (options: BatchOptions) {
  const { list } = yield* FailedBatches
  return yield* list({ ...(yield* span(options)), limit: options.limit })
})

/** The keys that are given, or those that the filters name. */
export const selectBatches = Effect.fnUntraced(function* (keys: ReadonlyArray<string>, options: BatchOptions) {
  if (keys.length === 0) {
    const { batches, more } = yield* byTime(options)
    return { keys: batches.map(({ key }) => key), more }
  }
  const filters = (["since", "until"] as const).filter((name) => Option.isSome(options[name]))
  if (filters.length > 0)
    return yield* usageError(`keys name the batches already: leave out either them or --${filters.join(", --")}`)
  const foreign = keys.find((key) => parseFailedKey(key) === undefined)
  if (foreign !== undefined)
    return yield* usageError(`${JSON.stringify(foreign)} is no key of a batch: copy one from projections failed list`)
  return { keys: [...new Set(keys)], more: false }
})

/** Ends the command when nothing matched. */
export const insistOnBatches = (found: ReadonlyArray<unknown>) =>
  found.length > 0
    ? Effect.void
    : new CliExit({
        code: EXIT.nothing,
        message: "no given-up batch matches; see what is there with projections failed list"
      })

const rowsOf = (found: ReadonlyArray<FailedBatch>, forPerson: boolean) =>
  table(
    ["GIVEN UP", "SHARD", "SIZE", "KEY"],
    found.map(({ key, shard, at, size }) => [iso(at), shard, forPerson ? bytes(size) : String(size), key]),
    forPerson
  )

/** `projections failed list`. */
export const failedList = Effect.fnUntraced(function* (options: BatchOptions) {
  const { json, why, since, until, limit } = options
  const screen = yield* Screen
  yield* onSite(options, (site) =>
    Effect.gen(function* () {
      const use = { site, command: "failed list", filters: given({ since, until, limit }), why }
      const { batches: found, more } = yield* audited(use, byTime(options), (done) => ({
        outcome: "listed",
        counts: { batches: Option.match(done, { onNone: () => 0, onSome: ({ batches }) => batches.length }) }
      }))
      if (json) {
        const shown = found.map((batch) => ({ ...batch, at: iso(batch.at) }))
        screen.print(JSON.stringify({ stack: site.name, batches: shown, more }, undefined, 2))
      } else if (found.length > 0) {
        screen.print(rowsOf(found, screen.outputIsTerminal))
        if (more) screen.note(`the oldest ${batches(found.length)}; for more, raise --limit or narrow with --since`)
      }
      yield* insistOnBatches(found)
    })
  )
})
