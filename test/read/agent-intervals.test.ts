import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { agentIntervals } from "../../projections/agent-intervals.ts"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { queues } from "../../projections/queues.ts"
import { dayOf } from "../../src/domain/interval.ts"
import {
  type AgentFigures,
  type AgentReport,
  BadOption,
  connectMemory,
  NoActiveGeneration
} from "../../src/read/index.ts"
import { AGENT, QUEUE } from "../projections/support.ts"
import { START } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { makeTables } from "./engine.ts"
import { event, idOf, presence, routing } from "./events.ts"

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const QUARTER = 15 * MINUTE

/** A quarter of an hour that holds the start of the tests' clock, and how long after it the clock starts. */
const FIRST = START - (START % QUARTER)
const iso = (ms: number) => new Date(ms).toISOString()

/** Ms after `START` of some time after the first quarter begins. */
const at = (ms: number) => FIRST - START + ms

const ended = (sessionId: string, ms: number, fields: object) =>
  event(
    "v2.detail.events.conversation.{id}.user.end",
    idOf(1),
    { eventTime: START + ms, sessionId, queueId: QUEUE, userId: AGENT, mediaType: "VOICE", ...fields },
    ms
  )

const talked = { alertingDurationMs: 3_000, interactingDurationMs: MINUTE, heldDurationMs: 0, disconnectType: "CLIENT" }
const missed = { alertingDurationMs: 9_000, disconnectType: "NO_ANSWER_TRANSFER" }

const projections = [agents, queues, conversations, agentIntervals]

/** An agent who logged off ten hours before, and on in the first quarter: a call, a missed one, and a break that goes on. */
const opened = async () => {
  const tables = await makeTables({ projections })
  await tables.fold([
    presence(AGENT, "OFFLINE", at(-10 * HOUR)),
    routing(AGENT, "OFF_QUEUE", at(-10 * HOUR)),
    presence(AGENT, "ON_QUEUE", at(5 * MINUTE)),
    routing(AGENT, "IDLE", at(5 * MINUTE)),
    routing(AGENT, "INTERACTING", at(10 * MINUTE)),
    ended("s1", at(20 * MINUTE), talked),
    routing(AGENT, "IDLE", at(20 * MINUTE)),
    ended("s2", at(21 * MINUTE), missed),
    presence(AGENT, "BREAK", at(25 * MINUTE)),
    routing(AGENT, "OFF_QUEUE", at(25 * MINUTE))
  ])
  tables.clock.advanceTo(FIRST + 40 * MINUTE)
  return tables
}

const times = ({ presenceMs, routingStatusMs, stateMs }: AgentFigures) => ({ presenceMs, routingStatusMs, stateMs })

const FIRST_QUARTER = {
  presenceMs: { OFFLINE: 5 * MINUTE, ON_QUEUE: 10 * MINUTE },
  routingStatusMs: { OFF_QUEUE: 5 * MINUTE, IDLE: 5 * MINUTE, INTERACTING: 5 * MINUTE },
  stateMs: { Offline: 5 * MINUTE, "On Queue": 5 * MINUTE, Interacting: 5 * MINUTE }
}

