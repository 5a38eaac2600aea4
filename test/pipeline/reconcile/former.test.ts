import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import type { OrganisationFixture } from "../../../src/genesys-api/organisation-memory.ts"
import { type Checkpoint, noCounts } from "../../../src/pipeline/reconcile/checkpoint.ts"
import { TOLD_MS } from "../../../src/pipeline/reconcile/compare.ts"
import { formerUnit } from "../../../src/pipeline/reconcile/former.ts"
import { Directory } from "../../../src/store/directory.ts"
import { place as unitPlace } from "./one-unit.ts"
import { AGENT, asked, event, iso, noon } from "./support.ts"
import { centre, sweeping } from "./sweeping.ts"

/** An organisation of 25 agents, of whom some have left. */
const without = (leavers: OrganisationFixture["former"] = []): OrganisationFixture => {
  const fixture = centre(25, 1)
  const users = (fixture.users ?? []).filter(({ id }) => !leavers.some((leaver) => leaver.id === id))
  return { ...fixture, users, members: { "queue-1": users.map(({ id }) => id) }, former: leavers }
}

const place = async () => {
  let fixture = without()
  const sweeps = sweeping({ fixture: () => fixture })
  const sweep = async (next: OrganisationFixture = fixture) => {
    fixture = next
    sweeps.wait(120_000)
    await Effect.runPromise(sweeps.invoke(900_000, true))
    await sweeps.fold()
    const { last } = sweeps.checkpoint() as Checkpoint
    return last?.counts ?? assert.fail("the sweep was not whole")
  }
  const stateOf = (agent: string) =>
    sweeps.rows("agents-v2", agent).find(({ row }) => row === "state")?.columns.userState
  const listed = () =>
    Effect.runPromise(
      Directory.use(({ list }) => list("agents", {}, { limit: 100 })).pipe(
        Effect.map(({ entries }) => entries.map(({ id }) => id)),
        Effect.provide(sweeps.directory.layer)
      )
    )
  await sweep()
  return { ...sweeps, sweep, stateOf, listed }
}

describe("users", () => {
  it("[P4] who have left are deactivated or deleted though no event told of it, and leave the lists at once", async () => {
    const { sweep, stateOf, listed } = await place()
    const leavers = [
      { id: "agent-24", state: "inactive" },
      { id: "agent-25", state: "deleted" },
      { id: "never-heard-of", state: "deleted" }
    ] as const
    const { stated, former } = await sweep(without(leavers))
    assert.deepStrictEqual([stated.userState, former], [2, 3])
    assert.deepStrictEqual(
      [stateOf("agent-24"), stateOf("agent-25"), stateOf("agent-23")],
      ["inactive", "deleted", undefined]
    )
    const ids = await listed()
    assert.deepStrictEqual([ids.length, ids.includes("agent-24"), ids.includes("agent-25")], [23, false, false])
    assert.deepStrictEqual((await sweep()).stated, {})
  })

  it("[P4] are back once the API lists them as active", async () => {
    const { sweep, stateOf, listed } = await place()
    await sweep(without([{ id: "agent-24", state: "inactive" }]))
    await sweep(without())
    assert.strictEqual(stateOf("agent-24"), "active")
    assert.include(await listed(), "agent-24")
  })

  it("stay in their team for a day where an answer leaves the team out, and change it at once", async () => {
    const { sweep, directory, wait } = await place()
    const fixture = without()
    const teamOf = () => directory.held().find(({ id }) => id === "agent-1")?.team
    const named = (team: object) => ({ ...fixture, users: (fixture.users ?? []).map((user) => ({ ...user, ...team })) })
    const unnamed = { ...fixture, users: (fixture.users ?? []).map(({ team: _, teamName: __, ...user }) => user) }
    await sweep(unnamed)
    assert.strictEqual(teamOf(), "team-1")
    await sweep(named({ team: "team-2", teamName: "Late" }))
    assert.strictEqual(teamOf(), "team-2")
    wait(86_400_000)
    await sweep(unnamed)
    assert.isUndefined(teamOf())
  })

  it("says nothing of who is in no list: the client may not see them", async () => {
    const { sweep, stateOf } = await place()
    const fixture = without()
    const { stated } = await sweep({ ...fixture, users: fixture.users?.slice(0, 20) ?? [] })
    assert.deepStrictEqual([stated.userState, stateOf("agent-25")], [undefined, undefined])
  })
})

