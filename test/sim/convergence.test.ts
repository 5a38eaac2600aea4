import { assert, describe, it } from "@effect/vitest"
import { type SeededRandom, seededRandom } from "aws-in-process/random"
import { Effect } from "effect"
import { projections } from "../../projections/index.ts"
import type { Arrival } from "../../src/pipeline/append.ts"
import { type Core, makeCore, modelOf } from "../support/core.ts"
import { arrival, historyOf } from "../support/history.ts"
import { seeds } from "../support/seeds.ts"
import { snapshotsAbout } from "../support/snapshots.ts"

const idOf = (line: string): string | undefined => {
  try {
    return (JSON.parse(line) as { id?: string } | null)?.id
  } catch {
    return undefined
  }
}

/**
 * A wild history, with snapshots of what it is about, in which all copies of an event arrive at one time: the first arrival is part of what an
 * event is, since it decides what becomes of a clock that is ahead.
 */
const wild = (seed: number, chaos: number, count = 900): ReadonlyArray<Arrival> => {
  const first = new Map<string, number>()
  const events = historyOf(count, { seed, chaos }).map(({ line, at }) => {
    const id = idOf(line) ?? line
    if (!first.has(id)) first.set(id, at)
    return arrival(line, first.get(id) ?? at)
  })
  const lines = events.map(({ raw }) => Buffer.from(raw).toString())
  const snapshots = snapshotsAbout(lines, seededRandom(seed)).map((line) =>
    arrival(line, Date.parse(JSON.parse(line).detail.timestamp) + 1_000)
  )
  assert.isAbove(snapshots.length, events.length / 20)
  return [...events, ...snapshots]
}

const cut = <A>(list: ReadonlyArray<A>, random: SeededRandom, most: number): ReadonlyArray<ReadonlyArray<A>> => {
  const batches: Array<ReadonlyArray<A>> = []
  for (let at = 0; at < list.length; ) {
    const size = 1 + random.int(most)
    batches.push(list.slice(at, at + size))
    at += size
  }
  return batches
}

/** Two workers on one list of batches: whoever is free takes the next, and each store call lets the other go on. */
const both = async <A>(batches: ReadonlyArray<A>, work: (batch: A) => Promise<unknown>): Promise<void> => {
  const left = [...batches]
  const worker = async () => {
    for (let batch = left.shift(); batch !== undefined; batch = left.shift()) await work(batch)
  }
  await Promise.all([worker(), worker()])
}

/** A core whose stores yield before each call as often as the random say, so that workers interleave in ever other ways. */
const interleaved = (random: SeededRandom): Core => {
  const after = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.suspend(() => {
      let turns: Effect.Effect<void> = Effect.void
      for (let i = random.int(4); i > 0; i--) turns = Effect.andThen(turns, Effect.yieldNow)
      return Effect.andThen(turns, effect)
    })
  return makeCore({
    projections,
    events: (inner) => ({ ...inner, append: (events) => after(inner.append(events)) }),
    rows: (inner) => ({
      ...inner,
      load: (keys, consistent) => after(inner.load(keys, consistent)),
      save: (writes) => after(inner.save(writes)),
      rows: (projection, entity) => after(inner.rows(projection, entity)),
      open: (...of) => after(inner.open(...of)),
      summary: (...of) => after(inner.summary(...of)),
      summarise: (...summary) => after(inner.summarise(...summary))
    })
  })
}

const END = Date.UTC(2030, 0)

/** One of the ways in which a history can reach the tables. */
const arrange = async (history: ReadonlyArray<Arrival>, random: SeededRandom) => {
  const again = history.filter(() => random.chance(0.2))
  const core = interleaved(random.fork("yields"))
  let conflicts = 0
  await both(cut(random.shuffle([...history, ...again]), random, 200), async (batch) => {
    assert.deepStrictEqual((await core.deliver(batch)).failed, [])
  })
  const bodies = core.queue.take(END)
  const twice = bodies.filter(() => random.chance(0.2))
  await both(cut(random.shuffle([...bodies, ...twice]), random, 6), async (batch) => {
    const report = await core.settle(batch)
    assert.deepStrictEqual(report.failed, [])
    conflicts += report.conflicts
  })
  return { core, conflicts }
}

describe("the same events", () => {
  it.each(seeds(4))(
    "[P3] end in the same rows, byte for byte, however they are permuted, repeated, batched and split over two workers (seed %i)",
    async (seed) => {
      const random = seededRandom(seed)
      const history = wild(seed, random.next())
      const inOrder = makeCore({ projections })
      await inOrder.deliver(history)
      await inOrder.settle(inOrder.queue.take(END))
      const model = modelOf(inOrder.events.stored(), projections)
      assert.isAbove(model.length, 80)
      assert.deepStrictEqual(inOrder.dump(), model)
      let conflicts = 0
      for (let arrangement = 0; arrangement < 4; arrangement++) {
        const { core, ...counts } = await arrange(history, random.fork(`arrangement ${arrangement}`))
        assert.strictEqual(core.events.stored().size, inOrder.events.stored().size)
        assert.deepStrictEqual(core.dump(), model, `arrangement ${arrangement}`)
        conflicts += counts.conflicts
      }
      assert.isAbove(conflicts, 0, "the workers never met on a row")
    }
  )

  it.each(seeds(2, 101))(
    "[P3] [P6] end in the same rows when a part comes hours late, event by event (seed %i)",
    async (seed) => {
      const random = seededRandom(seed)
      const history = wild(seed, 0.5, 400)
      const tardy = new Set(random.shuffle(history).slice(0, 100))
      const punctual = history.filter((one) => !tardy.has(one))
      const core = makeCore({ projections })
      for (const part of [punctual, ...[...tardy].map((one) => [one])]) {
        await core.deliver(part)
        await core.settle(core.queue.take(END))
      }
      assert.deepStrictEqual(core.dump(), modelOf(core.events.stored(), projections))
    }
  )
})
