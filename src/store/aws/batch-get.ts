import { BatchGetItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb"
import { Effect, Result } from "effect"
import { RetryStatistics } from "../counters.ts"
import type { Item } from "./attribute.ts"
import { blamesRow, type Fault, faultNamed } from "./faults.ts"
import { attempt, chunks, inRounds } from "./retry.ts"

/** What one `BatchGetItem` takes, and how many run at a time. */
const KEYS_A_CALL = 100
const CALLS_IN_FLIGHT = 8

export interface Located<I = Item> {
  readonly table: string
  readonly item: I
}

interface Wanted<I> {
  Keys: Array<I>
  ConsistentRead?: boolean | undefined
}

/** Sends one `BatchGetItem`, whose items are in DynamoDB's own notation, or plain values where a document client sends it. */
export type SendBatch<I> = (
  RequestItems: Record<string, Wanted<I>>,
  abortSignal: AbortSignal
) => Promise<{
  readonly Responses?: Record<string, Array<I>> | undefined
  readonly UnprocessedKeys?: Record<string, { readonly Keys?: Array<I> | undefined }> | undefined
}>

/** Told of a key that DynamoDB refuses. */
export type OnRefused<I = Item> = (key: Located<I>, fault: Fault) => void

/**
 * Reads items by their keys (`item` holds the key; no key twice), consistently unless told otherwise. Those that are not there are absent.
 * With `onRefused` a key that DynamoDB refuses is told apart from the others, unless it refuses every one of several; without, it fails all.
 */
export const batchGet = (
  client: DynamoDBClient,
  keys: ReadonlyArray<Located>,
  consistent = true,
  onRefused?: OnRefused
) =>
  batchGetBy<Item>(
    (RequestItems, abortSignal) => client.send(new BatchGetItemCommand({ RequestItems }), { abortSignal }),
    keys,
    consistent,
    onRefused
  )

/** The same by any client. */
export const batchGetBy = Effect.fnUntraced(function* <I>(
  send: SendBatch<I>,
  keys: ReadonlyArray<Located<I>>,
  consistent = true,
  onRefused?: OnRefused<I>
) {
  const statistics = yield* RetryStatistics
  const found: Array<Located<I>> = []
  let fault: Fault = faultNamed("ProvisionedThroughputExceeded")

  const refused: Array<readonly [Located<I>, Fault]> = []

  const call: (wanted: ReadonlyArray<Located<I>>) => Effect.Effect<ReadonlyArray<Located<I>>, Fault> =
    Effect.fnUntraced(function* (wanted) {
      const RequestItems: Record<string, Wanted<I>> = {}
      for (const { table, item } of wanted) {
        RequestItems[table] ??= { Keys: [], ConsistentRead: consistent }
        RequestItems[table].Keys.push(item)
      }
      const result = yield* attempt("BatchGetItem", (abortSignal) => send(RequestItems, abortSignal))
      if (Result.isFailure(result)) {
        fault = result.failure
        if (onRefused !== undefined && blamesRow(fault)) {
          // One key may be to blame for the call; halves find it.
          const half = Math.ceil(wanted.length / 2)
          if (wanted.length > 1) return [...(yield* call(wanted.slice(0, half))), ...(yield* call(wanted.slice(half)))]
          for (const key of wanted) refused.push([key, fault])
          return []
        }
        return fault.retryable ? wanted : yield* Effect.fail(fault)
      }
      const { Responses = {}, UnprocessedKeys = {} } = result.success
      for (const [table, items] of Object.entries(Responses)) for (const item of items) found.push({ table, item })
      const left = Object.entries(UnprocessedKeys).flatMap(([table, { Keys = [] }]) =>
        Keys.map((item) => ({ table, item }))
      )
      statistics.add("throttles", left.length)
      return left
    })

  const unread = yield* inRounds(keys, (wanted) =>
    Effect.map(Effect.forEach(chunks(wanted, KEYS_A_CALL), call, { concurrency: CALLS_IN_FLIGHT }), (left) =>
      left.flat()
    )
  )
  if (unread.length > 0 || (refused.length > 1 && refused.length === keys.length)) return yield* Effect.fail(fault)
  for (const [key, why] of refused) onRefused?.(key, why)
  return found
})