describe("a page of users who have left", () => {
  const OTHER = "0f6c1d9e-3b52-4c8a-9e71-5d2a8b4c6f10"
  const items = [AGENT, OTHER].map((id) => ({ id, state: "inactive" as const }))
  const of = (next?: string) => {
    const page = { asked, items, ...(next === undefined ? {} : { next }) }
    return unitPlace({ said: { former: () => () => Effect.succeed(page) } })
  }
  const audit = (action: string, at: number) =>
    event(
      "v2.audits.entitytype.{id}.entityid.{id}",
      ["User", AGENT],
      { action, entityType: "User", eventTime: iso(at) },
      at
    )
  const run = (
    made: ReturnType<typeof of>,
    projection: string | undefined,
    events: ReadonlyArray<ReturnType<typeof audit>>
  ) =>
    Effect.gen(function* () {
      yield* TestClock.setTime(asked + 1)
      if (events.length > 0) yield* made.hold("agents-v2", AGENT, events)
      return yield* formerUnit(projection, "inactive", undefined, noon)
    }).pipe(Effect.provide(made.layer))
  const loads = (made: ReturnType<typeof of>) => made.calls.filter((one) => one.startsWith("load"))
  const COUNTS = { ...noCounts, former: 2 }

  it.effect("leaves the lists, and nothing else is asked or said where no rows are compared", () => {
    const made = of("2")
    return Effect.gen(function* () {
      assert.deepStrictEqual(yield* run(made, undefined, []), { counts: COUNTS, missing: [], next: "2" })
      assert.deepStrictEqual(made.calls, [`left agents ${AGENT} ${OTHER} ${asked}`])
    })
  })

  it.effect("costs one small read where nobody was ever heard of", () => {
    const made = of()
    return Effect.gen(function* () {
      assert.deepStrictEqual(yield* run(made, "agents-v2", []), { counts: COUNTS, missing: [] })
      assert.deepStrictEqual(made.calls, [`load ${AGENT}/state ${OTHER}/state`, `left agents  ${asked}`])
    })
  })

  it.effect("says nothing again of who has left by the rows", () => {
    const made = of()
    return Effect.gen(function* () {
      const { counts } = yield* run(made, "agents-v2", [audit("Deactivate", 0)])
      assert.deepStrictEqual([counts, loads(made).length], [COUNTS, 1])
      assert.include(made.calls, `left agents ${AGENT} ${asked}`)
    })
  })

  it.effect("says of who is active by the rows that they have left, once no event can be on its way", () => {
    const made = of()
    return Effect.gen(function* () {
      const { counts, later } = yield* run(made, "agents-v2", [audit("Activate", 0)])
      assert.deepStrictEqual([counts, later?.due, made.sent], [COUNTS, asked + TOLD_MS, []])
      yield* TestClock.setTime(asked + TOLD_MS)
      const { corrected } = yield* Effect.provide(later?.look ?? assert.fail("nothing is left"), made.layer)
      assert.deepStrictEqual([corrected, made.stated()], [{ userState: 1 }, [{ userState: "inactive" }]])
      assert.include(loads(made)[1], `load ${AGENT}/state`)
      assert.notInclude(loads(made)[1], OTHER)
    })
  })

  it.effect("says at once what no event has ever told", () => {
    const made = of()
    const presence = event(
      "v2.users.{id}.presence",
      AGENT,
      { presenceDefinition: { id: "p", systemPresence: "AVAILABLE" }, modifiedDate: iso(0) },
      0
    )
    return Effect.gen(function* () {
      const unit = yield* run(made, "agents-v2", [presence])
      assert.deepStrictEqual([unit.counts.stated, "later" in unit], [{ userState: 1 }, false])
    })
  })
})
