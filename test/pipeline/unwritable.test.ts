import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { queues } from "../../projections/queues.ts"
import { generation, type Projection } from "../../src/domain/projection.ts"
import type { Event } from "../../src/genesys/event.ts"
import { projectDeltas } from "../../src/pipeline/project.ts"
import { checkpointKey, readCheckpoint } from "../../src/pipeline/replay/record.ts"
import { decodeSettlement } from "../../src/store/settle-queue.ts"
import { StoreError } from "../../src/store/store-error.ts"
import { makeCore, modelOf, type Wraps } from "../support/core.ts"
import { arrival, arrivalsOf, historyOf, START } from "../support/history.ts"
import { startLine } from "../support/hostile.ts"
import { type Around, makeReplays } from "../support/replay.ts"

const END = Date.UTC(2030, 0)
const LONG = "s".repeat(1_100)
const bad = startLine("bad", { session: LONG })
const good = startLine("good")

const settled = async (core: ReturnType<typeof makeCore>) => core.settle(core.queue.take(END))

const kept = (core: ReturnType<typeof makeCore>) => [...core.parked.kept().values()]

/** The projections with some functions of one of them broken where the row is that of the session. */
const broken = (change: (of: Projection<Event>) => Partial<Projection<Event>>): Wraps => ({
  projections: [{ ...agents, ...change(agents) }, queues, conversations]
})

describe("append", () => {
  it("[P7] [P2] parks an event of which an update cannot be written, with its bytes, and sends the rest of it", async () => {
    const core = makeCore({ index: (inner) => inner })
    const odd = startLine("odd", { user: "a".repeat(2_100) })
    const report = await core.deliver([bad, good, odd, bad].map((line, i) => arrival(line, START + i)))
    assert.deepStrictEqual(
      [report.appended, report.duplicates, report.quarantined, report.parked, report.failed],
      [3, 1, 0, 3, []]
    )
    assert.deepStrictEqual(
      kept(core).map(({ from, reason, body, received }) => [from, reason, body, received]),
      [
        ["append", "KeyTooLong", bad, START],
        ["append", "KeyTooLong", odd, START + 2]
      ]
    )
    assert.notInclude(kept(core)[0]?.detail ?? "", "sss")
    await settled(core)
    // What names the agent alone cannot be written; the queue and the conversation still tell of the session.
    for (const [of, entity] of [
      [queues, "queue"],
      [conversations, "conversation"]
    ] as const)
      assert.isAbove(core.rows.rows(generation(of), entity).length, 0, of.name)
    assert.deepStrictEqual(core.dump(), modelOf(core.events.stored()))
    const indexed = core.index.entries().filter(({ eventId }) => eventId === "bad")
    assert.sameMembers(
      indexed.map(({ projection }) => projection),
      ["agents", "queues", "conversations"]
    )
  })

  it("[P2] fails the event alone when it cannot be parked", async () => {
    const fault = new StoreError({ store: "parked letters", operation: "put", reason: "SlowDown", retryable: true })
    const core = makeCore({ parked: () => ({ put: () => fault }) })
    const report = await core.deliver([arrival(good, START), arrival(bad, START)])
    assert.deepStrictEqual([report.appended, report.parked, report.failed], [1, 0, [1]])
  })

  it("[P7] parks an event on which a projection throws, and the other projections go on", async () => {
    const wraps = broken(() => ({
      deltas: () => {
        throw new TypeError("quotes a value")
      }
    }))
    const core = makeCore(wraps)
    const report = await core.deliver([arrival(good, START)])
    assert.deepStrictEqual([report.appended, report.parked, report.failed], [1, 1, []])
    assert.strictEqual(kept(core)[0]?.detail, "an update of agents-v2: `deltas` threw TypeError")
    await settled(core)
    assert.isAbove(core.rows.rows(generation(queues), "queue").length, 0)
  })
})

