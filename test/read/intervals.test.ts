import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { queueIntervals } from "../../projections/queue-intervals.ts"
import { queues } from "../../projections/queues.ts"
import { dayOf } from "../../src/domain/interval.ts"
import {
  BadOption,
  connectMemory,
  type IntervalOptions,
  NoActiveGeneration,
  type Reader
} from "../../src/read/index.ts"
import { QUEUE } from "../projections/support.ts"
import { START } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { makeTables } from "./engine.ts"
import { event, idOf } from "./events.ts"

const CALL = idOf(1)
const SECOND = 1_000
const MINUTE = 60 * SECOND
const QUARTER = 15 * MINUTE

/** A quarter of an hour that holds the start of the tests' clock. */
const FIRST = START - (START % QUARTER)
const iso = (ms: number) => new Date(ms).toISOString()

const ended = (sessionId: string, at: number, waitSeconds: number, fields: object) =>
  event(
    "v2.detail.events.conversation.{id}.acd.end",
    CALL,
    {
      eventTime: at,
      sessionId,
      queueId: QUEUE,
      mediaType: "VOICE",
      connectedDurationMs: waitSeconds * SECOND,
      ...fields
    },
    at - START
  )

const answered = { acdOutcome: "ANSWERED" }

const projections = [agents, queues, conversations, queueIntervals]

/** Tables that hold three waits: two of the first quarter, one of the third. */
const opened = async () => {
  const tables = await makeTables({ projections })
  await tables.fold([
    ended("s1", FIRST + MINUTE, 5, answered),
    ended("s2", FIRST + 2 * MINUTE, 30, { ...answered, mediaType: "CHAT" }),
    ended("s3", FIRST + 2 * QUARTER, 90, { acdOutcome: "ABANDON" })
  ])
  tables.clock.advanceTo(FIRST + 3 * QUARTER + MINUTE)
  return tables
}

const count = ({ answered, abandoned }: { answered: number; abandoned: number }) => [answered, abandoned]

describe("the figures of a queue", UNHURRIED, () => {
  it("are told in all and by quarters of an hour, by one query for the rows between", async () => {
    const tables = await opened()
    const report = await tables.read((reader) => reader.interval(QUEUE, iso(FIRST), iso(FIRST + 4 * QUARTER)))
    assert.deepStrictEqual(count(report), [2, 1])
    assert.deepStrictEqual(report.intervals.map(count), [
      [2, 0],
      [0, 0],
      [0, 1],
      [0, 0]
    ])
    assert.deepInclude(report, {
      queueId: QUEUE,
      from: iso(FIRST),
      generation: "queue-intervals-v1",
      serviceLevel: 1 / 3
    })
    assert.strictEqual(report.averageSpeedOfAnswerMs, 17_500)
    assert.deepStrictEqual(
      tables.seen.flatMap(({ operation, input }) => (operation === "Query" ? [input.ExpressionAttributeValues] : [])),
      [
        {
          ":entity": { S: QUEUE },
          ":first": { S: `${iso(FIRST).slice(0, 16)}Z` },
          ":last": { S: `${iso(FIRST + 4 * QUARTER).slice(0, 16)}Z` }
        }
      ]
    )
    await tables.close()
  })

  it("stop at the end that is asked for, and do not list what has not begun", async () => {
    const tables = await opened()
    const [short, long] = await Promise.all(
      [2, 96].map((quarters) =>
        tables.read((reader) => reader.interval(QUEUE, new Date(FIRST), new Date(FIRST + quarters * QUARTER)))
      )
    )
    assert.deepStrictEqual(count(short!), [2, 0])
    assert.lengthOf(long!.intervals, 4)
    await tables.close()
  })

  it("are told by longer intervals and of one medium", async () => {
    const tables = await opened()
    const ask = (options: IntervalOptions) =>
      tables.read((reader) => reader.interval(QUEUE, iso(FIRST), iso(FIRST + 3 * QUARTER), options))
    assert.deepStrictEqual(
      (await ask({ minutes: 30 })).intervals.map((one) => [...count(one), one.to]),
      [
        [2, 0, iso(FIRST + 2 * QUARTER)],
        [0, 1, iso(FIRST + 3 * QUARTER)]
      ]
    )
    assert.deepStrictEqual(count(await ask({ mediaType: "CHAT" })), [1, 0])
    await tables.close()
  })

  it("are judged by the rule of the queue", async () => {
    const tables = await opened()
    const ask = (reader: Reader["Service"]) => reader.interval(QUEUE, iso(FIRST), iso(FIRST + QUARTER))
    const serviceLevel = { answerSeconds: 4, queues: { [QUEUE]: { answerSeconds: 30, target: 1 } } }
    const own = await tables.read(ask, { serviceLevel })
    assert.deepInclude(own, { serviceLevel: 1, targetMet: true })
    assert.deepInclude(own.rule, { answerSeconds: 30, target: 1, shortAbandonSeconds: 10 })
    assert.deepInclude(await tables.read(ask, { serviceLevel: { answerSeconds: 4 } }), {
      serviceLevel: 0,
      targetMet: false
    })
    await tables.close()
  })

  it("are those of today in a time zone, and zero where nothing happened", async () => {
    const tables = await opened()
    const report = await tables.read((reader) => reader.today(QUEUE, "Asia/Kathmandu"))
    assert.deepStrictEqual(count(report), [2, 1])
    assert.strictEqual(report.from, iso(dayOf(FIRST, "Asia/Kathmandu")))
    assert.strictEqual(report.to, iso(FIRST + 4 * QUARTER))
    const other = await tables.read((reader) => reader.today(idOf(9), "UTC"))
    assert.deepInclude(other, { offered: 0, handled: 0, revised: false })
    assert.notProperty(other, "serviceLevel")
    await tables.close()
  })

  it("need the projection", async () => {
    const tables = await makeTables({ projections: [agents, queues, conversations] })
    const failure = await tables.read((reader) => Effect.flip(reader.today(QUEUE, "UTC")))
    assert.instanceOf(failure, NoActiveGeneration)
    await tables.close()
  })
})