describe("the figures of an agent", UNHURRIED, () => {
  it("are told in all and by quarters of an hour, from the state before on, until now", async () => {
    const tables = await opened()
    const report = await tables.read((reader) => reader.agentInterval(AGENT, iso(FIRST), iso(FIRST + 4 * QUARTER)))
    assert.deepStrictEqual(times(report), {
      presenceMs: { OFFLINE: 5 * MINUTE, ON_QUEUE: 20 * MINUTE, BREAK: 15 * MINUTE },
      routingStatusMs: { OFF_QUEUE: 20 * MINUTE, IDLE: 10 * MINUTE, INTERACTING: 10 * MINUTE },
      stateMs: { Offline: 5 * MINUTE, "On Queue": 10 * MINUTE, Interacting: 10 * MINUTE, Break: 15 * MINUTE }
    })
    assert.deepInclude(report, {
      ...{ agentId: AGENT, from: iso(FIRST), to: iso(FIRST + 4 * QUARTER), generation: "agent-intervals-v1" },
      ...{ handled: 1, notAnswered: 1, transferred: 0, talkMs: MINUTE, heldMs: 0, readAt: iso(FIRST + 40 * MINUTE) }
    })
    assert.deepStrictEqual(
      report.intervals.map(({ handled, notAnswered }) => [handled, notAnswered]),
      [
        [0, 0],
        [1, 1],
        [0, 0]
      ]
    )
    assert.deepStrictEqual(times(report.intervals[0] as AgentFigures), FIRST_QUARTER)
    assert.deepStrictEqual(report.intervals[2]?.stateMs, { Break: 10 * MINUTE })
    assert.deepStrictEqual(
      report.spans.map(({ from, to, state }) => [Date.parse(from) - FIRST, Date.parse(to) - FIRST, state]),
      [
        [0, 5 * MINUTE, "Offline"],
        [5 * MINUTE, 10 * MINUTE, "On Queue"],
        [10 * MINUTE, 20 * MINUTE, "Interacting"],
        [20 * MINUTE, 25 * MINUTE, "On Queue"],
        [25 * MINUTE, 40 * MINUTE, "Break"]
      ]
    )
    await tables.close()
  })

  it("cost one query for the time that is asked for, and one for the four rows before it", async () => {
    const tables = await opened()
    await tables.read((reader) => reader.agentInterval(AGENT, iso(FIRST), iso(FIRST + QUARTER)))
    const queries = tables.seen.flatMap(({ operation, input }) => (operation === "Query" ? [input] : []))
    const keyOf = (ms: number) => ({ S: iso(ms).slice(0, 16).concat("Z") })
    assert.deepStrictEqual(
      queries.map(({ ExpressionAttributeValues, Limit, ScanIndexForward }) => [
        ExpressionAttributeValues,
        Limit,
        ScanIndexForward
      ]),
      [
        [{ ":entity": { S: AGENT }, ":first": keyOf(FIRST), ":last": keyOf(FIRST) }, undefined, undefined],
        [{ ":entity": { S: AGENT }, ":first": { S: "0" }, ":last": keyOf(FIRST - QUARTER) }, 4, false]
      ]
    )
    await tables.close()
  })

  it.each([
    ["nothing is told before", 0, 0, [4]],
    ["the last four rows before tell both facets", 5, 0, [4]],
    ["the last four rows before come by two pages", 5, 350_000, [4, 1]]
  ])("look back no further where %s", async (_, quarters, bytes, limits) => {
    const tables = await makeTables({ projections })
    for (let i = 1; i <= quarters; i++) {
      const began = FIRST - i * QUARTER
      const word = (name: string) => ({ M: { [iso(began)]: { S: name } } })
      await tables.put("agent-intervals-v1", {
        ...{ agentId: { S: AGENT }, row: { S: `${iso(began).slice(0, 16)}Z` }, asOf: { S: iso(began) } },
        ...{ interval: { S: iso(began) }, presence: word("ON_QUEUE"), routingStatus: word("IDLE") },
        registers: { B: Buffer.alloc(bytes).toString("base64") }
      })
    }
    await tables.read((reader) => reader.agentInterval(AGENT, iso(FIRST), iso(FIRST + QUARTER)))
    assert.deepStrictEqual(
      tables.seen.flatMap(({ operation, input }) => (operation === "Query" && input.Limit ? [input.Limit] : [])),
      limits
    )
    await tables.close()
  })

  it("look back over many quarters of an hour for a presence that has not changed, and no further than 84", async () => {
    const tables = await makeTables({ projections })
    const flips = (quarters: number) =>
      Array.from({ length: quarters }, (_, i) =>
        routing(AGENT, i % 2 === 0 ? "IDLE" : "INTERACTING", at(-(i + 1) * QUARTER))
      )
    await tables.fold([presence(AGENT, "ON_QUEUE", at(-30 * QUARTER)), ...flips(20)])
    tables.clock.advanceTo(FIRST + QUARTER)
    const ask = () => tables.read((reader) => reader.agentInterval(AGENT, iso(FIRST), iso(FIRST + QUARTER)))
    assert.deepStrictEqual((await ask()).presenceMs, { ON_QUEUE: QUARTER })
    assert.deepStrictEqual(
      tables.seen.flatMap(({ operation, input }) => (operation === "Query" && input.Limit ? [input.Limit] : [])),
      [4, 20, 84]
    )
    await tables.fold([
      presence(idOf(7), "ON_QUEUE", at(-100 * QUARTER)),
      ...flips(99).map((one) => ({
        ...one,
        facets: one.facets.map((facet) => ({ ...facet, agentId: idOf(7) })) as typeof one.facets
      }))
    ])
    const other = await tables.read((reader) => reader.agentInterval(idOf(7), iso(FIRST), iso(FIRST + QUARTER)))
    assert.deepStrictEqual(times(other), {
      presenceMs: {},
      routingStatusMs: { IDLE: QUARTER },
      stateMs: { Unknown: QUARTER }
    })
    await tables.close()
  })

  it("are those of today in a time zone, and unknown where nothing was ever told", async () => {
    const tables = await opened()
    const report = await tables.read((reader) => reader.agentToday(AGENT, "Asia/Kathmandu", { minutes: 60 }))
    const midnight = dayOf(FIRST, "Asia/Kathmandu")
    assert.deepInclude(report, { from: iso(midnight), to: iso(FIRST + 3 * QUARTER), handled: 1 })
    const sum = Object.values(report.stateMs).reduce((total, time) => total + time, 0)
    assert.strictEqual(sum, FIRST + 40 * MINUTE - midnight)
    const other = await tables.read((reader) => reader.agentToday(idOf(9), "UTC"))
    assert.deepInclude(other, { handled: 0, notAnswered: 0, presenceMs: {}, routingStatusMs: {} })
    assert.deepStrictEqual(Object.keys(other.stateMs), ["Unknown"])
    await tables.close()
  })

  it("are the same from a fixture", async () => {
    const tables = await opened()
    const rows = await tables.read((reader) => reader.rows(agentIntervals, AGENT, { closed: true }))
    const named = Object.fromEntries((rows?.rows ?? []).map(({ row, columns }) => [row, { columns }]))
    await using reader = connectMemory({ projections: { "agent-intervals": { [AGENT]: named } } })
    const ask = (client: { agentInterval: typeof reader.agentInterval }) =>
      client.agentInterval(AGENT, iso(FIRST), iso(FIRST + QUARTER))
    const whole = ({ readAt: _, settledThrough: __, intervals, ...report }: AgentReport) => ({
      ...report,
      intervals: intervals.map(({ settled: ___, ...interval }) => interval)
    })
    const real = await tables.read((calls) => calls.agentInterval(AGENT, iso(FIRST), iso(FIRST + QUARTER)))
    assert.deepStrictEqual(whole(await ask(reader)), whole(real))
    await tables.close()
  })

  it("need the projection", async () => {
    const tables = await makeTables({ projections: [agents, queues, conversations] })
    const failure = await tables.read((reader) => Effect.flip(reader.agentToday(AGENT, "UTC")))
    assert.instanceOf(failure, NoActiveGeneration)
    await tables.close()
  })
})

describe("a question about an agent's time that cannot be answered names the field and the fix", () => {
  const from = iso(FIRST)
  const to = iso(FIRST + QUARTER)
  const client = connectMemory()
  it.each([
    ["agentId", () => client.agentInterval("", from, to)],
    ["from", () => client.agentInterval(AGENT, iso(FIRST + 1), to)],
    ["to", () => client.agentInterval(AGENT, to, from)],
    ["to", () => client.agentInterval(AGENT, from, iso(FIRST + 35 * 24 * HOUR + QUARTER))],
    ["minutes", () => client.agentInterval(AGENT, from, to, { minutes: 20 as 30 })],
    ["timeZone", () => client.agentToday(AGENT, "Berlin")]
  ])("%s", async (field, ask) => {
    const failure = await ask().catch((error: unknown) => error)
    assert.instanceOf(failure, BadOption)
    assert.strictEqual((failure as BadOption).field, field)
    assert.match((failure as BadOption).message, /must be/)
  })
})
