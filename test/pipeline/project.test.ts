import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import { agents } from "../../projections/agents.ts"
import { factName } from "../../projections/fact.ts"
import { projections } from "../../projections/index.ts"
import type { Delta } from "../../src/domain/delta.ts"
import type { Json } from "../../src/domain/json.ts"
import { generation } from "../../src/domain/projection.ts"
import { promote, retire } from "../../src/pipeline/generations.ts"
import { mergeDeltas } from "../../src/pipeline/merge.ts"
import { projectDeltas } from "../../src/pipeline/project.ts"
import { decodeSettlement, encodeSettlement } from "../../src/store/settle-queue.ts"
import { StoreError } from "../../src/store/store-error.ts"
import { makeCore, WINDOW, type Wraps } from "../support/core.ts"
import { START } from "../support/history.ts"

const [AGENTS, QUEUES, CONVERSATIONS] = projections.map(generation) as [string, string, string]

/** An update of one register at `START + clock`. */
const delta = (place: Partial<Delta>, value: Json, clock: number, late = false): Delta => ({
  projection: AGENTS,
  entity: "agent-1",
  row: "state",
  register: "routingStatus",
  ...place,
  value,
  stamp: { clock: START + clock, published: START + clock, eventId: `event-${clock}` },
  late
})

const waiting = (session: string, value: Json, clock: number, entity = "queue-1"): Delta =>
  delta(
    { projection: QUEUES, entity, row: `session#${session}`, register: value === null ? "acdEnd" : "acd" },
    value,
    clock
  )

const voice = { mediaType: "VOICE" }

const started = (wraps: Wraps = {}) => {
  const core = makeCore(wraps)
  return {
    ...core,
    project: (...deltas: ReadonlyArray<Delta>) => core.run(projectDeltas(deltas)),
    columns: (projection: string, entity: string, row: string) =>
      core.rows.rows(projection, entity).find((one) => one.row === row)?.columns
  }
}

