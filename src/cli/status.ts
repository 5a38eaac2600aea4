import { Clock, Effect } from "effect"
import { iso } from "../domain/time.ts"
import { lagOf, settledAt } from "../domain/watermark.ts"
import { type GenerationStatus, status as generationsStatus } from "../pipeline/generations.ts"
import { FailedBatches } from "../store/failed-batches.ts"
import { type QueueDepth, QueueDepths } from "../store/queue-depths.ts"
import { RejectedEvents } from "../store/rejected-events.ts"
import { WatermarkStore } from "../store/watermark.ts"
import { number, sizeOfGeneration } from "./cost.ts"
import type { SiteOptions } from "./flags.ts"
import { Screen, table } from "./screen.ts"
import { onTables } from "./tables.ts"

/** Held events are counted up to so many. */
const MOST = 10_000

export interface StatusOptions extends SiteOptions {
  readonly json: boolean
}

/** What a generation is to readers and to the feed. */
const roleOf = ({ readers, previous, retired }: GenerationStatus): string =>
  [readers ? "readers" : "", previous && !readers ? "previous" : "", retired === undefined ? "" : "retired"]
    .filter((word) => word !== "")
    .join(", ") || "-"

const counted = (count: number, more: boolean): string => `${number(count)}${more ? " or more" : ""}`

const all = ({ due, taken, delayed }: QueueDepth): number => due + taken + delayed

/** How far everything is settled, and by how many seconds that is behind what is due; nothing before the first event or heartbeat. */
const settledNow = Effect.gen(function* () {
  const level = yield* (yield* WatermarkStore).read
  if (level === undefined) return undefined
  const now = yield* Clock.currentTimeMillis
  const behindSeconds = Math.ceil(lagOf(level, now) / 1_000)
  return { through: iso(settledAt(level, now)), behindSeconds }
})

/** `projections status`. */
export const status = (options: StatusOptions) =>
  onTables(options, (site) =>
    Effect.gen(function* () {
      const screen = yield* Screen
      const depths = yield* QueueDepths
      const [held, failures] = [yield* RejectedEvents, yield* FailedBatches]
      const generations = yield* Effect.forEach(yield* generationsStatus, (one) =>
        Effect.map(sizeOfGeneration(site, one.generation), ({ items, counted }) => ({ ...one, rows: items, counted }))
      )
      const settled = yield* settledNow
      const settle = yield* depths.of(site.outputs.settleQueueUrl)
      const deadLetters = {
        rule: all(yield* depths.of(site.outputs.ruleDlqUrl)),
        settle: all(yield* depths.of(site.outputs.settleDlqUrl))
      }
      const [quarantine, parked] = [
        yield* held.list("quarantine", { limit: MOST }),
        yield* held.list("parked", { limit: MOST })
      ]
      const failed = yield* failures.list({ limit: MOST })
      const waiting = {
        quarantined: { count: quarantine.events.length, more: quarantine.more },
        parked: { count: parked.events.length, more: parked.more },
        failed: { count: failed.batches.length, more: failed.more }
      }
      if (options.json) {
        const document = { stack: site.name, generations, settled: settled ?? null, settle, deadLetters, waiting }
        screen.print(JSON.stringify(document, undefined, 2))
        return
      }
      screen.print(
        table(
          ["GENERATION", "USED BY", "FEED", "ROWS"],
          generations.map((one) => [
            one.generation,
            roleOf(one),
            one.retired === undefined ? "on" : `off since ${iso(one.retired.at)}`,
            `${one.counted ? "" : "about "}${number(one.rows)}`
          ]),
          screen.outputIsTerminal
        )
      )
      screen.print("")
      screen.print(
        table(
          ["SETTLED THROUGH", "BEHIND"],
          [settled === undefined ? ["-", "-"] : [settled.through, `${number(settled.behindSeconds)} s`]],
          screen.outputIsTerminal
        )
      )
      screen.print("")
      screen.print(
        table(
          ["WAITING", "COUNT", "SEE"],
          [
            ["to settle, not due yet", number(settle.delayed), "-"],
            ["to settle, due", number(settle.due + settle.taken), "-"],
            ["dead letters of the rule", number(deadLetters.rule), "-"],
            ["dead letters of the settle queue", number(deadLetters.settle), "-"],
            [
              "quarantined",
              counted(waiting.quarantined.count, waiting.quarantined.more),
              "projections quarantine list"
            ],
            ["parked", counted(waiting.parked.count, waiting.parked.more), "projections parked list"],
            ["given-up batches", counted(waiting.failed.count, waiting.failed.more), "projections failed list"]
          ],
          screen.outputIsTerminal
        )
      )
    })
  )
