import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { queues } from "../../projections/queues.ts"
import type { Delta } from "../../src/domain/delta.ts"
import { type Columns, generation, type Projection, STATE_ROW } from "../../src/domain/projection.ts"
import type { Event } from "../../src/genesys/event.ts"
import { type ExplainedRow, explain, explainPast, type Tombstones } from "../../src/pipeline/explain.ts"
import { foldWhole } from "../read/whole.ts"
import { decoded } from "../store/events.ts"
import { makeCore, WINDOW } from "../support/core.ts"
import { AGENT, arrival, arrivalsOf, historyOf, START, statusLine } from "../support/history.ts"
import { snapshotOf } from "../support/snapshots.ts"

const END = Date.UTC(2030, 0)

const folded = async (seed = 1) => {
  const core = makeCore()
  await core.deliver(arrivalsOf(historyOf(500, { seed, chaos: 0.3 })))
  await core.settle(core.queue.take(END))
  const events = [...core.events.stored().values()].map(({ envelope, received }) => decoded(envelope, received))
  const entities = (of: Projection<Event>) => [
    ...new Set(
      core
        .dump()
        .filter((line) => line.startsWith(`${generation(of)} `))
        .map((line) => line.split(" ")[1] ?? "")
    )
  ]
  return { ...core, events, entities }
}

/** The projections in the order in which they follow from each other. */
const all = [conversations, agents, queues] as const

/** What the naive model holds of all entities, of those deltas that pass. */
const model = (events: ReadonlyArray<Event>, passes?: (delta: Delta, event: Event) => boolean) =>
  foldWhole(all, events, passes)

/** Which registers the columns of an agent come from, as its fold says; where several could, the first that is there. */
const AGENT_COLUMNS: Readonly<Record<string, ReadonlyArray<string>>> = {
  presence: ["presence"],
  presenceSince: ["presence"],
  presenceId: ["presence"],
  routingStatus: ["routingStatus"],
  routingStatusSince: ["routingStatus"],
  outOfOffice: ["outOfOffice"],
  activeQueueIds: ["activeQueues"],
  station: ["station"],
  wrapup: ["wrapup"]
}

