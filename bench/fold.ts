import { Result } from "effect"
import type { agents } from "../projections/agents.ts"
import type { Delta } from "../src/domain/delta.ts"
import { registerKey } from "../src/domain/delta.ts"
import { compareStamps } from "../src/domain/stamp.ts"
import { foldWith, topicsOf } from "../src/pipeline/replay/fold.ts"
import type { Item } from "../src/store/aws/attribute.ts"
import { ofTopics, restore } from "../src/store/aws/event-source.ts"

const WINDOW = { settle: 5_000, skew: 300_000 }

/** Folds stored items as a replay does, and returns the number of registers. Throws where an item cannot be restored or a fold refuses. */
export const foldItems = (projection: typeof agents, items: ReadonlyArray<Item>): number => {
  const fold = foldWith([projection], {}, WINDOW)
  const gathered = new Map<string, Delta>()
  for (const item of ofTopics(items, topicsOf([projection], {}))) {
    const { deltas, refusal } = fold(Result.getOrThrow(restore(item)))
    if (refusal !== undefined) throw refusal
    for (const delta of deltas ?? []) {
      const key = registerKey(delta)
      const held = gathered.get(key)
      if (held === undefined || compareStamps(delta.stamp, held.stamp) >= 0) gathered.set(key, delta)
    }
  }
  return gathered.size
}
