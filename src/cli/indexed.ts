import { Effect } from "effect"
import { retiredGenerations } from "../pipeline/generations.ts"
import { EntityIndex } from "../store/entity-index.ts"
import { TableSizes } from "../store/table-sizes.ts"
import type { StackTarget } from "./stack-target.ts"

/**
 * A deployment makes the index first and then tells append, and an invocation that has begun by then goes on for as long as Lambda lets
 * it: 15 minutes.
 */
const ALLOWANCE_MS = 15 * 60_000

/**
 * An index by entity. `from`: only of events that arrived after this time (epoch ms) does it know for certain what they say; absent where
 * that is all events.
 */
export interface Indexed {
  readonly index: EntityIndex["Service"]
  readonly from?: number
}

/**
 * The index by entity of a stack, for a generation, or why there is none, for people. It lists what is folded while it is kept, so that it
 * does not follow a generation that is retired, and one that was added later from then on.
 */
export const indexOf = Effect.fnUntraced(function* ({ outputs }: StackTarget, generation: string) {
  const { entityIndexName, eventTableName, projectionTables } = outputs
  if (entityIndexName === "") return "there is no index by entity"
  if ((yield* retiredGenerations).has(generation))
    return `the index by entity does not follow ${generation}, which is retired`
  const { since } = yield* TableSizes
  const [events, entities, rows] = yield* Effect.all(
    [since(eventTableName), since(entityIndexName), since(projectionTables[generation]?.name ?? "")],
    { concurrency: 3 }
  )
  // A deployment that makes all of them makes the index before the event table, and the others when it comes to them.
  const late = [...(entities > events ? [entities] : []), ...(rows > events + ALLOWANCE_MS ? [rows] : [])]
  const from = late.length === 0 ? {} : { from: Math.max(...late) + ALLOWANCE_MS }
  return { index: yield* EntityIndex, ...from } satisfies Indexed as Indexed
})