describe("explain", () => {
  it("[P8] names for every field of an agent the event that set it, when that came, and how late", async () => {
    const core = await folded()
    const byId = new Map(core.events.map((event) => [event.id, event]))
    const met = new Set<string>()
    const ofAgents = model(core.events)(agents)
    for (const entity of core.entities(agents)) {
      const { rows } = await core.run(explain("agents-v2", entity, true))
      const held = ofAgents.rows(entity)
      assert.sameMembers(
        rows.map(({ row }) => row),
        [...held.keys()]
      )
      for (const { row, fields } of rows) {
        const stored = core.rows.rows("agents-v2", entity).find((one) => one.row === row)
        assert.deepStrictEqual(Object.fromEntries(fields.map(({ column, value }) => [column, value])), stored?.columns)
        for (const { column, setBy } of fields) {
          const expected = AGENT_COLUMNS[column]
          if (expected !== undefined) {
            assert.deepStrictEqual(
              setBy.map(({ register }) => register),
              expected,
              column
            )
            met.add(column)
          }
          if (column === "conversations")
            assert.isTrue(setBy.every(({ register }) => register.startsWith("conversations.")))
          assert.isTrue(column === "sessionId" ? setBy.length === 0 : setBy.length > 0, column)
          for (const { register, value, clock, published, eventId, arrived, delayMs, topic } of setBy) {
            assert.deepStrictEqual({ value, stamp: { clock, published, eventId } }, held.get(row)?.get(register))
            const event = byId.get(eventId)
            assert.deepStrictEqual([arrived, topic], [event?.received, event?.topic])
            assert.strictEqual(delayMs, (event?.received ?? 0) - published)
          }
        }
      }
    }
    assert.isAtLeast(met.size, 8)
  })

  it("[P8] says what a snapshot set and when that was, and no delay of it", async () => {
    const core = makeCore()
    const [began, askedAt] = [START - 7_200_000, START]
    const snapshot = snapshotOf({ facet: "routingStatus", agentId: AGENT, value: "IDLE" }, began)
    await core.deliver([arrival(JSON.stringify(snapshot), askedAt)])
    await core.settle(core.queue.take(Number.MAX_SAFE_INTEGER))
    const settingOf = async () => {
      const { rows } = await core.run(explain("agents-v2", AGENT))
      return rows[0]?.fields.find(({ column }) => column === "routingStatusSince")?.setBy
    }
    const [setting, ...others] = (await settingOf()) ?? []
    assert.deepStrictEqual(others, [])
    assert.deepInclude(setting, { snapshot: true, arrived: askedAt, clock: began, topic: "snapshot.agents.{id}" })
    assert.notProperty(setting, "delayMs")
  })

  it("[P8] finds the facet that decides the state of an agent", async () => {
    const core = await folded(3)
    let decided = 0
    for (const entity of core.entities(agents)) {
      const { rows } = await core.run(explain("agents-v2", entity))
      const state = rows.find(({ row }) => row === STATE_ROW)
      const since = state?.fields.find(({ column }) => column === "since")
      if (since === undefined) continue
      decided++
      assert.isTrue(
        since.setBy.some(({ clock }) => new Date(clock).toISOString() === since.value),
        JSON.stringify(since)
      )
    }
    assert.isAbove(decided, 5)
  })

  it("[P8] traces the counts of a queue to the open rows that they count", async () => {
    const core = await folded()
    let counted = 0
    for (const entity of core.entities(queues)) {
      const { rows } = await core.run(explain("queues-v2", entity))
      const summary = rows.find(({ derived }) => derived)
      if (summary === undefined) continue
      const open = core.rows.rows("queues-v2", entity).filter(({ expiresAt }) => expiresAt === undefined)
      for (const name of ["waiting", "alerting", "interacting", "members"]) {
        const field = summary.fields.find(({ column }) => column === name)
        const rowsBehind = new Set(field?.setBy.map(({ row }) => row))
        const expected = open
          .filter(({ columns }) => (name === "members" ? columns.joined === true : columns.phase === name))
          .map(({ row }) => row)
        assert.sameMembers([...rowsBehind], expected, name)
        assert.strictEqual(field?.value, expected.length)
        counted += expected.length
      }
    }
    assert.isAbove(counted, 5)
  })

  it("gives fields in the order of the projection, in whatever order the table holds them", async () => {
    const shuffled = makeCore({
      rows: (inner) => ({
        ...inner,
        rows: (projection, entity) =>
          Effect.map(inner.rows(projection, entity), (rows) =>
            rows.map((row) => ({ ...row, columns: Object.fromEntries(Object.entries(row.columns).reverse()) }))
          )
      })
    })
    await shuffled.deliver(arrivalsOf(historyOf(300)))
    await shuffled.settle(shuffled.queue.take(END))
    const columns = async (name: string, row: string) => {
      const entity =
        shuffled
          .dump()
          .find((line) => line.startsWith(`${name} `))
          ?.split(" ")[1] ?? ""
      const { rows } = await shuffled.run(explain(name, entity))
      return rows.find((one) => one.row === row)?.fields.map(({ column }) => column) ?? []
    }
    assert.deepStrictEqual((await columns("agents-v2", STATE_ROW)).slice(0, 3), ["state", "since", "presence"])
    assert.deepStrictEqual((await columns("queues-v2", STATE_ROW)).slice(0, 3), [
      "members",
      "waiting",
      "waitingByMedia"
    ])
  })

  it("[P6] says of a row that an update came too late for it, and how late", async () => {
    const core = makeCore()
    const late = START + 90_000
    await core.deliver([arrival(statusLine("e-1", "IDLE", START), START + 1_000)])
    await core.settle(core.queue.take(START + WINDOW.settle))
    const revised = async () => (await core.run(explain("agents-v2", AGENT))).rows[0]?.revised
    assert.isUndefined(await revised())
    await core.deliver([arrival(statusLine("e-2", "INTERACTING", START + 2_000), late)])
    core.clock.advanceTo(late)
    await core.settle(core.queue.take(END))
    assert.deepStrictEqual(await revised(), { at: late, lateMs: late - START - 2_000 - WINDOW.settle })
  })

  it("shows of closed rows those that a rule has closed, where these are asked for", async () => {
    const core = makeCore()
    const line = (id: string, topic: string, body: object, at: number) =>
      JSON.stringify({
        ...{ id, "detail-type": topic, source: "aws.partner/genesys.com/x" },
        detail: { topicName: topic.replace("{id}", AGENT), eventBody: body, timestamp: new Date(at).toISOString() }
      })
    const segment = (sessionId: string, currentState: string, at: number) =>
      line(
        `${sessionId}-${currentState}`,
        "v2.detail.events.agent.{id}.state",
        { ...{ conversationId: "c1", sessionId, currentState, currentStateStart: at }, mediaType: "VOICE" },
        at
      )
    const idle = { call: { contactCenter: { active: 0, acw: 0 }, enterprise: { active: 0, acw: 0 } } }
    const lines = [
      segment("own", "INTERACT", START),
      segment("own", "TERMINATED", START + 20_000),
      segment("lost", "INTERACT", START + 30_000),
      line("idle", "v2.users.{id}.conversationsummary", idle, START + 60_000),
      segment("open", "INTERACT", START + 70_000)
    ]
    await core.deliver(lines.map((text) => arrival(text, START + 71_000)))
    await core.settle(core.queue.take(END))
    const rows = async (tombstones: Tombstones) =>
      (await core.run(explain("agents-v2", AGENT, tombstones))).rows.map(({ row }) => row).sort()
    assert.deepStrictEqual(await rows(false), ["session#open", "state"])
    assert.deepStrictEqual(await rows("inferred"), ["session#lost", "session#open", "state"])
    assert.deepStrictEqual(await rows(true), ["session#lost", "session#open", "session#own", "state"])
  })

  it("says nothing of an entity that was never heard of, and refuses a generation that is not folded", async () => {
    const core = await folded()
    assert.deepStrictEqual((await core.run(explain("agents-v2", "nobody"))).rows, [])
    const past = await core.run(explainPast("queues-v2", "nobody", { at: END }))
    assert.deepStrictEqual([past.rows, past.folded, past.scanned], [[], 0, core.events.length])
    const error = await core.run(Effect.flip(explain("agents-v9", "nobody")))
    assert.include(error.message, "agents-v9")
  })
})