describe("a question about intervals that cannot be answered names the field and the fix", () => {
  const from = iso(FIRST)
  const to = iso(FIRST + QUARTER)
  const client = connectMemory()
  it.each([
    ["queueId", () => client.interval("", from, to)],
    ["from", () => client.interval(QUEUE, iso(FIRST + 1), to)],
    ["from", () => client.interval(QUEUE, "yesterday", to)],
    ["from", () => client.interval(QUEUE, "1", to)],
    ["to", () => client.interval(QUEUE, iso(FIRST), "2026-05-06T10:15:00")],
    ["to", () => client.interval(QUEUE, to, from)],
    ["to", () => client.interval(QUEUE, from, from)],
    ["to", () => client.interval(QUEUE, from, iso(FIRST + 35 * 86_400_000 + QUARTER))],
    ["minutes", () => client.interval(QUEUE, from, to, { minutes: 20 as 30 })],
    ["mediaType", () => client.interval(QUEUE, from, to, { mediaType: "" })],
    ["timeZone", () => client.today(QUEUE, "Berlin")]
  ])("%s", async (field, ask) => {
    const failure = await ask().catch((error: unknown) => error)
    assert.instanceOf(failure, BadOption)
    assert.strictEqual((failure as BadOption).field, field)
    assert.match((failure as BadOption).message, /must be/)
  })

  it.each([
    ["serviceLevel.target", { target: 80 }],
    ["serviceLevel.answerSeconds", { answerSeconds: -1 }],
    ["serviceLevel.withFlowOuts", { withFlowOuts: "yes" }],
    ["serviceLevel.seconds", { seconds: 20 }],
    ["serviceLevel.queues.q1.target", { queues: { q1: { target: 2 } } }],
    ["serviceLevel.queues.q1", { queues: { q1: 3 } }]
  ])("%s", async (field, serviceLevel) => {
    const tables = await makeTables({ projections })
    const ask = tables.read((reader) => reader.today(QUEUE, "UTC"), { serviceLevel: serviceLevel as object })
    const failure = await ask.catch((error: unknown) => error)
    assert.include(String(failure), field)
    await tables.close()
  })
})

describe("a day", () => {
  it.each([
    ["UTC", "2026-05-06T00:10:00Z", "2026-05-06T00:00:00Z"],
    ["Europe/Berlin", "2026-05-06T21:59:00Z", "2026-05-05T22:00:00Z"],
    ["Asia/Kathmandu", "2026-05-06T10:00:00Z", "2026-05-05T18:15:00Z"],
    ["a day of 25 hours, Europe/Berlin", "2026-10-25T22:30:00Z", "2026-10-24T22:00:00Z"],
    ["a day without midnight, America/Santiago", "2026-09-06T12:00:00Z", "2026-09-06T04:00:00Z"]
  ])("of %s", (name, at, start) => {
    assert.strictEqual(iso(dayOf(Date.parse(at), name.split(", ").at(-1) ?? "")), iso(Date.parse(start)))
  })
})
