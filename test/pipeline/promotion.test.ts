import { assert, describe, it } from "@effect/vitest"
import { seededRandom } from "aws-in-process/random"
import { Effect } from "effect"
import { agents } from "../../projections/agents.ts"
import { queues } from "../../projections/queues.ts"
import { deriveDeltas, generation, type Projection } from "../../src/domain/projection.ts"
import type { Event } from "../../src/genesys/event.ts"
import { type Arrival, appendBatch } from "../../src/pipeline/append.ts"
import { diff } from "../../src/pipeline/diff.ts"
import { Projections } from "../../src/pipeline/folding.ts"
import { promote, readersOf, retire, rollback } from "../../src/pipeline/generations.ts"
import { projectDeltas } from "../../src/pipeline/project.ts"
import { projectMessages } from "../../src/pipeline/project-messages.ts"
import { ProjectionStore } from "../../src/store/projection-store.ts"
import { decoded } from "../store/events.ts"
import { type Core, makeCore, modelOf, WINDOW } from "../support/core.ts"
import { arrivalsOf, historyOf } from "../support/history.ts"

const END = Date.UTC(2030, 0)
type Listed = ReadonlyArray<Projection<Event>>

/** Agents with one register more, from the same facts. */
const version = (number: number, register: string): Projection<Event> => ({
  ...agents,
  version: number,
  deltas: (event) =>
    agents
      .deltas(event)
      .flatMap((update) => (update.register === "presence" ? [update, { ...update, register }] : update))
})
const v2 = version(3, "seen")
const v3 = version(4, "noticed")

const batches = (arrivals: ReadonlyArray<Arrival>, size: number): ReadonlyArray<ReadonlyArray<Arrival>> =>
  Array.from({ length: Math.ceil(arrivals.length / size) }, (_, i) => arrivals.slice(i * size, (i + 1) * size))

/** One batch through append and project, by the code that lists these generations. */
const pass = (core: Core, listed: Listed, arrivals: ReadonlyArray<Arrival>) =>
  core.run(
    Effect.gen(function* () {
      yield* appendBatch(arrivals)
      const { failed } = yield* projectMessages(core.queue.take(END), true)
      assert.deepStrictEqual(failed, [])
    }).pipe(Effect.provideService(Projections, listed))
  )

/** The stored events of this moment into one generation, shuffled and in pieces. Yields between the pieces. */
const rebuild = (core: Core, listed: Listed, of: Projection<Event>, seed: number) => {
  const stored = [...core.events.stored().values()].map(({ envelope, received }) => decoded(envelope, received))
  const deltas = seededRandom(seed)
    .shuffle(stored)
    .flatMap((event) => deriveDeltas([of], event, WINDOW))
  const pieces = Array.from({ length: Math.ceil(deltas.length / 50) }, (_, i) => deltas.slice(i * 50, i * 50 + 50))
  const write = Effect.forEach(pieces, (piece) => Effect.andThen(projectDeltas(piece), Effect.yieldNow), {
    discard: true
  })
  return core.run(Effect.provideService(write, Projections, listed))
}

const linesOf = (lines: ReadonlyArray<string>, ...of: Listed) =>
  lines.filter((line) => of.some((one) => line.startsWith(`${generation(one)} `)))

const history = arrivalsOf(historyOf(600, { chaos: 0.3 }))

