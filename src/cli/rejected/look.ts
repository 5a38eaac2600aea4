import { Effect, Option } from "effect"
import { root } from "../flags.ts"
import { present, requireWhy } from "../report.ts"
import { partly, Screen, table } from "../screen.ts"
import { onStack } from "../stack/stack.ts"
import { filtersOf, recorded } from "../uses.ts"
import { keysOf, type Listed, noMatch, type Place, rangeOf, type Selection, selectionOf } from "./place.ts"

interface LookFlags extends Selection {
  readonly why: Option.Option<string>
}

/** Lists what waits in a place. `topics`: the list opens events for that, which needs a reason. */
export const list = Effect.fnUntraced(function* <L extends Listed, O>(
  place: Place<L, O>,
  flags: LookFlags,
  topics = false
) {
  if (topics) yield* requireWhy(flags.why, "Opening events")
  const { name, items, columns } = place
  yield* onStack(
    Effect.fnUntraced(function* (stack) {
      const selected = yield* selectionOf(place, flags)
      const { outputIsTerminal } = yield* Screen
      const { filter = { limit: flags.limit } } = selected
      const filters = filtersOf({ ...rangeOf(flags), topics })
      const use = { stack, command: `${name} list`, filters, why: flags.why }
      const { found, more } = yield* recorded(use, place.list(filter), (done) => ({
        outcome: "listed",
        counts: { [items]: Option.isSome(done) ? done.value.found.length : 0 }
      }))
      const titles = [...columns.map(({ title }) => title), "KEY"]
      const rows = found.map((one) => [...columns.map(({ cell }) => cell(one, outputIsTerminal)), one.key])
      yield* present({
        document: { stack: stack.name, place: name, [items]: found.map(place.listedDocument), more },
        lines: found.length > 0 ? [table(titles, rows, outputIsTerminal)] : [],
        notes: more
          ? [`limited to the oldest ${place.count(found.length)}; raise --limit for more, or narrow it with --since`]
          : [],
        end: found.length === 0 ? noMatch(place, flags) : undefined
      })
    })
  )
})

type Opened<O> = ReadonlyArray<readonly [key: string, opened: O]>

/** What `show` prints instead of the redacted text, and adds to each document. */
export interface Raw<O> {
  readonly print: (opened: O) => Effect.Effect<void, never, Screen>
  readonly document: (opened: O) => object
}

/** Opens what is selected and shows it redacted; as it is where `raw` is given, which the use log says. */
export const show = Effect.fnUntraced(function* <L extends Listed, O>(
  place: Place<L, O>,
  flags: LookFlags,
  raw?: Raw<O>
) {
  const why = Option.some(yield* requireWhy(flags.why, "Opening events"))
  const { name, items } = place
  yield* onStack(
    Effect.fnUntraced(function* (stack) {
      const selected = yield* selectionOf(place, flags)
      const opened: Array<Opened<O>[number]> = []
      const gone: Array<string> = []
      const work = Effect.gen(function* () {
        const { keys, more } = yield* keysOf(place, selected)
        for (const key of keys) {
          const one = yield* place.open(key)
          if (one === undefined) gone.push(key)
          else opened.push([key, one])
        }
        return more
      })
      const filters = filtersOf({ ...rangeOf(flags), raw: raw !== undefined })
      const more = yield* recorded({ stack, command: `${name} show`, filters, why }, work, () => ({
        outcome: raw === undefined ? "shown redacted" : "shown raw",
        counts: {
          [items]: opened.length,
          events: opened.reduce((sum, [, one]) => sum + place.eventsIn(one), 0)
        }
      }))
      if (raw !== undefined && !(yield* root).json) for (const [, one] of opened) yield* raw.print(one)
      yield* present({
        document: {
          [items]: opened.map(([key, one]) => ({ ...place.document(key, one), ...raw?.document(one) }))
        },
        lines: raw === undefined ? opened.map(([key, one]) => place.text(key, one)) : [],
        notes: more
          ? [`limited to the oldest ${place.count(opened.length)}; raise --limit for more, or give keys`]
          : [],
        end:
          opened.length === 0
            ? noMatch(place, flags)
            : gone.length > 0
              ? partly(`${gone.join(", ")}: not in ${name} any more`)
              : undefined
      })
    })
  )
})
