import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { iso } from "../../../src/domain/stamp.ts"
import { exampleEnvelope } from "../../../src/genesys/example.ts"
import { SIMULATED_SOURCE } from "../../../src/local/partner.ts"
import type { Compared } from "../../../src/pipeline/reconcile/answers.ts"
import { TOLD_MS } from "../../../src/pipeline/reconcile/compare.ts"
import { together } from "../../../src/pipeline/reconcile/counts.ts"
import { compareSettled } from "../../../src/pipeline/reconcile/look.ts"
import { START } from "../../support/history.ts"
import { place } from "./one-unit.ts"
import { centre, sweeping } from "./sweeping.ts"

const session = (what: "user.start" | "user.end", at: number) =>
  JSON.stringify({
    ...exampleEnvelope(`v2.detail.events.conversation.{id}.${what}`, {
      ids: ["conversation-1"],
      published: iso(at + 80),
      source: SIMULATED_SOURCE,
      body: { eventTime: at, sessionId: "session-1", userId: "agent-1", queueId: "queue-1", mediaType: "VOICE" }
    }),
    id: `${what} of session-1`
  })

/** A session that events have opened, and that has ended before a sweep asks. Its end comes while the sweep waits, or never. */
const ending = async (isLost: boolean) => {
  const { statuses: _, waiting: __, ...fixture } = centre(4, 1)
  const meanwhile = async () => {
    if (!isLost) await sweeps.deliver([session("user.end", sweeps.now() - 2_000)])
  }
  const sweeps = sweeping({ fixture: () => fixture, meanwhile })
  const run = () => Effect.runPromise(sweeps.invoke(900_000, true))
  await run()
  await sweeps.fold()
  await sweeps.deliver([session("user.start", START)])
  sweeps.wait(300_000)
  const waited = sweeps.waited()
  const { last } = await run()
  await sweeps.fold()
  const row = sweeps.rows("agents-v2", "agent-1").find(({ row }) => row === "session#session-1")
  return { counts: last?.counts, row: row?.columns, waited: sweeps.waited() - waited, first: waited }
}

describe("a difference that may be on its way", () => {
  it("is looked at again, and not sent where its event has come by then", async () => {
    const { counts, row, waited } = await ending(false)
    assert.deepStrictEqual([counts?.stated, counts?.corrected, counts?.closed], [{}, {}, 0])
    assert.strictEqual(row?.endedBy, "user.end")
    assert.isAtMost(waited, TOLD_MS)
    assert.isAbove(waited, 0)
  })

  it("is sent, and counted as lost, where its event has not", async () => {
    const { counts, row } = await ending(true)
    assert.deepStrictEqual(
      [counts?.stated, counts?.corrected, counts?.early, counts?.closed],
      [{ sessionSeen: 1 }, { sessionSeen: 1 }, {}, 1]
    )
    assert.strictEqual(row?.endedBy, "snapshot")
  })

  it("does not hold up what is in no doubt: a first sweep waits for nothing", async () => {
    assert.strictEqual((await ending(true)).first, 0)
  })

  const changing = async () => {
    let fixture = centre(25, 1)
    const sweeps = sweeping({ fixture: () => fixture, meanwhile: async () => {} })
    const run = (ms = 900_000, start = true) => Effect.runPromise(sweeps.invoke(ms, start))
    await run()
    await sweeps.fold()
    const busy = (fixture.users ?? []).map(({ id }) =>
      JSON.stringify({
        ...exampleEnvelope("v2.users.{id}.presence", {
          ids: [id],
          published: iso(START + 1_000),
          source: SIMULATED_SOURCE,
          body: { presenceDefinition: { systemPresence: "BUSY" }, modifiedDate: iso(START + 1_000) }
        }),
        id: `busy ${id}`
      })
    )
    await sweeps.deliver(busy)
    sweeps.wait(300_000)
    const presence = { value: { systemPresence: "BREAK" }, since: sweeps.now() - 2_000 }
    fixture = { ...fixture, users: (fixture.users ?? []).map((user) => ({ ...user, presence })) }
    return { sweeps, run, waited: sweeps.waited() }
  }

  it("holds up no page: the sweep waits once, at its end, for all that is in doubt", async () => {
    const { sweeps, run, waited } = await changing()
    const { last } = await run()
    assert.deepStrictEqual([last?.counts.stated, last?.counts.corrected], [{ presence: 25 }, { presence: 25 }])
    assert.isAtMost(sweeps.waited() - waited, TOLD_MS)
  })

  it("is sent at the end of an invocation without another look, and not counted as lost", async () => {
    const { sweeps, run, waited } = await changing()
    const { state, sweep } = await run(10_500)
    assert.strictEqual(state, "paused")
    assert.deepStrictEqual(
      [sweep?.counts.stated, sweep?.counts.corrected, sweep?.counts.early],
      [{ presence: 10 }, {}, { presence: 10 }]
    )
    assert.strictEqual(sweeps.waited() - waited, 0)
  })
})

describe("answers", () => {
  const none = together([])
  const saying = (agentId: string, more: Partial<Compared> = {}): Compared => ({
    ...none,
    statements: [{ facet: { facet: "routingStatus", agentId, value: "IDLE" }, at: START }],
    ...more
  })
  const looked = (entity: string, asked: number, answer: ReadonlyArray<Compared>) => ({
    ...{ entity, rows: [], asked, answer: [...answer] }
  })
  const compare = (answer: Array<Compared>) => Effect.succeed(answer.shift() ?? none)
  const early = (entity: string) => saying(entity, { early: { routingStatus: 1 } })
  const gone: Compared = {
    ...none,
    missing: [
      {
        kind: "member",
        told: "early",
        statement: { facet: { facet: "member", queueId: "q", userId: "c", joined: false }, at: START }
      }
    ]
  }

  it.effect("without a doubt are sent at once, and nothing is left for later", () => {
    const { layer, sent } = place()
    return Effect.gen(function* () {
      const sure = saying("a", { early: { routingStatus: 0 }, corrected: { routingStatus: 1 } })
      const settled = yield* compareSettled("agents-v2", [looked("a", START, [sure])], undefined, compare)
      assert.deepStrictEqual(settled, { compared: { ...sure, early: { routingStatus: 0 } } })
      assert.strictEqual(sent.length, 1)
    }).pipe(Effect.provide(layer))
  })

  it.effect("in doubt are looked at once more, when the last of their events must have come, and sent then", () => {
    const { layer, calls, stated } = place()
    return Effect.gen(function* () {
      const all = [
        looked("a", START + 3, [early("a"), saying("a")]),
        looked("b", START + 9, [saying("b")]),
        looked("c", START + 5, [gone, none])
      ]
      const { compared, later } = yield* compareSettled("agents-v2", all, undefined, compare)
      assert.deepStrictEqual([compared.statements, compared.missing], [saying("b").statements, []])
      assert.strictEqual(later?.due, START + 5 + TOLD_MS)
      assert.deepStrictEqual(calls.splice(0), ["load a/state b/state c/state now", "send 1"])
      const again = yield* later?.look ?? assert.fail("nothing is left")
      assert.deepStrictEqual(again, saying("a"))
      assert.deepStrictEqual(calls, ["load a/state c/state now", "send 1"])
      assert.strictEqual(stated().length, 2)
    }).pipe(Effect.provide(layer))
  })
})