describe("project", () => {
  it("has nothing to do with no deltas", async () => {
    const { settleLag, ...report } = await started().project()
    const none = {
      deltas: 0,
      rows: 0,
      unchanged: 0,
      revisions: 0,
      conflicts: 0,
      retired: 0,
      summaries: 0,
      parked: 0,
      inferredEnds: 0
    }
    assert.deepStrictEqual([report, settleLag], [none, { Values: [], Counts: [] }])
  })

  it("[P4] writes the winner of each register in one row, and nothing for what lost or was there", async () => {
    const core = started()
    const [older, newer] = [delta({}, "IDLE", 1), delta({}, "INTERACTING", 2)]
    const first = await core.project(newer, older, delta({ register: "outOfOffice" }, true, 0))
    assert.deepStrictEqual([first.rows, first.unchanged], [1, 1])
    const [row] = core.rows.rows(AGENTS, "agent-1")
    assert.deepStrictEqual([row?.columns.routingStatus, row?.columns.outOfOffice], ["INTERACTING", true])
    assert.strictEqual(row?.asOf, START + 2)
    const again = await core.project(older, newer)
    assert.deepStrictEqual([again.rows, again.unchanged, again.conflicts], [0, 2, 0])
    assert.strictEqual(core.rows.rows(AGENTS, "agent-1")[0]?.version, 1)
  })

  it("[P6] counts a late update as a revision when it changes what was shown, and only then", async () => {
    const late = (value: string, clock: number) => delta({}, value, clock, true)
    const core = started()
    assert.strictEqual((await core.project(late("IDLE", 1))).revisions, 0, "nothing was shown before")
    assert.strictEqual((await core.project(late("INTERACTING", 2))).revisions, 1)
    assert.strictEqual((await core.project(late("INTERACTING", 3))).revisions, 0, "the same value")
    assert.strictEqual((await core.project(late("OFF_QUEUE", 0))).revisions, 0, "it lost")
    assert.strictEqual((await core.project(delta({}, "OFF_QUEUE", 4))).revisions, 0, "it is not late")
    assert.strictEqual(core.columns(AGENTS, "agent-1", "state")?.routingStatus, "OFF_QUEUE")
  })

  it("[P6] marks a row with the last late update that changed it: when that showed, and how long after it was due", async () => {
    const core = started()
    const at = async (ms: number, ...deltas: ReadonlyArray<Delta>) => {
      core.clock.advanceTo(START + ms)
      await core.project(...deltas)
      return core.rows.rows(AGENTS, "agent-1")[0]?.revised
    }
    const late = (place: Partial<Delta>, value: Json, clock: number) => delta(place, value, clock, true)
    const away = { register: "outOfOffice" }
    assert.isUndefined(
      await at(6_000, delta({}, "IDLE", 0), late(away, true, -60_000)),
      "it takes the place of nothing"
    )
    assert.isUndefined(await at(7_000, late({}, "OFF_QUEUE", -1)), "it lost")
    assert.isUndefined(await at(8_000, late({}, "IDLE", 1)), "it says the same")
    const both = await at(90_000, late({}, "INTERACTING", 10_000), late(away, false, 20_000))
    const first = { at: START + 90_000, lateMs: 90_000 - 10_000 - WINDOW.settle }
    assert.deepStrictEqual(both, first)
    assert.deepStrictEqual(await at(100_000, delta({}, "OFF_QUEUE", 95_000)), first, "a timely one keeps it")
    assert.deepStrictEqual(await at(110_000, late({}, "OFF_QUEUE", 95_000)), first, "it came again")
    const second = { at: START + 200_000, lateMs: 90_000 - WINDOW.settle }
    assert.deepStrictEqual(await at(200_000, late({}, "IDLE", 110_000)), second)
  })

  it("[P6] marks the summary of what was revised, also by the retry after a crash between the two", async () => {
    let crash = false
    const core = started({
      rows: (inner) => ({
        ...inner,
        summary: (...of) => (crash ? Effect.die(new Error("killed")) : inner.summary(...of))
      })
    })
    const state = () => core.rows.rows(QUEUES, "queue-1").find(({ row }) => row === "state")
    await core.project(waiting("s-1", voice, 1), waiting("s-2", voice, 2))
    assert.isUndefined(state()?.revised)
    core.clock.advanceTo(START + 60_000)
    const closed = { ...waiting("s-1", null, 3), late: true }
    crash = true
    await core.project(closed).catch(() => undefined)
    assert.isUndefined(state()?.revised)
    crash = false
    await core.project(closed)
    const revised = { at: START + 60_000, lateMs: 60_000 - 3 - WINDOW.settle }
    assert.deepStrictEqual([state()?.columns.waiting, state()?.revised], [1, revised])
    core.clock.advanceTo(START + 70_000)
    await core.project(waiting("s-3", voice, 62_000))
    assert.deepStrictEqual([state()?.columns.waiting, state()?.revised], [2, revised])
  })

  it("[P6] [P8] a replay marks nothing as revised, and keeps what is", async () => {
    const core = started()
    const replay = (...deltas: ReadonlyArray<Delta>) =>
      core.run(mergeDeltas(deltas, (name) => projections.find((p) => generation(p) === name)))
    const shown = () => core.rows.rows(AGENTS, "agent-1")[0]?.revised
    await core.project(delta({}, "IDLE", 0))
    await replay(delta({}, "OFF_QUEUE", 1, true))
    assert.isUndefined(shown())
    core.clock.advanceTo(START + 10_000)
    await core.project(delta({}, "INTERACTING", 2, true))
    assert.deepStrictEqual(shown(), { at: START + 10_000, lateMs: 10_000 - 2 - WINDOW.settle })
    core.clock.advanceTo(START + 20_000)
    await replay(delta({}, "IDLE", 3, true))
    assert.deepStrictEqual(shown(), { at: START + 10_000, lateMs: 10_000 - 2 - WINDOW.settle })
    assert.strictEqual(core.columns(AGENTS, "agent-1", "state")?.routingStatus, "IDLE")
  })

  it("[P5] tells how long timely updates took to become visible, and leaves the late ones out", async () => {
    const core = started()
    core.clock.advanceTo(START + 5_340)
    const { settleLag } = await core.project(
      delta({}, "IDLE", 0),
      delta({ register: "outOfOffice" }, false, 90),
      delta({ entity: "agent-2" }, "IDLE", 1_340),
      delta({ entity: "agent-3" }, "IDLE", 6_000),
      delta({ entity: "agent-4" }, "IDLE", -90_000, true)
    )
    assert.deepStrictEqual(settleLag, { Values: [0, 4_000, 5_300, 5_400], Counts: [1, 1, 1, 1] })
  })

  it("waits for code that knows a newer generation, and counts those of a retired one", async () => {
    const core = started()
    for (const projection of ["agents-v3", "wallboards-v1", "agents", "agents-v01x"]) {
      const report = await core.settle([encodeSettlement([delta({ projection }, "IDLE", 1), delta({}, "IDLE", 1)])])
      assert.deepStrictEqual([report.failed, report.rows], [[0], 0], projection)
    }
    const newer = projectDeltas([delta({ projection: "agents-v3" }, "IDLE", 1)])
    assert.isTrue((await core.run(Effect.flip(newer))).retryable)
    const report = await core.project(delta({ projection: "agents-v0" }, "IDLE", 1), delta({}, "IDLE", 2))
    assert.deepStrictEqual([report.deltas, report.retired, report.rows, report.unchanged], [2, 1, 1, 0])
    assert.deepStrictEqual(core.rows.rows("agents-v0", "agent-1"), [])
  })

  it("[P8] derives nothing into a generation that is retired", async () => {
    const core = started({ projections: [...projections, { ...agents, version: 3 }] })
    await core.run(promote("agents-v3", "m"))
    await core.run(retire(AGENTS, "m"))
    const value = { mediaType: "VOICE" }
    const session = (conversation: string) => ({ projection: CONVERSATIONS, entity: conversation, row: "session#s-1" })
    await core.project(delta({ ...session("c-1"), register: factName("connected", { userId: "agent-1" }) }, value, 1))
    assert.deepStrictEqual(
      [AGENTS, "agents-v3"].map((name) => core.rows.rows(name, "agent-1").length),
      [0, 1]
    )
    await core.project(
      delta({ ...session("c-1"), register: "connected" }, value, 2),
      delta({ projection: AGENTS }, "IDLE", 2)
    )
    assert.include(core.columns(AGENTS, "agent-1", "state"), { routingStatus: "IDLE" }, "what was on its way is merged")
  })
})

