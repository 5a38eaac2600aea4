import { Effect, Layer, ManagedRuntime } from "effect"
import { generation } from "../../domain/projection.ts"
import { type Explanation, explain } from "../../pipeline/explain.ts"
import { Projections } from "../../pipeline/folding.ts"
import { readersOf } from "../../pipeline/generations.ts"
import { control } from "../../store/aws/control.ts"
import { DynamoDb } from "../../store/aws/dynamodb.ts"
import { eventStore } from "../../store/aws/event-store.ts"
import { projectionStore } from "../../store/aws/projection-store.ts"
import { S3 } from "../../store/aws/s3.ts"
import { Connection, type ConnectionSettings } from "../../store/connection.ts"
import type { AgentDay } from "../../wallboard/agent-day.ts"
import { type AgentToday, figuresWith, withToday } from "../../wallboard/agent-today.ts"
import type { Days } from "../../wallboard/day.ts"
import type { History, HistoryEntry } from "../../wallboard/history.ts"
import type { RowChange } from "../../wallboard/row-change.ts"
import type { Comparison } from "../../wallboard/view/comparison.ts"
import type { AgentFigures, Quarter } from "../../wallboard/view/day-figures.ts"
import type { Captured } from "../capture.ts"

/**
 * What is known of an agent or queue: each field with the events that set it, also of sessions that a rule has ended; and what changed since
 * the start, the newest first.
 */
export interface Details extends Explanation {
  readonly settleWindowMs: number
  readonly history: ReadonlyArray<HistoryEntry>
  /** What an agent did today, or since the run began where the stack does not fold `agent-intervals`. */
  readonly day?: AgentDay
  /** What happened in a queue today, by quarters of an hour; absent where the stack does not fold `queue-intervals`. */
  readonly quarters?: ReadonlyArray<Quarter>
  /** What Genesys reports of it beside that; absent likewise. */
  readonly compared?: ReadonlyArray<Comparison>
  /** How that adds up; absent where the stack folds neither `agent-intervals` nor `queue-intervals`. */
  readonly today?: AgentFigures
}

/** What is remembered besides the tables. */
export interface Remembered {
  readonly history: Pick<History, "of">
  readonly days: Pick<Days, "of">
  readonly queue: (queueId: string, rows: Explanation["rows"]) => Pick<Details, "quarters" | "compared">
  readonly agentToday: (agentId: string) => AgentToday | undefined
  readonly handled: (agentId: string) => AgentFigures | undefined
}

/** Asks the tables that readers use, as the operator. Undefined for an agent or queue that nothing was ever heard of. */
export const makeDetails = (
  { outputs, projections }: Pick<Captured, "outputs" | "projections">,
  operator: ConnectionSettings,
  { history, days, queue, agentToday, handled }: Remembered
) => {
  const named = outputs.projectionTables as Readonly<Record<string, { readonly name: string }>>
  const tables = projections.flatMap((p) => {
    const table = named[generation(p)]?.name
    return table === undefined ? [] : [[generation(p), { table, key: p.key }] as const]
  })
  const events = { table: String(outputs.eventTableName), overflowBucket: String(outputs.overflowBucketName) }
  const runtime = ManagedRuntime.make(
    Layer.mergeAll(
      eventStore(events),
      projectionStore(Object.fromEntries(tables)),
      control(String(outputs.controlTableName))
    ).pipe(Layer.provide([DynamoDb.layer, S3.layer]), Layer.provide(Layer.succeed(Connection, operator)))
  )
  const settleWindowMs = Number(outputs.settleWindowSeconds) * 1_000
  return {
    of: (kind: RowChange["kind"], id: string): Promise<Details | undefined> =>
      runtime.runPromise(
        Effect.gen(function* () {
          const found = yield* explain(yield* readersOf(kind), id, "inferred").pipe(
            Effect.provideService(Projections, projections)
          )
          const past = history.of(kind, id)
          if (found.rows.length === 0 && past.length === 0) return undefined
          const today = kind === "agents" ? agentToday(id) : undefined
          return {
            ...found,
            settleWindowMs,
            history: past,
            ...(kind === "agents"
              ? { day: withToday(days.of(id), today), ...figuresWith(handled(id), today) }
              : queue(id, found.rows))
          }
        })
      ),
    close: () => runtime.dispose()
  }
}
