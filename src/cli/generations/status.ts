import { Clock, Effect } from "effect"
import { Command } from "effect/cli"
import { iso } from "../../domain/stamp.ts"
import { lagOf, settledAt } from "../../domain/watermark.ts"
import { readAudit } from "../../pipeline/audit/checkpoint.ts"
import { type GenerationStatus, status as generationsStatus } from "../../pipeline/generations.ts"
import { readCheckpoint } from "../../pipeline/reconcile/checkpoint.ts"
import { FailedBatches } from "../../store/failed-batches.ts"
import { type QueueDepth, QueueDepths } from "../../store/queue-depths.ts"
import { RejectedEvents } from "../../store/rejected-events.ts"
import { WatermarkStore } from "../../store/watermark.ts"
import { auditLines } from "../audit/text.ts"
import { sizeOfGeneration } from "../cost.ts"
import { sweepLines } from "../reconcile/progress.ts"
import { present } from "../report.ts"
import { number, Screen, table } from "../screen.ts"
import { onTables, type StackTarget } from "../stack/stack.ts"

/** Rejected events are counted up to this many. */
const MOST = 10_000

/** Who uses a generation. */
const roleOf = ({ readers, previous, retired }: GenerationStatus): string =>
  [readers ? "readers" : "", previous && !readers ? "previous" : "", retired === undefined ? "" : "retired"]
    .filter((word) => word !== "")
    .join(", ") || "-"

const all = ({ due, taken, delayed }: QueueDepth): number => due + taken + delayed

/** Up to when everything is settled, and how many seconds that is behind what is due. Undefined before the first event or heartbeat. */
const settledNow = Effect.gen(function* () {
  const level = yield* (yield* WatermarkStore).read
  if (level === undefined) return undefined
  const now = yield* Clock.currentTimeMillis
  return { through: iso(settledAt(level, now)), behindSeconds: Math.ceil(lagOf(level, now) / 1_000) }
})

/** How much there is, and whether there is more than was counted. */
interface Count {
  readonly count: number
  readonly more: boolean
}

const countText = ({ count, more }: Count): string => `${number(count)}${more ? " or more" : ""}`

/** What waits for people. */
const waitingNow = Effect.gen(function* () {
  const [rejected, failures] = [yield* RejectedEvents, yield* FailedBatches]
  const quarantine = yield* rejected.list("quarantine", { limit: MOST })
  const parked = yield* rejected.list("parked", { limit: MOST })
  const failed = yield* failures.list({ limit: MOST })
  return {
    quarantined: { count: quarantine.events.length, more: quarantine.more },
    parked: { count: parked.events.length, more: parked.more },
    failed: { count: failed.batches.length, more: failed.more }
  }
})

const observe = Effect.fnUntraced(function* (stack: StackTarget) {
  const depths = yield* QueueDepths
  const generations = yield* Effect.forEach(yield* generationsStatus, (one) =>
    Effect.map(sizeOfGeneration(stack, one.generation), ({ items, counted }) => ({ ...one, rows: items, counted }))
  )
  const settled = (yield* settledNow) ?? null
  const settle = yield* depths.of(stack.outputs.settleQueueUrl)
  const deadLetters = {
    rule: all(yield* depths.of(stack.outputs.ruleDlqUrl)),
    settle: all(yield* depths.of(stack.outputs.settleDlqUrl))
  }
  const { checkpoint } = yield* readCheckpoint
  // A folder that no run has open sweeps no more, and tells of the last sweep all the same.
  const sweeps =
    stack.outputs.reconcileFunctionName !== "" || checkpoint.last !== undefined || checkpoint.sweep !== undefined
  const reconciled = sweeps ? checkpoint : null
  const audited = (yield* readAudit).checkpoint
  const audits = stack.outputs.auditFunctionName !== "" || audited !== undefined
  return {
    stack: stack.name,
    generations,
    settled,
    settle,
    deadLetters,
    waiting: yield* waitingNow,
    reconciled,
    ...(audits ? { audited: audited ?? null } : {})
  }
})

type Observed = Effect.Success<ReturnType<typeof observe>>

const generationTable = ({ generations }: Observed, aligned: boolean) =>
  table(
    ["GENERATION", "USED BY", "FEED", "ROWS"],
    generations.map((one) => [
      one.generation,
      roleOf(one),
      one.retired === undefined ? "on" : `off since ${iso(one.retired.at)}`,
      `${one.counted ? "" : "about "}${number(one.rows)}`
    ]),
    aligned
  )

const settledTable = ({ settled }: Observed, aligned: boolean) =>
  table(
    ["SETTLED THROUGH", "BEHIND"],
    [settled === null ? ["-", "-"] : [settled.through, `${number(settled.behindSeconds)} s`]],
    aligned
  )

const waitingTable = ({ settle, deadLetters, waiting }: Observed, aligned: boolean) =>
  table(
    ["WAITING", "COUNT", "SEE"],
    [
      ["to settle, not due yet", number(settle.delayed), "-"],
      ["to settle, due", number(settle.due + settle.taken), "-"],
      ["dead letters of the rule", number(deadLetters.rule), "-"],
      ["dead letters of the settle queue", number(deadLetters.settle), "-"],
      ["quarantined", countText(waiting.quarantined), "projections quarantine list"],
      ["parked", countText(waiting.parked), "projections parked list"],
      ["failed batches", countText(waiting.failed), "projections failed list"]
    ],
    aligned
  )

export const status = Command.make("status", {}, () =>
  onTables(
    Effect.fnUntraced(function* (stack) {
      const { outputIsTerminal: aligned } = yield* Screen
      const document = yield* observe(stack)
      const tables = [generationTable, settledTable, waitingTable].map((tableOf) => tableOf(document, aligned))
      const sweeps = document.reconciled === null ? [] : ["", ...sweepLines(document.reconciled)]
      const audits = document.audited === undefined ? [] : ["", ...auditLines(document.audited ?? undefined)]
      yield* present({
        document,
        lines: [...tables.flatMap((text, i) => (i === 0 ? [text] : ["", text])), ...sweeps, ...audits]
      })
    })
  )
).pipe(
  Command.withDescription(
    "Generations and who reads them, up to when all is settled, what waits, and when it was last compared with Genesys Cloud"
  )
)