describe("tombstones", () => {
  const expiry = (core: ReturnType<typeof started>) => core.rows.rows(QUEUES, "queue-1")[0]?.expiresAt

  it("expire a day after they were written, and a member's not any more when they are back", async () => {
    const core = started()
    core.clock.advanceTo(START + 1_500)
    await core.project(waiting("s-1", voice, 1))
    assert.isUndefined(expiry(core))
    await core.project(waiting("s-1", null, 2))
    assert.strictEqual(expiry(core), START / 1_000 + 2 + 86_400)
    const joined = (is: boolean, clock: number) =>
      delta({ projection: QUEUES, entity: "queue-1", row: "member#u-1", register: "joined" }, { joined: is }, clock)
    const member = () => core.rows.rows(QUEUES, "queue-1").find(({ row }) => row === "member#u-1")?.expiresAt
    await core.project(joined(false, 3))
    assert.isDefined(member())
    await core.project(joined(true, 4))
    assert.isUndefined(member())
  })

  it("[P3] stay: an end is final, whatever the clocks say", async () => {
    const core = started()
    await core.project(waiting("s-1", null, 2), waiting("s-1", voice, 2), waiting("s-1", voice, 3))
    assert.isDefined(expiry(core))
    assert.strictEqual(core.columns(QUEUES, "queue-1", "state")?.waiting, 0)
  })

  it("[P3] keep a start that comes after its end closed", async () => {
    const core = started()
    await core.project(waiting("s-1", null, 2))
    await core.project(waiting("s-1", voice, 1))
    assert.isDefined(expiry(core))
    assert.strictEqual(core.columns(QUEUES, "queue-1", "state")?.waiting, 0)
  })
})