describe("project", () => {
  const throwing = (name: "view" | "closed" | "merge" | "inferredEnd"): Wraps =>
    broken((of) => ({
      [name]: (row: string, ...rest: ReadonlyArray<never>) => {
        if (row === "session#bad") throw new RangeError("quotes a value")
        return (of[name] as ((row: string, ...rest: ReadonlyArray<never>) => unknown) | undefined)?.(row, ...rest)
      }
    }))
  const lines = [startLine("1", { session: "a" }), startLine("2", { session: "bad" }), startLine("3", { session: "b" })]

  it.each(["view", "closed", "inferredEnd"] as const)(
    "[P7] parks the updates of a row for which `%s` throws, and they come back once it does not",
    async (name) => {
      const core = makeCore(throwing(name))
      await core.deliver(lines.map((line) => arrival(line, START)))
      const report = await settled(core)
      assert.deepStrictEqual([report.failed, report.parked], [[], 1])
      const rows = () => core.rows.rows(generation(agents), "user").map(({ row }) => row)
      assert.includeMembers(rows(), ["session#a", "session#b"])
      assert.notInclude(rows(), "session#bad")
      const [letter] = kept(core)
      assert.deepStrictEqual([letter?.from, letter?.reason], ["project", "ProjectionThrew"])
      const { deltas } = decodeSettlement(letter?.body ?? "")
      assert.deepStrictEqual(
        deltas.map(({ row, stamp }) => [row, stamp.eventId]),
        [["session#bad", "2"]]
      )

      const fixed = makeCore()
      await fixed.deliver(lines.map((line) => arrival(line, START)))
      fixed.queue.take(END)
      assert.strictEqual((await fixed.settle([letter?.body ?? ""])).parked, 0)
      assert.include(
        fixed.rows.rows(generation(agents), "user").map(({ row }) => row),
        "session#bad"
      )
    }
  )

  it("[P7] refuses of one row only the update that it cannot take", async () => {
    const core = makeCore(
      broken((of) => ({
        view: (row, registers) => (registers.has("presenceSource") ? ({ "": 1 } as never) : of.view(row, registers))
      }))
    )
    const delta = (register: string, value: string, clock: number) => ({
      projection: generation(agents),
      entity: "agent",
      row: "state",
      register,
      value,
      stamp: { clock: START + clock, published: START + clock, eventId: `e-${clock}` },
      late: false
    })
    const report = await core.run(
      projectDeltas([
        delta("routingStatus", "IDLE", 1),
        delta("presenceSource", "source", 2),
        delta("userState", "inactive", 3)
      ])
    )
    assert.deepStrictEqual([report.parked, report.rows], [1, 2])
    const [row] = core.rows.rows(generation(agents), "agent")
    assert.deepStrictEqual([row?.columns.routingStatus, row?.columns.userState], ["IDLE", "inactive"])
  })

  it("[P7] parks what a derivation or a summary that throws would have made, and the rest is written", async () => {
    const core = makeCore({
      projections: [
        agents,
        {
          ...queues,
          derived: (queues.derived ?? []).map((one) => ({
            ...one,
            rows: () => {
              throw new TypeError("quotes a value")
            }
          })),
          summary: {
            ...(queues.summary as NonNullable<typeof queues.summary>),
            of: () => {
              throw new TypeError("quotes a value")
            }
          }
        },
        conversations
      ]
    })
    await core.deliver(arrivalsOf(historyOf(60)))
    const report = await settled(core)
    assert.deepStrictEqual(report.failed, [])
    const details = new Set(kept(core).map(({ detail }) => detail.replace(/^.*: /, "")))
    assert.includeMembers([...details], ["`derived.rows` threw TypeError", "`summary` threw TypeError"])
    for (const { body } of kept(core)) assert.isAbove(decodeSettlement(body).deltas.length, 0)
    assert.isTrue(core.dump().some((line) => line.startsWith(generation(agents))))
  })

  it("fails the message when it cannot park, so that it comes again", async () => {
    const fault = new StoreError({ store: "parked letters", operation: "put", reason: "SlowDown", retryable: true })
    const core = makeCore({ ...throwing("view"), parked: () => ({ put: () => fault }) })
    await core.deliver(lines.map((line) => arrival(line, START)))
    assert.isAbove((await settled(core)).failed.length, 0)
  })
})

describe("a replay over what no table can hold", () => {
  const stored = async () => {
    const core = makeCore()
    await core.deliver([bad, good].map((line) => arrival(line, START)))
    await settled(core)
    return core
  }

  it("[P7] [P8] names the event and stops", async () => {
    const core = await stored()
    const replays = makeReplays(core.events)
    const message = await replays.replay().then(
      () => "ended",
      (error: Error) => error.message
    )
    assert.match(
      message,
      /^event bad \(v2\.detail\.events\.conversation\.\{id\}\.user\.start\) is refused: an update of agents-v2: /
    )
    assert.notInclude(message, "sss")
  })

  it("[P7] [P8] goes on with --park, to the same rows as live", async () => {
    const core = await stored()
    const replays = makeReplays(core.events)
    const reports = await replays.rebuild({ park: true })
    assert.isTrue(reports.every(({ state }) => state === "done"))
    assert.deepStrictEqual(await replays.dump(), core.dump())
    assert.deepStrictEqual(
      [...replays.parked.kept().values()].map(({ from, reason }) => [from, reason]),
      [["replay", "Unfoldable"]]
    )
  })

  it("[P7] [P8] names or parks what only shows when a row is written", async () => {
    const core = await stored()
    const tooLarge = { reason: "RowTooLarge", detail: "the row has 409601 bytes" } as const
    const rows: Around["rows"] = (inner) => ({
      ...inner,
      save: (writes) =>
        Effect.map(inner.save(writes), (results) =>
          results.map((result, i) => (writes[i]?.row === "session#session" ? tooLarge : result))
        )
    })
    const replays = makeReplays(core.events)
    const plan = { generation: generation(conversations), scope: { entity: "another" } }
    await core.deliver([arrival(startLine("other", { conversation: "another" }), START)])
    const message = await replays.replay(plan, { around: { rows } }).then(
      () => "ended",
      (error: Error) => error.message
    )
    assert.match(message, /^event other is refused: an update of conversations-v1: the row has 409601 bytes; fix/)
    const { value } = await replays.run(readCheckpoint(checkpointKey("replay", 0)))
    assert.strictEqual(value?.refused?.message, message)

    const parking = makeReplays(core.events)
    const [report] = await parking.replay({ ...plan, park: true }, { around: { rows } })
    assert.deepStrictEqual([report?.state, report?.counts.parked], ["done", 1])
    assert.deepStrictEqual(
      [...parking.parked.kept().values()].map(({ from, reason, body }) => [
        from,
        reason,
        decodeSettlement(body).deltas.map(({ stamp }) => stamp.eventId)
      ]),
      [["project", "RowTooLarge", ["other"]]]
    )
  })
})
