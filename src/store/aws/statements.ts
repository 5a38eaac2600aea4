import { BatchExecuteStatementCommand, type BatchStatementRequest, type DynamoDBClient } from "@aws-sdk/client-dynamodb"
import { Effect, Result } from "effect"
import { RetryStatistics } from "../counters.ts"
import type { Item } from "./attribute.ts"
import { blamesRow, type Fault, faultNamed, isThrottle } from "./faults.ts"
import { attempt, chunks, inRounds } from "./retry.ts"

/** What one `BatchExecuteStatement` takes, and how many run at a time. */
const STATEMENTS_A_CALL = 25
const CALLS_IN_FLIGHT = 8

/**
 * How a statement ended: done without a fault. `unsure`: an earlier try of it may have taken effect, so that a refusal may
 * mean our own write.
 */
export interface Executed {
  readonly fault: Fault | undefined
  readonly unsure: boolean
}

/** `INSERT` of a whole item: refused as `DuplicateItem` when its key is there. */
export const insertStatement = (table: string, item: Item): BatchStatementRequest => {
  const names = Object.keys(item).map((name) => `'${name.replaceAll("'", "''")}': ?`)
  return { Statement: `INSERT INTO "${table}" VALUE {${names.join(", ")}}`, Parameters: Object.values(item) }
}

/** `UPDATE` that sets and removes attributes where the key and a guard match: refused as `ConditionalCheckFailed` otherwise. */
export const updateStatement = (table: string, set: Item, remove: ReadonlyArray<string>, where: Item) => {
  const clauses = [
    ...Object.keys(set).map((name) => `SET ${quoted(name)} = ?`),
    ...remove.map((name) => `REMOVE ${quoted(name)}`),
    `WHERE ${Object.keys(where)
      .map((name) => `${quoted(name)} = ?`)
      .join(" AND ")}`
  ]
  return {
    Statement: `UPDATE "${table}" ${clauses.join(" ")}`,
    Parameters: [...Object.values(set), ...Object.values(where)]
  }
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/**
 * Executes statements on different keys, each on its own: one that fails does not touch the others. What is refused for want of
 * capacity is packed again and retried until time is up. Returns one outcome each, in the order of its input.
 */
export const execute = Effect.fnUntraced(function* (
  client: DynamoDBClient,
  statements: ReadonlyArray<BatchStatementRequest>
) {
  const statistics = yield* RetryStatistics
  const faults = new Array<Fault | undefined>(statements.length)
  const unsure = new Array<boolean>(statements.length).fill(false)
  const settle = (at: number, fault: Fault | undefined) => {
    faults[at] = fault
    if (fault?.unsure) unsure[at] = true
  }

  const call = (positions: ReadonlyArray<number>): Effect.Effect<void> => {
    const command = new BatchExecuteStatementCommand({
      Statements: positions.map((at) => statements[at] as BatchStatementRequest)
    })
    return Effect.flatMap(
      attempt("BatchExecuteStatement", (abortSignal) => client.send(command, { abortSignal })),
      (result) => {
        if (Result.isSuccess(result)) {
          const responses = result.success.Responses ?? []
          positions.forEach((at, i) => {
            const { Error: error } = responses[i] ?? { Error: { Code: "InternalServerError" } }
            const fault = error === undefined ? undefined : faultNamed(error.Code ?? "Unknown")
            if (fault !== undefined && isThrottle(fault)) statistics.add("throttles", 1)
            settle(at, fault)
          })
          return Effect.void
        }
        const fault = result.failure
        // One of its statements may be to blame for the call; halves find it.
        if (blamesRow(fault) && positions.length > 1) {
          const half = Math.ceil(positions.length / 2)
          return Effect.andThen(
            call(positions.slice(0, half)),
            Effect.suspend(() => call(positions.slice(half)))
          )
        }
        for (const at of positions) settle(at, fault)
        return Effect.void
      }
    )
  }

  yield* inRounds([...statements.keys()], (positions) =>
    Effect.map(
      Effect.forEach(chunks(positions, STATEMENTS_A_CALL), call, { concurrency: CALLS_IN_FLIGHT, discard: true }),
      () => positions.filter((at) => faults[at]?.retryable)
    )
  )
  return statements.map((_, at): Executed => ({ fault: faults[at], unsure: unsure[at] as boolean }))
})
