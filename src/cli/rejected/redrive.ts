import { Clock, Effect, Option } from "effect"
import type { Consent } from "../flags.ts"
import { change, checkConsent, type Report, requireWhy } from "../report.ts"
import { events, partly, Screen, table } from "../screen.ts"
import { onStack } from "../stack/stack.ts"
import { filtersOf, recorded } from "../uses.ts"
import {
  keysOf,
  type Listed,
  noMatch,
  type Place,
  rangeOf,
  type Selected,
  type Selection,
  selectionOf,
  type Tally
} from "./place.ts"

/** Batches a second at most: fewer, larger ones at high rates. */
const BATCHES_PER_SECOND = 10

/**
 * Runs `step` on all items in order, in batches, never ahead of `rate` items a second: by any time t after the first, at most rate * t
 * items and one batch have been begun. A slow step slows it down, and nothing is caught up on. `step` returns whether to go on; `done`
 * is told how many are through. Returns the items that were not tried.
 */
export const paced = Effect.fnUntraced(function* <A, E, R, E2, R2>(
  items: ReadonlyArray<A>,
  rate: number,
  step: (batch: ReadonlyArray<A>) => Effect.Effect<boolean, E, R>,
  done: (count: number) => Effect.Effect<void, E2, R2>
) {
  const size = Math.max(1, Math.floor(rate / BATCHES_PER_SECOND))
  let next = yield* Clock.currentTimeMillis
  for (let at = 0; at < items.length; at += size) {
    const now = yield* Clock.currentTimeMillis
    if (now < next) yield* Effect.sleep(next - now)
    next = Math.max(now, next)
    const batch = items.slice(at, at + size)
    next += (batch.length * 1_000) / rate
    const goOn = yield* step(batch)
    yield* done(at + batch.length)
    if (!goOn) return items.slice(at + batch.length)
  }
  return []
})

interface RedriveFlags extends Selection, Consent {
  readonly force: boolean
  readonly rate: number
}

/** How many are left for each reason, the most frequent first. */
const byReason = ({ left }: Tally): ReadonlyArray<ReadonlyArray<string>> => {
  const counts = new Map<string, number>()
  for (const { why } of left) counts.set(why, (counts.get(why) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a).map(([why, count]) => [String(count), why])
}

const leftTable = (items: string, tally: Tally, aligned: boolean): string =>
  items === "events"
    ? table(["EVENTS", "WHY"], byReason(tally), aligned)
    : table(
        ["KEY", "WHY"],
        tally.left.map(({ key, why }) => [key, why]),
        aligned
      )

/** Counts of a run, as the use log and the document have them. */
const countsOf = (
  { items }: { readonly items: string },
  { redriven, left, events, refused }: Tally,
  matched: number
) => ({
  matched,
  redriven: redriven.length,
  left: left.length,
  // A batch holds several events.
  ...(items === "batches" && { events, refused })
})

const linesOf = <L extends Listed, O>(
  { name, items, count }: Place<L, O>,
  tally: Tally,
  apply: boolean,
  aligned: boolean
): ReadonlyArray<string> => {
  const { redriven, left, refused } = tally
  const what = items === "events" ? events(tally.events) : `${events(tally.events)} of ${count(redriven.length)}`
  return [
    `${what} ${apply ? "redriven" : "would be redriven"}`,
    ...(refused > 0 ? [`${events(refused)} of them ${apply ? "go" : "would go"} into quarantine`] : []),
    ...(left.length > 0
      ? [`${count(left.length)} ${apply ? "left in" : "would stay in"} ${name}`, leftTable(items, tally, aligned)]
      : [])
  ]
}

/** What to do about what is left. */
const endOf = <L extends Listed, O>(place: Place<L, O>, tally: Tally, flags: RedriveFlags, matched: number) => {
  const { yes, force } = flags
  if (matched === 0) return noMatch(place, flags)
  const { left } = tally
  if (left.length === 0) return undefined
  const stay = `${place.count(left.length)} ${yes ? "stay" : "would stay"} in ${place.name}`
  const advice =
    place.items === "batches"
      ? "; run it again when the cause is removed"
      : force
        ? ""
        : "; --force also redrives what the decoder would refuse"
  return partly(`${stay}${advice}`)
}

/** Gives what is selected back to the stream or to its queue. A dry run opens and decodes it as well, and is recorded too. */
export const redrive = Effect.fnUntraced(function* <L extends Listed, O>(place: Place<L, O>, flags: RedriveFlags) {
  const { force, rate } = flags
  yield* checkConsent(flags)
  const why = Option.some(yield* requireWhy(flags.why, "Opening events"))
  yield* onStack((stack) => {
    const run = Effect.fnUntraced(function* (selected: Selected, apply: boolean) {
      const { outputIsTerminal } = yield* Screen
      const tally: Tally = { events: 0, refused: 0, redriven: [], left: [] }
      let matched = 0
      const work = Effect.gen(function* () {
        const { keys, more } = yield* keysOf(place, selected)
        matched = keys.length
        yield* place.redrive(keys, { apply, force, rate }, tally)
        return more
      })
      const filters = filtersOf({ ...rangeOf(flags), force, ...(apply ? { rate } : { dryRun: true }) })
      const more = yield* recorded({ stack, command: `${place.name} redrive`, filters, why }, work, () => ({
        outcome: apply ? (tally.left.length > 0 ? "partly redriven" : "redriven") : "dry run",
        counts: countsOf(place, tally, matched)
      }))
      const { redriven, left } = tally
      return {
        document: {
          place: place.name,
          dryRun: !apply,
          ...countsOf(place, tally, matched),
          [place.items]: { redriven, left },
          more
        },
        lines: linesOf(place, tally, apply, outputIsTerminal),
        notes: more ? ["there are more than --limit: run the same command again for the next ones"] : [],
        end: endOf(place, tally, flags, matched)
      } satisfies Report as Report
    })
    return change({
      flags,
      plan: selectionOf(place, flags),
      preview: (selected) => run(selected, false),
      apply: (selected) => run(selected, true),
      dryRun: "this was a dry run: nothing was written but the record of this use; give --yes to do it"
    })
  })
})
