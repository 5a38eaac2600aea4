import { Clock, Effect, Option } from "effect"
import { type Place, RejectedEvents } from "../store/rejected-events.ts"
import { audited, requireWhy } from "./audit.ts"
import { CliExit, EXIT, usageError } from "./exit.ts"
import { given, type SelectionOptions, type SiteOptions } from "./flags.ts"
import { handOver, type Ready } from "./hand-over.ts"
import { onSite } from "./open.ts"
import { paced } from "./pace.ts"
import { makeProgress } from "./progress.ts"
import { events as eventsText, Screen, table } from "./screen.ts"
import { insistOnSome, type Selected, select } from "./select.ts"
import { judge } from "./verdict.ts"

/** Events opened or retired at a time. */
const IN_FLIGHT = 8

export interface RedriveOptions extends SiteOptions, SelectionOptions {
  readonly keys: ReadonlyArray<string>
  readonly yes: boolean
  readonly dryRun: boolean
  readonly force: boolean
  readonly rate: number
  readonly json: boolean
  readonly why: Option.Option<string>
}

/** What became of each event, by key. `left`: it is where it was, for the reason given. */
interface Account {
  readonly handedOver: Array<string>
  readonly left: Array<{ readonly key: string; readonly why: string }>
}

/** Opens a batch and tells what can be handed over from what stays. */
const prepare = Effect.fnUntraced(function* (batch: Selected["events"], force: boolean, account: Account) {
  const held = yield* RejectedEvents
  const opened = yield* Effect.forEach(batch, ({ key }) => held.open(key), { concurrency: IN_FLIGHT })
  const ready: Array<Ready> = []
  for (const [i, { key }] of batch.entries()) {
    const event = opened[i]
    const verdict = event === undefined ? undefined : judge(key, event)
    if (event === undefined || verdict === undefined) account.left.push({ key, why: "it is not there any more" })
    else if (verdict._tag === "accepted" || (verdict._tag === "refused" && force))
      ready.push({ key, event, way: verdict.way })
    else account.left.push({ key, why: verdict.why })
  }
  return ready
})

/** Hands over a batch; what was taken leaves its place, the rest stays. Answers whether there is sense in going on. */
const bringBack = Effect.fnUntraced(function* (ready: ReadonlyArray<Ready>, account: Account) {
  const held = yield* RejectedEvents
  const results = yield* handOver(ready)
  const at = yield* Clock.currentTimeMillis
  yield* Effect.forEach(
    ready,
    ({ key, event }, i) => {
      const result = results[i]
      if (result?._tag === "accepted") {
        account.handedOver.push(key)
        return held.retire(key, event, at)
      }
      account.left.push({ key, why: `not taken: ${result?.reason}` })
      return Effect.void
    },
    { concurrency: IN_FLIGHT, discard: true }
  )
  return results.length === 0 || results.some(({ _tag }) => _tag !== "unavailable")
})

const countsOf = ({ handedOver, left }: Account, matched: number) => ({
  matched,
  handedOver: handedOver.length,
  left: left.length
})

/** How many are left for each reason, most first. */
const byReason = ({ left }: Account): ReadonlyArray<readonly [why: string, count: number]> => {
  const counts = new Map<string, number>()
  for (const { why } of left) counts.set(why, (counts.get(why) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a)
}

const report = Effect.fnUntraced(function* (
  place: Place,
  account: Account,
  selected: Selected,
  options: RedriveOptions
) {
  const screen = yield* Screen
  const { handedOver, left } = account
  const { yes, json } = options
  if (json) {
    const document = { place, dryRun: !yes, ...countsOf(account, selected.events.length), events: account }
    screen.print(JSON.stringify({ ...document, more: selected.more }, undefined, 2))
    return
  }
  screen.print(`${eventsText(handedOver.length)} ${yes ? "handed over" : "would be handed over"}`)
  if (left.length > 0) {
    screen.print(`${eventsText(left.length)} ${yes ? "left in" : "would stay in"} ${place}`)
    const rows = byReason(account).map(([why, count]) => [String(count), why])
    screen.print(table(["EVENTS", "WHY"], rows, screen.outputIsTerminal))
  }
  if (selected.more) screen.note("there are more than --limit: run the same again for the next ones")
  if (!yes) screen.note("this was a dry run: nothing was written but its audit line; give --yes to do it")
})

/** `projections quarantine redrive` and `projections parked redrive`. */
export const redrive = (place: Place) =>
  Effect.fnUntraced(function* (options: RedriveOptions) {
    const { keys, yes, dryRun, force, rate, limit, reason, since, until } = options
    if (yes && dryRun) return yield* usageError("--yes does it and --dry-run does not: give one of them")
    const why = Option.some(yield* requireWhy(options.why))
    yield* onSite(options, (site) =>
      Effect.gen(function* () {
        const range = keys.length > 0 ? { keys } : { reason, since, until, limit }
        const filters = given({ ...range, force, ...(yes ? { rate } : { dryRun: true }) })
        const account: Account = { handedOver: [], left: [] }
        let matched = 0
        const work = Effect.gen(function* () {
          const selected = yield* select(place, keys, options)
          matched = selected.events.length
          if (!yes) {
            const ready = yield* prepare(selected.events, force, account)
            account.handedOver.push(...ready.map(({ key }) => key))
            return selected
          }
          const progress = yield* makeProgress(matched)
          const step = (batch: Selected["events"]) =>
            Effect.flatMap(prepare(batch, force, account), (ready) => bringBack(ready, account))
          for (const { key } of yield* paced(selected.events, rate, step, progress))
            account.left.push({ key, why: "not tried, because nothing was taken any more" })
          return selected
        })
        const use = { site, command: `${place} redrive`, filters, why }
        const selected = yield* audited(use, work, () => ({
          outcome: yes ? (account.left.length > 0 ? "partly redriven" : "redriven") : "dry run",
          counts: countsOf(account, matched)
        }))
        yield* report(place, account, selected, options)
        yield* insistOnSome(place, selected)
        if (account.left.length > 0)
          return yield* new CliExit({
            code: EXIT.partly,
            message: `${eventsText(account.left.length)} ${yes ? "stay" : "would stay"} in ${place}${force ? "" : "; --force hands over also what the door would refuse"}`
          })
      })
    )
  })
