import type { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import { Effect } from "effect"
import { CapacityUsed } from "../counters.ts"

/** What an answer says of capacity: for one table, or for each. */
type Capacity = { readonly CapacityUnits?: number }

/** Operations that read. All others write. */
const READS = /^(?:Batch)?Get|^Query|^Scan/

/** Makes a client ask, with each call, what the call has spent. */
export const ask = (client: DynamoDBClient): DynamoDBClient => {
  client.middlewareStack.add(
    (next) => (args) =>
      next({ ...args, input: { ...args.input, ReturnConsumedCapacity: "TOTAL" } as typeof args.input }),
    { step: "initialize", name: "askForConsumedCapacity" }
  )
  return client
}

/** Adds what the answer to an operation says it has spent, if it says so. */
export const meter = Effect.fnUntraced(function* (operation: string, answer: unknown) {
  const spent = (answer as { readonly ConsumedCapacity?: Capacity | ReadonlyArray<Capacity> } | undefined)
    ?.ConsumedCapacity
  if (spent === undefined) return
  const consumed = yield* CapacityUsed
  for (const { CapacityUnits = 0 } of Array.isArray(spent) ? spent : [spent])
    consumed.add(READS.test(operation) ? "readUnits" : "writeUnits", CapacityUnits)
})
