import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { allDelays, countOf, type Delays, quantile, shareWithin } from "../../domain/lateness.ts"
import { type LatenessReport, measureLateness, PARTS } from "../../pipeline/lateness.ts"
import { type Cost, costOf, costText, scanUnits, sizeOfEvents } from "../cost.ts"
import { type Consent, consent, number, type RangeFlags, range, span } from "../flags.ts"
import { change, checkConsent } from "../report.ts"
import { events, makeProgress, nothing, number as numberText, Screen, spanText, table } from "../screen.ts"
import { onTables, type StackTarget } from "../stack/stack.ts"
import { filtersOf, recorded } from "../uses.ts"

interface Flags extends Consent, RangeFlags {
  readonly sample: number
  readonly catch: number
}

/** Windows (s) whose share is shown, beside the stack's own. */
const WINDOWS = [1, 2, 5, 10, 30, 60]

/** The longest settle window, in seconds. */
const LONGEST = 900

const percent = (share: number): string => `${Math.floor(share * 1e5) / 1e3} %`

interface Plan {
  readonly parts: number
  readonly scope: { readonly since?: number; readonly until?: number }
  readonly cost: Cost
}

const planOf = Effect.fnUntraced(function* (stack: StackTarget, flags: Flags) {
  const parts = Math.max(1, Math.round((flags.sample / 100) * PARTS))
  const size = yield* sizeOfEvents(stack)
  const share = parts / PARTS
  return {
    parts,
    scope: yield* span(flags),
    cost: costOf(Math.round(size.items * share), scanUnits(size) * share, 0)
  } satisfies Plan as Plan
})

/** The least window (s) within which that share arrives; undefined where even the longest is too short. */
const windowFor = (delays: Delays, share: number): number | undefined => {
  const seconds = Math.ceil((quantile(delays, share) ?? 0) / 1_000)
  return seconds <= LONGEST ? seconds : undefined
}

const summaryOf = (delays: Delays, windows: ReadonlyArray<number>) => ({
  events: countOf(delays),
  p50: quantile(delays, 0.5) ?? 0,
  p99: quantile(delays, 0.99) ?? 0,
  p999: quantile(delays, 0.999) ?? 0,
  within: Object.fromEntries(windows.map((seconds) => [seconds, shareWithin(delays, seconds * 1_000)]))
})

/** Of fewer events than would show a few that come too late, nothing follows. */
const LEAST_LATE = 5

/** What another window would do to rows. */
const adviceOf = (count: number, proposed: number | undefined, now: number, wanted: number): string => {
  const least = Math.round(LEAST_LATE / (1 - wanted))
  if (count < least)
    return `${events(count)} are too few to choose a window that catches ${percent(wanted)}: give a greater --sample or a longer time, for ${numberText(least)}`
  if (proposed === undefined) return `no window of up to ${LONGEST} s catches ${percent(wanted)}`
  const change = proposed - now
  if (change === 0) return `the window of ${now} s is the least that catches ${percent(wanted)}`
  return `a window of ${proposed} s catches ${percent(wanted)}: settleWindowSeconds ${proposed} in place of ${now} shows every update ${Math.abs(change)} s ${change < 0 ? "sooner" : "later"}`
}

const presentationOf = (
  { topics, scanned, readUnits }: LatenessReport,
  settleSeconds: number,
  wanted: number,
  aligned: boolean
) => {
  const windows = [...new Set([...WINDOWS, settleSeconds])].sort((a, b) => a - b)
  const all = allDelays(topics.values())
  const total = summaryOf(all, windows)
  const each = [...topics]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([topic, delays]) => ({ topic, ...summaryOf(delays, windows) }))
  const proposed = windowFor(all, wanted)
  const row = ({ topic, events, p50, p99, p999, within }: (typeof each)[number]) => [
    topic,
    numberText(events),
    spanText(p50),
    spanText(p99),
    spanText(p999),
    ...windows.map((seconds) => percent(within[seconds] ?? 1))
  ]
  const titles = ["TOPIC", "EVENTS", "P50", "P99", "P99.9", ...windows.map((seconds) => `IN ${seconds} S`)]
  return {
    document: { scanned, readUnits, settleWindowSeconds: settleSeconds, proposed, all: total, topics: each },
    lines:
      total.events === 0
        ? []
        : [
            table(titles, [...each, { topic: "all", ...total }].map(row), aligned),
            adviceOf(total.events, proposed, settleSeconds, wanted)
          ],
    end:
      total.events === 0
        ? nothing(`no event in ${events(scanned)} was published in that time; give another, or a larger --sample`)
        : undefined
  }
}

export const lateness = Command.make(
  "lateness",
  {
    ...range("Events that were published"),
    sample: number("sample", "percent of the store", { min: 0.1, max: 100 }).pipe(
      Flag.withDefault(1),
      Flag.withDescription("How much of the store is read, in percent; any part is a fair sample (default 1)")
    ),
    catch: number("catch", "percent of events", { min: 50, max: 99.999 }).pipe(
      Flag.withDefault(99.9),
      Flag.withDescription("The share of events that the proposed window must catch, in percent (default 99.9)")
    ),
    ...consent
  },
  Effect.fnUntraced(function* (flags: Flags) {
    yield* checkConsent(flags)
    yield* onTables((stack) =>
      change({
        flags,
        plan: planOf(stack, flags),
        preview: ({ parts, cost }) =>
          Effect.succeed({
            document: { dryRun: true, parts, of: PARTS, cost },
            lines: [`looking at ${flags.sample} % of the store would read ${costText(cost)}`]
          }),
        apply: Effect.fnUntraced(function* ({ parts, scope }: Plan) {
          const { outputIsTerminal } = yield* Screen
          const progress = yield* makeProgress(parts)
          const { since, until, sample } = flags
          const use = { stack, command: "lateness", filters: filtersOf({ since, until, sample }), why: flags.why }
          const report = yield* recorded(use, measureLateness(parts, scope, progress), (done) => ({
            outcome: done._tag === "Some" ? "measured" : "not finished",
            counts: done._tag === "Some" ? { scanned: done.value.scanned } : {}
          }))
          return presentationOf(report, stack.outputs.settleWindowSeconds, flags.catch / 100, outputIsTerminal)
        }),
        dryRun: "this was a dry run: nothing was read yet; give --yes to do it"
      })
    )
  })
).pipe(
  Command.withDescription(
    "How late events of each topic arrive, and which settle window would catch them; a dry run without --yes"
  )
)