describe("conflicts", () => {
  it("[P3] lose nothing when two merge into the same rows at once", async () => {
    const both = await Effect.runPromise(Deferred.make<void>())
    let loads = 0
    const core = started({
      rows: (inner) => ({
        ...inner,
        // Nobody saves before both have loaded: the second save must meet the first.
        load: (keys, consistent) =>
          Effect.gen(function* () {
            const loaded = yield* inner.load(keys, consistent)
            if (++loads === 2) yield* Deferred.succeed(both, undefined)
            yield* Deferred.await(both)
            return loaded
          })
      })
    })
    const agents = Array.from({ length: 30 }, (_, i) => `agent-${i}`)
    const [one, other] = await Promise.all([
      core.project(...agents.map((entity) => delta({ entity }, "IDLE", 1))),
      core.project(...agents.map((entity) => delta({ entity, register: "outOfOffice" }, true, 2)))
    ])
    assert.strictEqual(one.conflicts + other.conflicts, agents.length)
    assert.strictEqual(one.rows + other.rows, 2 * agents.length)
    for (const agent of agents) {
      const columns = core.columns(AGENTS, agent, "state")
      assert.deepStrictEqual([columns?.routingStatus, columns?.outOfOffice], ["IDLE", true])
    }
  })

  it("[P3] count nothing twice when an update is overtaken between read and write", async () => {
    let overtaken = false
    const core = started({
      rows: (inner) => ({
        ...inner,
        save: (writes) =>
          Effect.gen(function* () {
            if (!overtaken) {
              overtaken = true
              yield* Effect.promise(() => core.project(delta({}, "INTERACTING", 5)))
            }
            return yield* inner.save(writes)
          })
      })
    })
    const report = await core.project(delta({}, "IDLE", 1))
    assert.deepStrictEqual([report.rows, report.unchanged, report.conflicts], [0, 1, 1])
    assert.strictEqual(core.columns(AGENTS, "agent-1", "state")?.routingStatus, "INTERACTING")
  })

  it("[P3] lose nothing when what is read is older than what was written", async () => {
    const asked: Array<boolean | undefined> = []
    const core = started({
      rows: (inner) => ({
        ...inner,
        load: (keys, consistent) => {
          asked.push(consistent)
          return consistent ? inner.load(keys, consistent) : Effect.succeed(new Map())
        }
      })
    })
    await core.project(delta({}, "IDLE", 1))
    asked.length = 0
    const report = await core.project(delta({ register: "outOfOffice" }, true, 2))
    assert.deepStrictEqual([report.rows, report.conflicts], [1, 1])
    assert.deepStrictEqual(asked, [false, true])
    const columns = core.columns(AGENTS, "agent-1", "state")
    assert.deepStrictEqual([columns?.routingStatus, columns?.outOfOffice], ["IDLE", true])
  })

  it("are given up after many rounds, with an error that says so", async () => {
    const core = started({
      rows: (inner) => ({ ...inner, save: (writes) => Effect.succeed(writes.map(() => "conflict" as const)) })
    })
    const error = await core.run(Effect.flip(projectDeltas([delta({}, "IDLE", 1)])))
    assert.match(error.message, /still contended/)
    assert.isTrue(error.retryable)
  })
})