describe("explain in the past", () => {
  const columnsOf = (rows: ReadonlyArray<ExplainedRow>) =>
    new Map(
      rows.map(({ row, fields }) => [row, Object.fromEntries(fields.map(({ column, value }) => [column, value]))])
    )

  it("[P8] at the end of time is the row as it stands", async () => {
    const core = await folded(2)
    for (const [of, entity] of [
      [agents, core.entities(agents)[0]],
      [queues, core.entities(queues)[0]],
      [conversations, core.entities(conversations)[0]]
    ] as const) {
      const name = generation(of)
      const now = await core.run(explain(name, entity ?? "", true))
      const past = await core.run(explainPast(name, entity ?? "", { at: END, segments: 3, tombstones: true }))
      assert.deepStrictEqual(past.rows, now.rows)
      // Once for the entity, and once for those that its rows follow from, of which conversations have none.
      assert.strictEqual(past.scanned, (of === conversations ? 1 : 2) * core.events.length)
      assert.strictEqual(past.unreadable, 0)
    }
  })

  it("[P8] tells what was true then, and what had arrived by then", async () => {
    const core = await folded(4)
    const times = [60, 240, 450].map((i) => core.events[i]?.received ?? 0)
    for (const time of times)
      for (const entity of core.entities(agents).slice(0, 4)) {
        const cases = [
          [{ at: time }, (delta: Delta) => delta.stamp.clock <= time],
          [{ arrived: time }, (_: Delta, event: Event) => event.received <= time]
        ] as const
        for (const [when, passes] of cases) {
          const expected = new Map<string, Columns>()
          for (const [row, registers] of model(core.events, passes)(agents).rows(entity))
            if (!agents.closed(row, registers)) expected.set(row, agents.view(row, registers))
          const { rows } = await core.run(explainPast("agents-v2", entity, when))
          assert.deepStrictEqual(columnsOf(rows), new Map([...expected].sort(([a], [b]) => (a < b ? -1 : 1))))
        }
      }
  })

  it("[P8] keeps apart when a late event was true and when it was known", async () => {
    const core = makeCore()
    const [early, late] = [START + 1_000, START + 90_000]
    await core.deliver([arrival(statusLine("e-1", "IDLE", START), early)])
    await core.deliver([arrival(statusLine("e-2", "INTERACTING", START + 2_000), late)])
    const status = async (when: { readonly at?: number; readonly arrived?: number }) => {
      const { rows } = await core.run(explainPast("agents-v2", AGENT, when))
      return columnsOf(rows).get(STATE_ROW)?.routingStatus
    }
    assert.strictEqual(await status({ at: START + 1_999 }), "IDLE")
    assert.strictEqual(await status({ at: START + 2_000 }), "INTERACTING")
    assert.strictEqual(await status({ arrived: late - 1 }), "IDLE")
    assert.strictEqual(await status({ arrived: late }), "INTERACTING")
    assert.strictEqual(await status({ at: START - 1 }), undefined)
    assert.strictEqual(await status({ at: START + 2_000, arrived: early }), "IDLE")
  })
})
