import { assert, describe, it } from "@effect/vitest"
import { virtualClock } from "aws-in-process/clock"
import { type SeededRandom, seededRandom } from "aws-in-process/random"
import { runVirtual } from "aws-in-process/run-virtual"
import { Effect } from "effect"
import { agents } from "../../projections/agents.ts"
import type { Derivation } from "../../src/domain/derivation.ts"
import { generation, type Projection, STATE_ROW } from "../../src/domain/projection.ts"
import { compareStamps } from "../../src/domain/stamp.ts"
import type { Event } from "../../src/genesys/event.ts"
import { type Arrival, appendBatch } from "../../src/pipeline/append.ts"
import { Projections } from "../../src/pipeline/folding.ts"
import { fedProjections, promote, readersOf, retire } from "../../src/pipeline/generations.ts"
import { projectMessages } from "../../src/pipeline/project-messages.ts"
import { ReplayBounds } from "../../src/pipeline/replay/budget.ts"
import { replayAll } from "../../src/pipeline/replay/replay.ts"
import { Deadline } from "../../src/store/deadline.ts"
import { makeCore, modelOf } from "../support/core.ts"
import { delivered } from "../support/delivered.ts"
import { arrivalsOf, historyOf, START } from "../support/history.ts"
import { planOf } from "../support/replay.ts"
import { seeds, UNHURRIED } from "../support/seeds.ts"

type Of = Projection<Event>

const END = Date.UTC(2030, 0)
const BATCH = 5

/** Longer than what is retired is believed to be fed. */
const BELIEVED = "31 seconds"

/** What agents are in, with the version that says so: rows that follow from two versions at once show it. */
const told = (version: number): Of => ({
  ...{ name: "told", version, key: "id", topics: agents.topics, tombstoneSeconds: 60 },
  deltas: (event) =>
    agents
      .deltas(event)
      .filter(({ row }) => row === STATE_ROW)
      .map((update) => ({ ...update, value: { version, of: update.value } })),
  view: () => ({}),
  closed: () => false
})

/** The last thing that was told. Its second version follows from the second version of what tells it, and the first from the lowest there is. */
const heard = (version: number): Of => {
  const last: Derivation = {
    from: "told",
    since: version,
    register: "last",
    reads: () => ({ rows: [STATE_ROW], open: false }),
    rows: (entity, rows) => [
      {
        entity,
        row: "heard",
        // Registers of one event have one stamp.
        of: () =>
          [...(rows.get(STATE_ROW) ?? [])].sort(
            ([a, { stamp: x }], [b, { stamp: y }]) => compareStamps(y, x) || (a < b ? -1 : 1)
          )[0]?.[1]
      }
    ]
  }
  return { ...told(version), name: "heard", deltas: () => [], derived: [last] }
}

const raised = (of: Of): Of => ({ ...of, version: of.version + 1 })

/** Lets everybody else go first, now and then. */
const yielding =
  (random: SeededRandom) =>
  <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.suspend(() => (random.chance(0.3) ? Effect.andThen(Effect.yieldNow, effect) : effect))

