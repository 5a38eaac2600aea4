import { Clock, Effect } from "effect"
import { FailedBatches, type FailedRecord } from "../store/failed-batches.ts"
import { type HandedOver, StreamSink } from "../store/hand-over.ts"
import { audited, requireWhy } from "./audit.ts"
import { CliExit, EXIT, usageError } from "./exit.ts"
import { batches, insistOnBatches, selectBatches } from "./failed.ts"
import { doorText } from "./failed-show.ts"
import { type BatchOptions, given } from "./flags.ts"
import { onSite } from "./open.ts"
import { paced } from "./pace.ts"
import { makeProgress } from "./progress.ts"
import { events as eventsText, Screen, table } from "./screen.ts"

export interface FailedRedriveOptions extends BatchOptions {
  readonly keys: ReadonlyArray<string>
  readonly yes: boolean
  readonly dryRun: boolean
  readonly rate: number
}

/** What became of each batch, by key; `events` were handed over, `refused` of them the present door would put into quarantine. */
interface Account {
  events: number
  refused: number
  readonly handedOver: Array<string>
  readonly left: Array<{ readonly key: string; readonly why: string }>
}

/** Puts records on the stream at `rate` a second; the first that are not taken end it. Answers what was in the way, if anything. */
const putAll = Effect.fnUntraced(function* (records: ReadonlyArray<FailedRecord>, rate: number) {
  const { put } = yield* StreamSink
  let hitch: Exclude<HandedOver, { _tag: "accepted" }> | undefined
  const began = yield* Clock.currentTimeMillis
  yield* paced(
    records,
    rate,
    Effect.fnUntraced(function* (some: ReadonlyArray<FailedRecord>) {
      const results = yield* put(some.map(({ partitionKey: key, data }) => ({ key, data })))
      hitch = results.find((result) => result._tag !== "accepted")
      return hitch === undefined
    }),
    () => Effect.void
  )
  // The next batch begins when the pace allows its first record.
  const due = began + (records.length * 1_000) / rate
  const now = yield* Clock.currentTimeMillis
  if (hitch === undefined && now < due) yield* Effect.sleep(due - now)
  return hitch
})

/** One batch: whole, or it stays where it is. Answers whether there is sense in going on with others. */
const bringBack = Effect.fnUntraced(function* (key: string, { yes, rate }: FailedRedriveOptions, account: Account) {
  const { open, retire } = yield* FailedBatches
  const batch = yield* open(key)
  const { records } = batch ?? {}
  const leave = (why: string) => account.left.push({ key, why })
  if (batch === undefined) leave("it is not there any more")
  else if (records === undefined) leave("it is no document that Lambda writes about a batch")
  else {
    const hitch = yes ? yield* putAll(records, rate) : undefined
    if (hitch !== undefined) {
      leave(`not taken: ${hitch.reason}`)
      return hitch._tag === "refused"
    }
    account.events += records.length
    account.refused += records.filter((record) => doorText(record) !== "would take it").length
    account.handedOver.push(key)
    if (yes) yield* retire(key, batch, yield* Clock.currentTimeMillis)
  }
  return true
})

const countsOf = ({ events, refused, handedOver, left }: Account, matched: number) => ({
  ...{ matched, handedOver: handedOver.length, left: left.length },
  ...{ events, refused }
})

const report = Effect.fnUntraced(function* (
  account: Account,
  matched: number,
  more: boolean,
  yes: boolean,
  json: boolean
) {
  const screen = yield* Screen
  const { events, refused, handedOver, left } = account
  if (json) {
    const document = {
      place: "failed",
      dryRun: !yes,
      ...countsOf(account, matched),
      batches: { handedOver, left },
      more
    }
    screen.print(JSON.stringify(document, undefined, 2))
    return
  }
  const would = yes ? "" : "would be "
  screen.print(`${eventsText(events)} of ${batches(handedOver.length)} ${would}handed over`)
  if (refused > 0) screen.print(`${eventsText(refused)} of them ${yes ? "go" : "would go"} into quarantine`)
  if (left.length > 0) {
    screen.print(`${batches(left.length)} ${yes ? "left" : "would be left"}`)
    screen.print(
      table(
        ["KEY", "WHY"],
        left.map(({ key, why }) => [key, why]),
        screen.outputIsTerminal
      )
    )
  }
  if (more) screen.note("there are more than --limit: run the same again for the next ones")
  if (!yes) screen.note("this was a dry run: nothing was written but its audit line; give --yes to do it")
})

/** `projections failed redrive`. */
export const failedRedrive = Effect.fnUntraced(function* (options: FailedRedriveOptions) {
  const { keys, yes, dryRun, rate, json, since, until, limit } = options
  if (yes && dryRun) return yield* usageError("--yes does it and --dry-run does not: give one of them")
  const why = yield* Effect.asSome(requireWhy(options.why))
  yield* onSite(options, (site) =>
    Effect.gen(function* () {
      const account: Account = { events: 0, refused: 0, handedOver: [], left: [] }
      let matched = 0
      const work = Effect.gen(function* () {
        const selected = yield* selectBatches(keys, options)
        matched = selected.keys.length
        const progress = yield* makeProgress(matched)
        for (const [i, key] of selected.keys.entries()) {
          const goOn = yield* bringBack(key, options, account)
          if (yes) yield* progress(i + 1)
          if (goOn) continue
          const untried = selected.keys.slice(i + 1)
          account.left.push(...untried.map((key) => ({ key, why: "not tried, because nothing was taken any more" })))
          break
        }
        return selected.more
      })
      const range = keys.length > 0 ? { keys } : { since, until, limit }
      const filters = given({ ...range, ...(yes ? { rate } : { dryRun: true }) })
      const more = yield* audited({ site, command: "failed redrive", filters, why }, work, () => ({
        outcome: yes ? (account.left.length > 0 ? "partly redriven" : "redriven") : "dry run",
        counts: countsOf(account, matched)
      }))
      yield* report(account, matched, more, yes, json)
      yield* insistOnBatches(matched === 0 ? [] : [matched])
      if (account.left.length > 0)
        return yield* new CliExit({
          code: EXIT.partly,
          message: `${batches(account.left.length)} ${yes ? "stay" : "would stay"} in the failures bucket; run it again when the cause is removed`
        })
    })
  )
})