describe("a promotion under traffic", () => {
  it("[P8] loses nothing: readers see a whole generation before, between and after, and every agent in each", async () => {
    const core = makeCore({ projections: [agents, v2] })
    const [before, during, after] = [history.slice(0, 200), history.slice(200, 400), history.slice(400)]
    for (const batch of batches(before, 20)) await pass(core, [agents], batch)

    // The new version is deployed: it is fed live at once, and holds nothing of what came before.
    const listed = [agents, v2]
    const known = new Set<string>()
    const seen = new Map<string, number>()
    const read = async () => {
      const name = await core.run(readersOf("agents"))
      seen.set(name, (seen.get(name) ?? 0) + 1)
      for (const line of linesOf(core.dump(), agents)) known.add(line.split(" ")[1] ?? "")
      for (const agent of known) {
        const rows = await core.run(ProjectionStore.use((store) => store.rows(name, agent)))
        // Of one generation and of it alone: what only the second has is in all rows of it, or in none.
        for (const { registers } of rows)
          assert.strictEqual(registers.has("seen"), registers.has("presence") && name === "agents-v3", agent)
        const others = core.rows.rows(name === "agents-v2" ? "agents-v3" : "agents-v2", agent)
        assert.isAtLeast(rows.length, 1, `${agent} has gone`)
        if (seen.size > 1) assert.strictEqual(rows.length, others.length)
      }
    }
    await Promise.all([
      rebuild(core, listed, v2, 7),
      (async () => {
        for (const batch of batches(during, 20)) {
          await pass(core, listed, batch)
          await read()
        }
      })()
    ])
    const moves = [() => promote("agents-v3", "m"), () => rollback("agents", "m"), () => rollback("agents", "m")]
    for (const [i, batch] of batches(after, 10).entries()) {
      const move = i % 3 === 1 ? moves.shift() : undefined
      await Promise.all([pass(core, listed, batch), move && core.run(move())])
      await read()
    }
    assert.deepStrictEqual(moves, [])
    assert.strictEqual(await core.run(readersOf("agents")), "agents-v3")
    for (const name of ["agents-v2", "agents-v3"]) assert.isAbove(seen.get(name) ?? 0, 1, name)
    assert.deepStrictEqual(core.dump(), modelOf(core.events.stored(), listed))
    const report = await core.run(diff("agents-v2", "agents-v3", { limit: 0, registers: true }))
    assert.strictEqual(report.total, report.kinds.onlyInB)
    assert.isAbove(report.total, 0)
  })

  it("[P8] turns the old feed off once it is retired, and leaves the others on", async () => {
    const listed = [agents, v2, queues]
    const core = makeCore({ projections: listed })
    await pass(core, listed, history.slice(0, 300))
    await core.run(promote("agents-v3", "m"))
    await pass(core, listed, history.slice(300, 400))
    const then = core.events.stored()
    await core.run(retire("agents-v2", "m"))
    await core.deliver(history.slice(400))
    const bodies = core.queue.take(END)
    assert.isFalse(
      bodies.some((body) => body.includes("agents-v2")),
      "nothing is derived for it"
    )
    assert.isTrue(
      bodies.some((body) => body.includes("agents-v3")) && bodies.some((body) => body.includes("queues-v2"))
    )
    await core.settle(bodies)
    assert.deepStrictEqual(linesOf(core.dump(), agents), modelOf(then, [agents]), "it stays as it was")
    assert.deepStrictEqual(linesOf(core.dump(), v2, queues), modelOf(core.events.stored(), [v2, queues]))
  })

  it("[P8] takes what is on its way for a generation that is taken off the list, and counts it", async () => {
    const core = makeCore({ projections: [agents, v2] })
    await core.deliver(history.slice(0, 100))
    const bodies = core.queue.take(END)
    const settle = projectMessages(bodies, true).pipe(Effect.provideService(Projections, [v2]))
    const { failed, retired, deltas } = await core.run(settle)
    assert.deepStrictEqual(failed, [])
    assert.isTrue(retired > 0 && retired < deltas, "those of the first, and none of the second")
    assert.deepStrictEqual(core.dump(), modelOf(core.events.stored(), [v2]))
  })

  it("[P8] leaves no stale rows at the second rebuild, for each has a table of its own", async () => {
    const strange: Projection<Event> = {
      ...v2,
      deltas: (event) => v2.deltas(event).map((update) => ({ ...update, row: `old#${update.row}` }))
    }
    const core = makeCore({ projections: [agents] })
    await pass(core, [agents], history)
    await rebuild(core, [agents, strange], strange, 1)
    await core.run(promote("agents-v3", "m").pipe(Effect.provideService(Projections, [agents, strange])))
    const listed = [strange, v3]
    await rebuild(core, listed, v3, 2)
    const once = core.dump()
    await rebuild(core, listed, v3, 3)
    assert.deepStrictEqual(core.dump(), once, "a rebuild of what is there changes nothing")
    assert.deepStrictEqual(linesOf(once, v3), modelOf(core.events.stored(), [v3]))
    assert.isTrue(linesOf(once, strange).length > 0 && linesOf(once, strange).every((line) => line.includes("old#")))
    const target = await core.run(promote("agents-v4", "m").pipe(Effect.provideService(Projections, listed)))
    assert.deepStrictEqual([target.generation, target.previous], ["agents-v4", "agents-v3"])
  })
})