describe("summaries", () => {
  it("count the sets of a queue, and take their time from what they read", async () => {
    const core = started()
    const report = await core.project(
      waiting("s-1", voice, 1),
      waiting("s-2", voice, 2),
      waiting("s-3", null, 3),
      delta({ projection: QUEUES, entity: "queue-1", row: "member#u-1", register: "joined" }, { joined: true }, 4),
      waiting("s-4", voice, 5, "queue-2")
    )
    assert.strictEqual(report.summaries, 2)
    const summary = core.rows.rows(QUEUES, "queue-1").find(({ row }) => row === "state")
    assert.deepStrictEqual([summary?.columns.waiting, summary?.columns.members], [2, 1])
    assert.strictEqual(summary?.asOf, START + 4)
    assert.strictEqual(core.columns(QUEUES, "queue-2", "state")?.waiting, 1)
  })

  it("[P3] of whom read last stand, also when an older one comes to be written after it", async () => {
    const newer = await Effect.runPromise(Deferred.make<void>())
    let calls = 0
    const core = started({
      rows: (inner) => ({
        ...inner,
        // The first summary was read before the second, and comes to be written after it.
        summarise: (...summary) =>
          ++calls === 1
            ? Effect.andThen(Deferred.await(newer), inner.summarise(...summary))
            : Effect.tap(inner.summarise(...summary), () => Deferred.succeed(newer, undefined))
      })
    })
    const older = core.project(waiting("s-1", voice, 1))
    while (calls === 0) await new Promise((resolve) => setImmediate(resolve))
    await core.project(waiting("s-2", voice, 2))
    await older
    assert.strictEqual(core.columns(QUEUES, "queue-1", "state")?.waiting, 2)
  })

  it("[P2] are written by the retry when a crash came between the rows and their summary", async () => {
    let crash = true
    const core = started({
      rows: (inner) => ({
        ...inner,
        summary: (...of) => (crash ? Effect.die(new Error("killed")) : inner.summary(...of))
      })
    })
    const update = waiting("s-1", voice, 1)
    const outcome = await core.project(update).then(
      () => "answered",
      () => "killed"
    )
    assert.strictEqual(outcome, "killed")
    assert.isUndefined(core.columns(QUEUES, "queue-1", "state"))
    crash = false
    const retry = await core.project(update)
    assert.deepStrictEqual([retry.rows, retry.summaries], [0, 1])
    assert.strictEqual(core.columns(QUEUES, "queue-1", "state")?.waiting, 1)
  })
})

describe("messages", () => {
  const refusing = (entity: string): Wraps => ({
    rows: (inner) => ({
      ...inner,
      save: (writes) =>
        writes.some((write) => write.entity === entity)
          ? new StoreError({
              store: "projection store",
              operation: "save",
              reason: "ItemCollectionSizeLimitExceeded",
              retryable: false
            })
          : inner.save(writes)
    })
  })
  const message = (...deltas: ReadonlyArray<Delta>) => encodeSettlement(deltas)
  const of = (entity: string, clock: number) => delta({ entity }, "IDLE", clock)

  it("[P7] one that fails takes no neighbour with it", async () => {
    const core = started(refusing("bad"))
    const report = await core.settle([
      message(of("a", 1)),
      message(of("bad", 2), of("b", 2)),
      message(of("c", 3)),
      "{",
      '{"v":1,"deltas":[["agents-v2"]]}',
      message(of("d", 4))
    ])
    assert.deepStrictEqual([report.failed, report.messages, report.rows], [[1, 3, 4], 6, 3])
    for (const entity of ["a", "c", "d"]) assert.isDefined(core.columns(AGENTS, entity, "state"), entity)
  })

  it("[P7] one that cannot be folded at all takes no neighbour with it", async () => {
    const core = started()
    const broken = delta({ entity: "broken", register: "presence" }, null, 2)
    const report = await core.settle([message(of("a", 1)), message(broken), message(of("c", 3))])
    assert.deepStrictEqual([report.failed, report.rows, report.parked], [[], 2, 1])
    for (const entity of ["a", "c"]) assert.isDefined(core.columns(AGENTS, entity, "state"), entity)
    const [kept] = core.parked.kept().values()
    assert.strictEqual(kept?.detail, "an update of agents-v2: `view` threw TypeError")
    assert.deepStrictEqual(decodeSettlement(kept?.body ?? "").deltas, [broken])
    assert.isTrue(core.lines.some((line) => line.includes("ProjectionThrew")))
  })

  it("one alone that fails is not tried twice", async () => {
    let saves = 0
    const core = started({
      rows: (inner) => ({
        ...inner,
        save: () => {
          saves++
          return new StoreError({
            store: "projection store",
            operation: "save",
            reason: "ThrottlingException",
            retryable: true
          })
        },
        load: inner.load
      })
    })
    const report = await core.settle([message(of("a", 1))])
    assert.deepStrictEqual([report.failed, saves], [[0], 1])
  })

  it("are merged as one: a row that many messages touch is written once", async () => {
    const core = started()
    const report = await core.settle([message(of("a", 1)), message(of("a", 3)), message(of("a", 2))])
    assert.deepStrictEqual([report.messages, report.deltas, report.rows, report.unchanged], [3, 3, 1, 2])
    assert.strictEqual(core.rows.rows(AGENTS, "a")[0]?.asOf, START + 3)
  })
})
