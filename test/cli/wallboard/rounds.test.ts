import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import type { Reads, Sources } from "../../../src/cli/wallboard/reads.ts"
import { makeRounds } from "../../../src/cli/wallboard/rounds.ts"
import { AGENTS, type Found, type From, QUEUES } from "../../../src/read/source.ts"
import type { OpenRow } from "../../../src/read/tables.ts"

const T0 = Date.parse("2026-05-06T10:00:00.000Z")
const from = (projection: From["projection"]): From => ({
  projection,
  generation: `${projection.name}-v2`,
  consistent: false
})
const sources: Sources = { agents: from(AGENTS), queues: from(QUEUES), level: undefined, at: T0 }
const who = { queues: ["support"], agents: ["ada"] }
const asOf = new Date(T0).toISOString()

const stateOf = (state: string): Found => ({ row: "state", columns: { state }, asOf, closed: false })
const session: OpenRow = { row: "session#s1", columns: { phase: "interacting", userId: "ada", mediaType: "VOICE" } }

/** A stack whose rows a test changes, also while they are read. */
const site = () => {
  const now = { open: [] as ReadonlyArray<OpenRow>, states: new Map<string, Found>(), meanwhile: () => {} }
  const reads = {
    spent: () => 0,
    open: (_: From, ids: ReadonlyArray<string>) => Effect.sync(() => ids.map((id) => ({ id, rows: now.open }))),
    rowsAt: () => Effect.succeed([]),
    states: (of: From) =>
      Effect.sync(() => {
        const found = of === sources.agents ? new Map(now.states) : new Map([["support", stateOf("")]])
        if (of === sources.agents) now.meanwhile()
        return found
      })
  } as unknown as Reads
  return { now, rounds: makeRounds(reads, () => {}) }
}

const agent = (rounds: ReturnType<typeof makeRounds>, id: string) =>
  rounds.agents.list().find(({ agentId }) => agentId === id)

describe("a round of the wallboard beside streams", () => {
  it.effect("keeps an agent that began to work since the last one, though it had no row then", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(T0)
      const { now, rounds } = site()
      yield* rounds.round(sources, who)
      assert.isUndefined(agent(rounds, "ada"))
      now.states.set("ada", stateOf("On Queue"))
      rounds.tell("agents", "ada", { row: "state", columns: { state: "On Queue" }, asOf: T0 + 1_000 }, T0 + 1_000)
      yield* TestClock.adjust(60_000)
      yield* rounds.round(sources, who)
      assert.strictEqual(agent(rounds, "ada")?.state, "On Queue")
    })
  )

  it.effect("does not undo what a stream tells while it reads", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(T0)
      const { now, rounds } = site()
      now.open = [session]
      now.states.set("ada", stateOf("Interacting"))
      now.meanwhile = () => {
        const at = T0 + 1
        rounds.tell("queues", "support", { row: session.row, columns: {}, asOf: at, expiresAt: at }, at)
        rounds.tell("agents", "ada", { row: session.row, columns: {}, asOf: at, expiresAt: at }, at)
        rounds.tell("agents", "ada", { row: "state", columns: { state: "On Queue" }, asOf: at }, at)
        rounds.tell("agents", "bob", { row: "state", columns: { state: "Meal" }, asOf: at }, at)
      }
      yield* rounds.round(sources, who)
      assert.deepInclude(agent(rounds, "ada"), { state: "On Queue", sessions: [] })
      assert.strictEqual(agent(rounds, "bob")?.state, "Meal")
      assert.strictEqual(rounds.queues.rowsOf("support").has(session.row), false)

      // A while later every reading sees it, and what it says counts.
      now.meanwhile = () => {}
      yield* TestClock.adjust(300_000)
      yield* rounds.round(sources, who)
      assert.strictEqual(agent(rounds, "ada")?.state, "Interacting")
      assert.isTrue(rounds.queues.rowsOf("support").has(session.row))
    })
  )
})
