import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { iso } from "../../../src/domain/stamp.ts"
import { exampleEnvelope } from "../../../src/genesys/example.ts"
import { SIMULATED_SOURCE } from "../../../src/local/partner.ts"
import { TOLD_MS } from "../../../src/pipeline/reconcile/compare.ts"
import { START } from "../../support/history.ts"
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
