import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import type { AgentSession, OrganisationUser } from "../../../src/genesys-api/organisation.ts"
import { agentsUnit } from "../../../src/pipeline/reconcile/agents.ts"
import { noCounts } from "../../../src/pipeline/reconcile/checkpoint.ts"
import { TOLD_MS } from "../../../src/pipeline/reconcile/compare.ts"
import { Directory } from "../../../src/store/directory.ts"
import { place } from "./one-unit.ts"
import { AGENT, asked, call, noon, QUEUE } from "./support.ts"

const user = (id: string, more: Partial<OrganisationUser> = {}): OrganisationUser => ({
  id,
  conversations: [],
  ...more
})

const routing = (value: string, conversations: OrganisationUser["conversations"] = []) => ({
  routingStatus: { value, since: asked - 1_000 },
  conversations
})

const session = (sessionId: string): AgentSession => ({ sessionId, state: "INTERACT", since: noon + 1_000 })

/** An organisation that is one page of users, of whom some have a session each, asked about or not. */
const of = (
  items: ReadonlyArray<OrganisationUser>,
  busy: ReadonlyArray<string> = [],
  more: { readonly next?: string; readonly total?: number } = {}
) => {
  const chunks: Array<ReadonlyArray<string>> = []
  const made = place({
    said: {
      users: () => Effect.succeed({ asked, items, ...more }),
      statuses: (ids) =>
        Effect.sync(() => {
          chunks.push(ids)
          const sessions = [...busy].map((userId) => ({ userId, complete: true, sessions: [session(`s-${userId}`)] }))
          return { asked: asked + chunks.length, items: sessions }
        })
    }
  })
  return { ...made, chunks }
}

const UNIT = { counts: noCounts, missing: [] }

