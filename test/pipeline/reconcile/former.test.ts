import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { OrganisationFixture } from "../../../src/genesys-api/organisation-memory.ts"
import type { Checkpoint } from "../../../src/pipeline/reconcile/checkpoint.ts"
import { Directory } from "../../../src/store/directory.ts"
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
