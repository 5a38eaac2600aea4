import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { agents } from "../../projections/agents.ts"
import { queues } from "../../projections/queues.ts"
import { deriveDeltas, generation, type Projection } from "../../src/domain/projection.ts"
import type { Event } from "../../src/genesys/event.ts"
import { type Difference, diff, differences } from "../../src/pipeline/diff.ts"
import { Projections } from "../../src/pipeline/folding.ts"
import { projectDeltas } from "../../src/pipeline/project.ts"
import { decoded } from "../store/events.ts"
import { makeCore, WINDOW, type Wraps } from "../support/core.ts"
import { arrivalsOf, historyOf } from "../support/history.ts"

const END = Date.UTC(2030, 0)
const ALL = { limit: 10_000, registers: true }

/** The same fold as version 2, beside the first. */
const again = (of: Projection<Event>, changed: Partial<Projection<Event>> = {}) => ({ ...of, version: 3, ...changed })

/** A core that has folded a history into these generations, live and beside each other. */
const folded = async (projections: ReadonlyArray<Projection<Event>>, wraps: Wraps = {}) => {
  const core = makeCore({ ...wraps, projections })
  await core.deliver(arrivalsOf(historyOf(600, { chaos: 0.3 })))
  await core.settle(core.queue.take(END))
  return core
}

type Core = Awaited<ReturnType<typeof folded>>

/** All rows of a generation, tombstones left out. */
const rowsOf = async (core: Core, of: { readonly name: string; readonly version: number }) => {
  const entities = new Set(
    core
      .dump()
      .filter((line) => line.startsWith(`${generation(of)} `))
      .map((line) => line.split(" ")[1] ?? "")
  )
  return [...entities].flatMap((entity) =>
    core.rows
      .rows(generation(of), entity)
      .filter(({ expiresAt }) => expiresAt === undefined)
      .map((row) => ({ entity, ...row }))
  )
}

const told = ({ kind, entity, row, register, column }: Difference) =>
  `${kind} ${entity} ${row} ${register ?? column ?? ""}`.trimEnd()

