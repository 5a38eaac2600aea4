import { compareStamps } from "../domain/stamp.ts"
import type { Event } from "../genesys/event.ts"
import { beginningOf, type WithSources } from "./fold.ts"
import { differenceOf, type Law } from "./law.ts"
import { purity, storage, summary, topics } from "./own-laws.ts"
import { makePipeline, type Pipeline } from "./pipeline.ts"

/** A way to bring a history through the pipeline. */
type Way = (pipeline: Pipeline, history: ReadonlyArray<Event>) => Promise<unknown>

const rowsBy = async (projections: WithSources, history: ReadonlyArray<Event>, way: Way) => {
  const pipeline = makePipeline(projections, beginningOf(history))
  await way(pipeline, history)
  return pipeline.rows()
}

const inOneBatch: Way = async (pipeline, history) => {
  await pipeline.deliver(history)
  await pipeline.settle()
}

const byOne: Way = async (pipeline, history) => {
  for (const event of history) await inOneBatch(pipeline, [event])
}

const bySeveral: Way = async (pipeline, history) => {
  for (let at = 0; at < history.length; at += 3) await pipeline.deliver(history.slice(at, at + 3))
  await pipeline.settle()
}

const replayed: Way = async (pipeline, history) => {
  await pipeline.deliver(history)
  pipeline.loseMessages()
  await pipeline.replay("all")
}

const replayedMeanwhile: Way = async (pipeline, history) => {
  const half = Math.ceil(history.length / 2)
  await inOneBatch(pipeline, history.slice(0, half))
  await pipeline.deliver(history.slice(half))
  await pipeline.replay("meanwhile")
  await pipeline.settle()
}

/** Compares ways of telling the same; the first is how it ought to be. */
const sameBy =
  (first: Way, ...others: ReadonlyArray<Way>): Law["difference"] =>
  async (projections, history) => {
    const expected = await rowsBy(projections, history, first)
    for (const way of others) {
      const found = differenceOf(expected, await rowsBy(projections, history, way))
      if (found !== undefined) return found
    }
    return undefined
  }

const byTime = (history: ReadonlyArray<Event>): ReadonlyArray<Event> =>
  [...history].sort((a, b) =>
    compareStamps(
      { clock: a.published, published: a.published, eventId: a.id },
      { clock: b.published, published: b.published, eventId: b.id }
    )
  )

const order = sameBy(
  (pipeline, history) => byOne(pipeline, byTime(history)),
  byOne,
  (pipeline, history) => byOne(pipeline, history.toReversed())
)

const duplication = sameBy(byOne, async (pipeline, history) => {
  await byOne(pipeline, history)
  await byOne(pipeline, history.toReversed())
})

/** All laws. Those whose breach explains others come first. */
export const laws: ReadonlyArray<Law> = [
  {
    name: "topics",
    says: "it folds no topic that it does not list, for only the listed ones reach it.",
    difference: topics
  },
  {
    name: "storage",
    says: "registers hold JSON, no column has a name that the store needs, and a row that is read back is the same.",
    difference: storage
  },
  {
    name: "purity",
    says: "the same event leads to the same updates, and the same registers to the same columns, however often they are asked for.",
    difference: purity
  },
  { name: "order", says: "the order in which events arrive does not change a row.", difference: order },
  { name: "duplication", says: "an event that arrives again changes nothing.", difference: duplication },
  {
    name: "batching",
    says: "how many events come in one batch does not change a row.",
    difference: sameBy(byOne, bySeveral, inOneBatch)
  },
  {
    name: "replay",
    says: "a replay of the stored events leads to the rows that live events led to, alone or while live goes on.",
    difference: sameBy(byOne, replayed, replayedMeanwhile)
  },
  {
    name: "summary",
    says: "a summary needs no closed row, no order of rows, and no column that it does not name.",
    difference: summary
  }
]