/** A day on which two projections with a second generation each, and the pair above, are replayed, promoted and retired in any order that the command allows. */
const lived = async (seed: number) => {
  const random = seededRandom(`two generations ${seed}`)
  const [one, two] = random.shuffle(delivered)
  const changes = [...[one, two].flatMap((of) => (of ? [[of, raised(of)] as const] : [])), ...[told, heard].map(both)]
  const first = [...delivered, told(1), heard(1)]
  const listed: Array<Of> = [...first]
  const turn = yielding(random.fork("turns"))
  const clock = virtualClock(START + 3_600_000)
  const core = makeCore(
    {
      projections: listed,
      rows: (inner) => ({
        ...inner,
        load: (...of) => turn(inner.load(...of)),
        save: (...of) => turn(inner.save(...of)),
        open: (...of) => turn(inner.open(...of))
      }),
      events: (inner) => ({ ...inner, append: (...of) => turn(inner.append(...of)) })
    },
    clock
  )

  const traffic = Effect.fnUntraced(function* (arrivals: ReadonlyArray<Arrival>) {
    for (let at = 0; at < arrivals.length; at += BATCH) {
      yield* appendBatch(arrivals.slice(at, at + BATCH))
      // Messages wait for as long as the window lasts: a replay may come before them.
      if (random.chance(0.6)) continue
      const bodies = core.queue.take(END)
      yield* projectMessages(bodies, random.chance(0.1))
    }
    yield* projectMessages(core.queue.take(END), false)
  })

  let runs = 0
  const replay = (of: Of) =>
    replayAll(planOf({ id: `replay-${++runs}`, generation: generation(of), segments: 1 + random.int(3) })).pipe(
      Effect.provideService(ReplayBounds, { registers: 40, flushMs: 60_000, verifyRows: 10_000 }),
      Effect.provideService(Deadline, Number.POSITIVE_INFINITY),
      Effect.tap((reports) =>
        Effect.sync(() => assert.isTrue(reports.every(({ state, counts }) => state === "done" && counts.parked === 0)))
      )
    )

  /** Which generation the rows of each follow from, of another projection. */
  const followed = Effect.map(fedProjections, (fed) => {
    const lowest = ({ from, since = 1 }: Derivation) =>
      Math.min(...fed.flatMap(({ name, version }) => (name === from && version >= since ? [version] : [])))
    return new Map(
      fed.map((of) => [
        generation(of),
        (of.derived ?? [])
          .filter(({ from }) => from !== of.name)
          .map((link) => `${link.from}-v${lowest(link)}`)
          .join()
      ])
    )
  })

  /** Generations of which a row may say what no single generation of their source says, until they are replayed. */
  const mixed = new Set<string>()
  let checks = 0

  /** That what readers use is what one generation of everything makes of the store. */
  const check = Effect.gen(function* () {
    const fed = yield* fedProjections
    const used = new Set<string>()
    for (const name of new Set(listed.map(({ name }) => name))) {
      const current = yield* readersOf(name)
      if (!mixed.has(current)) used.add(current)
    }
    const isUsed = (line: string) => used.has(line.split(" ")[0] ?? "")
    const rows = core.dump().filter(isUsed)
    assert.deepStrictEqual(rows, modelOf(core.events.stored(), fed).filter(isUsed), `check ${checks}`)
    for (const line of rows)
      if (line.startsWith("heard-v"))
        assert.include(line, `"version":${(yield* followed).get(line.split(" ")[0] ?? "")?.at(-1)}`)
    checks++
    return rows.length
  })

  const steps = changes.map(([before, after]) => ({
    next: ["replay", "promote", "retire"],
    take: Effect.fnUntraced(function* (step: string) {
      if (step === "replay") return yield* replay(after)
      if (step === "promote") return yield* promote(generation(after), "maria")
      const was = yield* followed
      yield* retire(generation(before), "maria")
      for (const [name, sources] of yield* followed) if (was.get(name) !== sources) mixed.add(name)
    })
  }))

  /** Replays what followed from a generation that is retired, once everybody knows. */
  const settle = Effect.gen(function* () {
    if (random.chance(0.5) || mixed.size > 0) yield* Effect.sleep(BELIEVED)
    for (const of of listed.filter((one) => mixed.has(generation(one)))) yield* replay(of)
    mixed.clear()
  })

  const day = Effect.gen(function* () {
    const arrivals = arrivalsOf(historyOf(240, { seed, chaos: 0.4 }))
    const chunk = Math.ceil(arrivals.length / 12)
    for (let at = 0; at < arrivals.length; at += chunk) {
      if (at === 2 * chunk) {
        listed.push(...random.shuffle(changes.map(([, after]) => after)))
        // A deployment begins anew to ask what is fed.
        yield* Effect.sleep(BELIEVED)
      }
      const open =
        at < 2 * chunk ? [] : random.shuffle(steps.filter(({ next }) => next.length > 0)).slice(0, random.int(3))
      const taken = open.map(({ next, take }) => take(next.shift() ?? ""))
      yield* Effect.all([traffic(arrivals.slice(at, at + chunk)), ...taken], {
        concurrency: "unbounded",
        discard: true
      })
      if (random.chance(0.7)) yield* settle
      yield* check
    }
    for (let open = steps; open.length > 0; open = open.filter(({ next }) => next.length > 0)) {
      const { next, take } = random.pick(open as [(typeof steps)[number]])
      const step = next.shift()
      if (step !== undefined) yield* take(step)
      yield* settle
      yield* check
    }
    for (const [, after] of changes) assert.strictEqual(yield* readersOf(after.name), generation(after))
    return yield* check
  })

  let isOver = false
  const result = core.run(Effect.provideService(day, Projections, listed))
  const end = () => {
    isOver = true
  }
  result.then(end, end)
  await runVirtual(clock, { pending: () => 0, until: () => isOver, limit: 86_400_000 })
  return { rows: await result, checks }
}

const both = (of: (version: number) => Of) => [of(1), of(2)] as const

describe("two generations of two projections at once", () => {
  it.each(seeds(25))(
    "[P8] are replayed, promoted and retired in any order under live traffic, and readers see one of them (seed %i)",
    UNHURRIED,
    async (seed) => {
      const { rows, checks } = await lived(seed)
      assert.isAbove(rows, 60)
      assert.isAtLeast(checks, 13)
    }
  )
})