describe("the difference of two generations", () => {
  it("[P8] is empty where both fold the same, summaries included", async () => {
    const core = await folded([agents, queues, again(agents), again(queues)])
    for (const name of ["agents", "queues"]) {
      const report = await core.run(diff(`${name}-v2`, `${name}-v3`, { ...ALL, segments: 3 }))
      assert.deepStrictEqual([report.total, report.differences], [0, []])
      assert.isAbove(report.rows, 20)
      assert.strictEqual(report.scanned, 2 * report.rows)
      assert.isAbove(report.tombstones, 0)
    }
  })

  it("[P8] names exactly the registers that another fold changes, with the event on both sides", async () => {
    const v2 = again(agents, {
      deltas: (event) =>
        agents.deltas(event).flatMap((update) => {
          if (update.register === "station") return []
          if (update.register === "routingStatus") return [{ ...update, value: `was ${String(update.value)}` }]
          return update.register === "presence" ? [update, { ...update, register: "seen", value: true }] : [update]
        })
    })
    const core = await folded([agents, v2])
    const expected = (await rowsOf(core, agents)).flatMap(({ entity, row, registers }) => [
      ...(registers.has("presence") ? [`onlyInB ${entity} ${row} seen`] : []),
      ...(registers.has("station") ? [`onlyInA ${entity} ${row} station`] : []),
      ...(registers.has("routingStatus") ? [`fold ${entity} ${row} routingStatus`] : [])
    ])
    const report = await core.run(diff("agents-v2", "agents-v3", ALL))
    assert.deepStrictEqual(report.differences.map(told).sort(), expected.sort())
    for (const kind of ["onlyInA", "onlyInB", "fold"] as const) assert.isAbove(report.kinds[kind], 0, kind)
    assert.strictEqual(report.total, expected.length)
    for (const { kind, entity, row, register = "", a, b } of report.differences) {
      const own = (version: number) =>
        core.rows
          .rows(`agents-v${version}`, entity)
          .find((one) => one.row === row)
          ?.registers.get(register)
      if (kind !== "fold") continue
      assert.deepStrictEqual(a, { value: own(2)?.value ?? null, ...own(2)?.stamp } as typeof a)
      assert.deepStrictEqual(b, { value: own(3)?.value ?? null, ...own(3)?.stamp } as typeof b)
    }
  })

  it("[P8] is silent about what no reader is shown, and names the registers that columns differ by", async () => {
    const hidden = again(agents, {
      deltas: (event) =>
        agents
          .deltas(event)
          .flatMap((update) =>
            update.register === "presence" ? [update, { ...update, register: "seen", value: true }] : [update]
          )
    })
    const core = await folded([agents, hidden])
    const shown = await core.run(diff("agents-v2", "agents-v3", { limit: 10 }))
    assert.deepStrictEqual([shown.total, shown.differences], [0, []])
    assert.isAbove((await core.run(diff("agents-v2", "agents-v3", ALL))).kinds.onlyInB, 0)

    const other = again(agents, {
      deltas: (event) =>
        agents
          .deltas(event)
          .map((update) => (update.register === "routingStatus" ? { ...update, value: "OFF_QUEUE" } : update))
    })
    const changed = await folded([agents, other])
    const { differences: found } = await changed.run(diff("agents-v2", "agents-v3", { limit: 10_000 }))
    assert.isAbove(found.length, 0)
    assert.deepStrictEqual(
      [...new Set(found.map(({ kind, register }) => `${kind} ${register}`))],
      ["fold routingStatus"]
    )
  })

  it("[P8] says which event each side has where one of them missed some, and which rows it lacks", async () => {
    const v2 = again(agents)
    const core = await folded([agents])
    const events = [...core.events.stored().values()].map(({ envelope, received }) => decoded(envelope, received))
    const missed = new Set(events.filter((_, i) => i % 5 === 0).map(({ id }) => id))
    const seen = events.filter(({ id }) => !missed.has(id)).flatMap((event) => deriveDeltas([v2], event, WINDOW))
    const fold = projectDeltas(seen)
    await core.run(Effect.provideService(fold, Projections, [agents, v2]))

    const theirs = new Map((await rowsOf(core, v2)).map((row) => [`${row.entity} ${row.row}`, row]))
    const report = await core.run(diff("agents-v2", "agents-v3", ALL))
    assert.isAbove(report.kinds.event, 0)
    assert.isAbove(report.kinds.onlyInA, 0)
    for (const difference of report.differences) {
      const { kind, entity, row, register, a } = difference
      assert.include(["event", "onlyInA", "onlyInB"], kind)
      // What only an open row of the second has was closed by an event that it missed; all else was set by one.
      if (kind === "onlyInB") continue
      // What a later event made superfluous, the side that missed that one still remembers; and queues that it never saw listed it cannot.
      if (kind === "onlyInA" && /^(idle|listed)\./.test(register ?? "")) continue
      assert.isTrue(a !== undefined && "eventId" in a && missed.has(a.eventId), told(difference))
      if (kind === "onlyInA" && register === undefined) assert.isFalse(theirs.has(`${entity} ${row}`))
    }
  })

  it("[P8] shows columns where only the view has changed", async () => {
    const v2 = again(agents, { view: (row, registers) => ({ ...agents.view(row, registers), renamed: row }) })
    const core = await folded([agents, v2])
    const report = await core.run(diff("agents-v2", "agents-v3", ALL))
    const rows = await rowsOf(core, agents)
    assert.strictEqual(report.kinds.view, rows.length)
    assert.strictEqual(report.total, rows.length)
    for (const { column, a, b, row } of report.differences)
      assert.deepStrictEqual([column, a, b], ["renamed", undefined, { value: row }])
  })

  it("is refused where the two are of different projections", async () => {
    const core = makeCore()
    const error = await core.run(Effect.flip(diff("agents-v2", "queues-v2", ALL)))
    assert.deepStrictEqual([error._tag, error.reason], ["GenerationRefused", "unlike"])
  })

  it("[P8] lists no more than asked for, counts the rest, and tells after each page", async () => {
    const core = await folded([queues, again(queues, { deltas: () => [] })])
    const totals: Array<number> = []
    const onPage = ({ total }: { readonly total: number }) => Effect.sync(() => void totals.push(total))
    const report = await core.run(diff("queues-v2", "queues-v3", { limit: 3, onPage }))
    assert.strictEqual(report.differences.length, 3)
    assert.strictEqual(report.total, (await rowsOf(core, queues)).length)
    assert.strictEqual(report.kinds.onlyInA, report.total)
    assert.isAbove(totals.length, 3)
    assert.deepStrictEqual(totals.at(-1), report.total)
    assert.deepStrictEqual(
      totals,
      [...totals].sort((a, b) => a - b)
    )
  })

  it("[P8] holds a page at a time, and takes no traffic between two reads for a difference", async () => {
    let meanwhile = false
    const list = [agents, again(agents)]
    const core = await folded(list, {
      rows: (inner) => ({
        ...inner,
        pages: (...request) =>
          Effect.tap(inner.pages(...request), ({ rows }) => {
            assert.isAtMost(rows.length, 100)
            if (meanwhile) return Effect.void
            meanwhile = true
            const moved = rows.slice(0, 10).flatMap(({ entity, registers }) =>
              list.map((of) => ({
                projection: generation(of),
                entity,
                row: "state",
                register: "routingStatus",
                value: "MOVED",
                stamp: { clock: END, published: END, eventId: `moved-${[...registers.keys()].length}` },
                late: false
              }))
            )
            return Effect.promise(() => core.run(projectDeltas(moved)))
          })
      })
    })
    const pages = await core.run(Stream.runCollect(differences("agents-v2", "agents-v3")))
    assert.isTrue(meanwhile)
    assert.deepStrictEqual(
      pages.flatMap(({ differences }) => differences),
      []
    )
  })
})
