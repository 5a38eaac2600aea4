import { Effect, Result } from "effect"
import type { HandedOver } from "../hand-over.ts"
import { blamesContent } from "./faults.ts"
import { packed } from "./packing.ts"
import { attempt, inRounds } from "./retry.ts"

/** Why a service did not take one item of a call that it answered, and whether it may take it later. */
export interface NotTaken {
  readonly reason: string
  readonly again: boolean
}

/** A call that hands over several items. */
export interface BatchCall<A> {
  /** As AWS names it. */
  readonly operation: string
  /** What one call takes. */
  readonly items: number
  readonly bytes: number
  readonly bytesOf: (item: A) => number
  /** Calls at once; 1 by default. */
  readonly atOnce?: number
  /** Sends items, and returns for each of them why it was not taken, or undefined. */
  readonly send: (items: ReadonlyArray<A>, signal: AbortSignal) => Promise<ReadonlyArray<NotTaken | undefined>>
}

interface Item<A> {
  readonly at: number
  readonly value: A
  readonly bytes: number
}

/** A sender's fault may also be one of rights or keys, which no item can help. */
const notTaken = (reason: string): HandedOver => ({
  _tag: blamesContent(reason) ? "refused" : "unavailable",
  reason
})

/**
 * Hands items over in as few calls as take them, and again while time is left and the service may take them later. A call that is refused for what
 * it holds is split until the one to blame stands alone. One outcome each, in the order of the input.
 */
export const handOver = Effect.fnUntraced(function* <A>(how: BatchCall<A>, values: ReadonlyArray<A>) {
  const outcomes = new Array<HandedOver>(values.length)

  /** Returns the items that may be tried again. */
  const call: (items: ReadonlyArray<Item<A>>) => Effect.Effect<ReadonlyArray<Item<A>>> = Effect.fnUntraced(
    function* (items) {
      const result = yield* attempt(how.operation, (signal) =>
        how.send(
          items.map(({ value }) => value),
          signal
        )
      )
      if (Result.isSuccess(result))
        return items.filter(({ at }, i) => {
          const refusal = result.success[i]
          outcomes[at] = refusal === undefined ? { _tag: "accepted" } : notTaken(refusal.reason)
          return refusal?.again === true
        })
      const { reason, retryable } = result.failure
      if (blamesContent(reason) && items.length > 1) {
        const half = items.length >> 1
        return [...(yield* call(items.slice(0, half))), ...(yield* call(items.slice(half)))]
      }
      for (const { at } of items) outcomes[at] = notTaken(reason)
      return retryable ? items : []
    }
  )

  const items = values.map((value, at) => ({ at, value, bytes: how.bytesOf(value) }))
  yield* inRounds(items, (open) =>
    Effect.map(Effect.forEach(packed(open, how.items, how.bytes), call, { concurrency: how.atOnce ?? 1 }), (left) =>
      left.flat()
    )
  )
  return outcomes
})
