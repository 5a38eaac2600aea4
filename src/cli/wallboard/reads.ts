import { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import { Effect } from "effect"
import { MOST_PAGE_ENTRIES } from "../../domain/directory.ts"
import { NoActiveGeneration } from "../../read/errors.ts"
import { agentRows } from "../../read/intervals.ts"
import {
  AGENT_INTERVALS,
  AGENTS,
  type From,
  type Projection,
  QUEUE_INTERVALS,
  QUEUES,
  type ReadContext
} from "../../read/source.ts"
import { type RowAt, tables } from "../../read/tables.ts"
import { client } from "../../store/aws/client.ts"
import { ask } from "../../store/aws/metered.ts"
import { Connection } from "../../store/connection.ts"
import { CapacityUsed, countCapacity } from "../../store/counters.ts"
import type { StackTarget } from "../stack/stack.ts"
import { FailedRead, failedReads } from "./failed-read.ts"

/** An agent or queue of the directory, and its name where that is kept. */
export interface Listed {
  readonly id: string
  readonly name?: string
}

/** Queries that run at once. */
const IN_FLIGHT = 8

/** From which generations readers read at a moment, epoch ms. */
export interface Sources {
  readonly agents: From
  readonly queues: From
  /** Absent where readers of the stack have none. */
  readonly intervals?: From
  readonly level: ReadContext["level"]
  readonly at: number
}

const fromIn = ({ generations }: ReadContext, projection: Projection): From | undefined => {
  const generation = generations.get(projection.name)
  return generation === undefined ? undefined : { projection, generation, consistent: false }
}

/**
 * What the wall reads of a stack, with the rights of its policy for readers, by reads that need not be consistent. `spent` are the read
 * units so far. Lives as long as the scope.
 */
export const makeReads = Effect.fnUntraced(function* ({ outputs, connection }: StackTarget) {
  const dynamo = yield* Effect.provideService(
    client((settings) => ask(new DynamoDBClient(settings))),
    Connection,
    connection
  )
  const { prefix } = outputs
  const source = tables(dynamo, prefix)
  const counted = countCapacity()
  const on = failedReads(outputs.readPolicyArn === "" ? "of the output readPolicyArn" : outputs.readPolicyArn)
  const tableOf = ({ generation }: From) => `${prefix}-${generation}`
  const reading = <A, E>(effect: Effect.Effect<A, E>) => Effect.provideService(effect, CapacityUsed, counted)

  const control = `${prefix}-control`
  const orMissing = (projection: Projection, from: From | undefined) => {
    if (from !== undefined) return Effect.succeed(from)
    const missing = new NoActiveGeneration({ projection: projection.name, table: control })
    return Effect.fail(new FailedRead({ table: control, reason: missing._tag, message: missing.message }))
  }

  const sources = Effect.fnUntraced(function* (withIntervals: boolean) {
    const asked = [AGENTS, QUEUES, ...(withIntervals ? [QUEUE_INTERVALS] : [])]
    const [first, ...others] = asked.map(({ name }) => name)
    const context = yield* source.context([first ?? AGENTS.name, ...others]).pipe(on(control))
    const found = (projection: Projection) => fromIn(context, projection)
    const needed = (projection: Projection) => orMissing(projection, found(projection))
    const intervals = found(QUEUE_INTERVALS)
    const all: Sources = {
      agents: yield* needed(AGENTS),
      queues: yield* needed(QUEUES),
      ...(intervals === undefined ? {} : { intervals }),
      level: context.level,
      at: context.at
    }
    return all
  })

  /** All entries of a kind; none where the stack has no directory. */
  const list = Effect.fnUntraced(function* (kind: "agents" | "queues") {
    const entries: Array<Listed> = []
    let cursor: string | undefined
    do {
      const page = yield* source.directory.list(kind, {}, { limit: MOST_PAGE_ENTRIES, ...(cursor && { cursor }) })
      for (const { id, name } of page.entries) entries.push({ id, ...(name === undefined ? {} : { name }) })
      cursor = page.cursor
    } while (cursor !== undefined)
    return entries
  })

  const agentIntervals = source
    .context([AGENT_INTERVALS.name])
    .pipe(on(control), (read) =>
      Effect.flatMap(read, (context) => orMissing(AGENT_INTERVALS, fromIn(context, AGENT_INTERVALS)))
    )

  return {
    spent: () => counted.counts().readUnits,
    sources: (withIntervals: boolean) => reading(sources(withIntervals)),
    list: (kind: "agents" | "queues") =>
      reading(
        list(kind).pipe(
          Effect.catchTag("NoDirectory", () => Effect.succeed<ReadonlyArray<Listed>>([])),
          on(source.directory.table)
        )
      ),
    /** The open rows of each of these queues. */
    open: (from: From, ids: ReadonlyArray<string>) =>
      reading(
        Effect.forEach(ids, (id) => Effect.map(source.open(from, id), (rows) => ({ id, rows })), {
          concurrency: IN_FLIGHT
        }).pipe(on(tableOf(from)))
      ),
    states: (from: From, ids: ReadonlyArray<string>) =>
      ids.length === 0
        ? Effect.succeed(new Map<string, never>())
        : reading(source.states(from, ids).pipe(on(tableOf(from)))),
    rowsAt: (from: From, keys: ReadonlyArray<RowAt>) =>
      keys.length === 0 ? Effect.succeed([]) : reading(source.rowsAt(from, keys).pipe(on(tableOf(from)))),
    /** The generation of `agent-intervals` that readers use. */
    agentIntervals: reading(agentIntervals),
    /** The rows of an agent's day; see the reader's own. */
    agentRows: (from: From, agentId: string, range: readonly [start: number, end: number]) =>
      reading(agentRows(source, from, agentId, range).pipe(on(tableOf(from)))),
    /** All rows of each of these entities, or those with keys from `first` to `last`. */
    rows: (from: From, ids: ReadonlyArray<string>, keys?: { readonly first: string; readonly last: string }) =>
      reading(
        Effect.forEach(ids, (id) => Effect.map(source.rows(from, id, keys), (rows) => ({ id, rows })), {
          concurrency: IN_FLIGHT
        }).pipe(on(tableOf(from)))
      )
  }
})

export type Reads = Effect.Success<ReturnType<typeof makeReads>>