describe("a page of users", () => {
  it.effect("asks what those do who work, or whose rows say so", () => {
    const load = (active: number | undefined, acw: number | undefined) => [
      { media: "call", value: { ...(active === undefined ? {} : { active }), ...(acw === undefined ? {} : { acw }) } }
    ]
    const of4 = (name: string, value: string) => [
      user(`${name} none`, routing(value)),
      user(`${name} zero`, routing(value, load(0, 0) as never)),
      user(`${name} unsaid`, routing(value, load(undefined, undefined) as never)),
      user(`${name} active`, routing(value, load(1, 0) as never)),
      user(`${name} wrapup`, routing(value, load(0, 1) as never)),
      user(`${name} both`, routing(value, [...load(0, 0), ...load(1, 1)] as never))
    ]
    const users = [...of4("idle", "IDLE"), ...of4("off", "OFF_QUEUE"), user(AGENT, routing("IDLE")), user("unknown")]
    const { layer, chunks, hold } = of([...users, user("busy", routing("INTERACTING"))])
    return Effect.gen(function* () {
      yield* hold("agents-v2", AGENT, [call.starts(0, AGENT, QUEUE)])
      yield* agentsUnit("agents-v2", undefined, undefined)
      const working = ["idle", "off"].flatMap((name) => ["active", "wrapup", "both"].map((what) => `${name} ${what}`))
      assert.deepStrictEqual(chunks, [[...working, AGENT, "unknown", "busy"]])
    }).pipe(Effect.provide(layer))
  })

  it.effect("asks for fifty of them at a time, each once", () => {
    const ids = Array.from({ length: 101 }, (_, i) => `agent-${i}`)
    const { layer, chunks } = of(ids.map((id) => user(id)))
    return Effect.gen(function* () {
      yield* agentsUnit("agents-v2", undefined, undefined)
      assert.deepStrictEqual([chunks.map(({ length }) => length), chunks.flat()], [[50, 50, 1], ids])
    }).pipe(Effect.provide(layer))
  })

  it.effect("believes of an answer what it was asked for", () => {
    const { layer, stated } = of([user(AGENT), user("idle", routing("IDLE"))], [AGENT, "idle", "nobody"])
    return Effect.gen(function* () {
      const { counts } = yield* agentsUnit("agents-v2", undefined, undefined)
      assert.deepStrictEqual(counts.stated, { segment: 1, routingStatus: 1 })
      assert.deepStrictEqual(
        stated().map(({ session, routingStatus }) => session?.sessionId ?? routingStatus),
        [`s-${AGENT}`, "IDLE"]
      )
    }).pipe(Effect.provide(layer))
  })

  it.effect("looks at the rows of the sessions that are named, open or not", () => {
    const { layer, calls, hold, sent } = of([user(AGENT)], [AGENT])
    return Effect.gen(function* () {
      yield* hold("agents-v2", AGENT, [call.starts(0, AGENT, QUEUE)], ["session#s1"])
      yield* agentsUnit("agents-v2", undefined, undefined)
      assert.deepStrictEqual(
        calls.filter((one) => one.startsWith("load")),
        [`load ${AGENT}/state ${AGENT}/session#s-${AGENT} now`]
      )
      assert.strictEqual(sent.length, 1)
    }).pipe(Effect.provide(layer))
  })

  it.effect("names users and their teams as the API does, and leaves out what it does not say", () => {
    const { layer, directory, calls } = of([
      user("1", { name: "One", email: "one@example.com", division: "d", team: "t", teamName: "Early" }),
      user("2", { team: "t", teamName: "Early" }),
      user("3", { team: "u" }),
      user("4", { teamName: "Late" })
    ])
    return Effect.gen(function* () {
      yield* Directory.use(({ put }) => put([{ kind: "agents", id: "4", at: asked - 1_000, team: "w" }]))
      calls.splice(0)
      yield* agentsUnit(undefined, undefined, undefined)
      // Who has a team in the answer is not looked up.
      assert.deepStrictEqual(calls, ["names 4", "put 5"])
      const at = asked
      assert.sameDeepMembers(
        [...directory.held()],
        [
          { kind: "teams", id: "t", at, name: "Early" },
          { kind: "agents", id: "1", at, name: "One", email: "one@example.com", division: "d", team: "t" },
          { kind: "agents", id: "2", at, team: "t" },
          { kind: "agents", id: "3", at, team: "u" },
          { kind: "agents", id: "4", at: asked - 1_000, team: "w" }
        ]
      )
    }).pipe(Effect.provide(layer))
  })

  it.effect("looks nobody up where all have a team", () => {
    const { layer, calls } = of([user("1", { team: "t" }), user("2", { team: "t" })])
    return Effect.gen(function* () {
      yield* agentsUnit(undefined, undefined, undefined)
      assert.deepStrictEqual(calls, ["put 2"])
    }).pipe(Effect.provide(layer))
  })

  it.effect("says how many it had, which page follows and how many there are, so far as it was told", () => {
    const [whole, last] = [of([user("1")], [], { next: "2", total: 9 }), of([user("1"), user("2")])]
    return Effect.gen(function* () {
      assert.deepStrictEqual(yield* Effect.provide(agentsUnit("agents-v2", undefined, undefined), whole.layer), {
        ...UNIT,
        counts: { ...noCounts, agents: 1 },
        next: "2",
        total: 9
      })
      assert.deepStrictEqual(yield* Effect.provide(agentsUnit(undefined, "2", undefined), last.layer), {
        ...UNIT,
        counts: { ...noCounts, agents: 2 }
      })
    })
  })

  it.effect("leaves for later, once all were asked, what may be on its way as an event", () => {
    const presence = { value: { systemPresence: "BUSY" }, since: asked - 1_000 }
    const { layer, hold, sent } = of([user(AGENT, { presence })], [AGENT])
    return Effect.gen(function* () {
      yield* TestClock.setTime(asked)
      yield* hold("agents-v2", AGENT, [call.segment("INTERACT", 0, AGENT, QUEUE)], [])
      const { later } = yield* agentsUnit("agents-v2", undefined, noon)
      assert.deepStrictEqual([later?.due, sent], [asked + 1 + TOLD_MS, []])
    }).pipe(Effect.provide(layer))
  })
})
