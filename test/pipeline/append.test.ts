import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { heartbeatText } from "../../src/domain/heartbeat.ts"
import { iso } from "../../src/domain/stamp.ts"
import { type Arrival, appendBatch, EventRetention } from "../../src/pipeline/append.ts"
import { EventEraser } from "../../src/store/event-eraser.ts"
import { quarantineKey } from "../../src/store/quarantine.ts"
import { decodeSettlement } from "../../src/store/settle-queue.ts"
import { StoreError } from "../../src/store/store-error.ts"
import { routingEvent } from "../store/events.ts"
import { makeCore, modelOf, WINDOW } from "../support/core.ts"
import { poisons } from "../support/garbage.ts"
import { AGENT, arrival, arrivalsOf, historyOf, START, statusLine } from "../support/history.ts"
import { snapshotOf } from "../support/snapshots.ts"

const MINUTE = 60_000
const END = Date.UTC(2030, 0)

/** A routing status that began at `clock`, is published at the same time and arrives a moment later unless told otherwise. */
const status = (id: string, value: string, clock: number, received = clock + 100, published = clock): Arrival =>
  arrival(statusLine(id, value, clock, published), received)

const nothing = { appended: 0, duplicates: 0, conflicts: 0, quarantined: 0, unrouted: 0, late: 0, future: 0 }

const counts = ({ appended, duplicates, conflicts, quarantined, unrouted, late, future }: typeof nothing) => ({
  appended,
  duplicates,
  conflicts,
  quarantined,
  unrouted,
  late,
  future
})

const fault = { operation: "test", reason: "AccessDenied", retryable: false }

/** Routing status and its clock, as the agent's row shows them when everything has settled. */
const settled = async (core: ReturnType<typeof makeCore>) => {
  await core.settle(core.queue.take(END))
  const row = core.rows.rows("agents-v2", AGENT)[0]
  return [row?.columns.routingStatus, row?.columns.routingStatusSince]
}

describe("append", () => {
  it("has nothing to do with no records", async () => {
    const core = makeCore()
    const { failed, reasons, unroutedTopics, eventLag: _, drift: __, ...rest } = await core.deliver([])
    assert.deepStrictEqual(rest, { received: 0, ...nothing, parked: 0, deltas: 0, messages: 0, heartbeats: 0 })
    assert.deepStrictEqual([failed, reasons, unroutedTopics], [[], {}, {}])
  })

  it("[P1] puts aside what may have been stored and have left the table since, so that no id is stored with other content", async () => {
    const DAY = 86_400_000
    const core = makeCore()
    const now = core.clock.now()
    const old = status("e-1", "IDLE", now - 22 * DAY, now)
    const young = status("e-2", "IDLE", now - 19 * DAY, now)
    const deliver = (arrivals: ReadonlyArray<Arrival>, days: number) =>
      core.run(Effect.provideService(appendBatch(arrivals), EventRetention, days * DAY))
    const report = await deliver([old, young], 21)
    assert.deepStrictEqual(counts(report), { ...counts(report), appended: 1, quarantined: 1 })
    assert.deepStrictEqual(report.reasons, { TooOld: 1 })
    assert.deepStrictEqual([...core.events.stored().keys()], ["e-2"])
    // Without a retention everything is in the table, however old it is.
    assert.strictEqual((await core.deliver([old])).appended, 1)
  })

  it("[P1] neither stores nor projects nor keeps what comes again of an event that people have erased", async () => {
    const core = makeCore()
    const [first, other] = [status("e-1", "IDLE", START), status("e-1", "INTERACTING", START, START + 200)]
    const neighbour = status("e-2", "IDLE", START + 1)
    await core.deliver([first, neighbour])
    core.queue.take(END)
    await core.run(
      EventEraser.use(({ erase }) => erase([{ id: "e-1", at: START, request: "r-1" }])).pipe(
        Effect.provide(core.events.eraser)
      )
    )
    const report = await core.deliver([first, other, neighbour])
    assert.deepStrictEqual(counts(report), { ...nothing, duplicates: 3 })
    assert.deepStrictEqual(report.failed, [])
    assert.deepStrictEqual([...core.events.stored().keys()], ["e-2"])
    assert.deepStrictEqual(
      core.queue.take(END).flatMap((body) => decodeSettlement(body).deltas.map(({ stamp }) => stamp.eventId)),
      ["e-2"]
    )
    assert.deepStrictEqual([...core.quarantine.kept().keys()], [])
  })

  it("[P1] stores an id once, and keeps the first bytes when others come under it", async () => {
    const core = makeCore()
    const [first, other] = [status("e-1", "IDLE", START), status("e-1", "INTERACTING", START, START + 200)]
    const report = await core.deliver([first, other, first])
    assert.deepStrictEqual(counts(report), { ...nothing, appended: 1, duplicates: 1, conflicts: 1 })
    assert.deepStrictEqual(counts(await core.deliver([other])), { ...nothing, conflicts: 1 })
    const { envelope, received } = core.events.stored().get("e-1") ?? {}
    assert.deepStrictEqual(envelope, JSON.parse(Buffer.from(first.raw).toString()))
    assert.strictEqual(received, first.received)
    assert.deepStrictEqual(await settled(core), ["IDLE", iso(START)])
    const kept = [...core.quarantine.kept().values()]
    assert.deepStrictEqual(
      kept.map(({ reason, raw }) => [reason, Buffer.compare(raw, other.raw)]),
      [["Conflict", 0]]
    )
  })

  it("[P2] quarantines the bytes that came, with the reason and the arrival", async () => {
    const [line = ""] = historyOf(1).map(({ line }) => line)
    const broken: ReadonlyArray<readonly [string, Uint8Array]> = [
      ["NotText", Buffer.from([0x7b, 0xff, 0xfe, 0x00])],
      ["NotJson", Buffer.from("{'id':1}\u0000")],
      ["NotAnObject", Buffer.from("[]")],
      ["MissingId", Buffer.from(JSON.stringify({ ...JSON.parse(line), id: " " }))],
      ["MissingTopic", Buffer.from(JSON.stringify({ ...JSON.parse(line), detail: undefined }))],
      [
        "TooDeep",
        Buffer.from(line.replace('"eventBody":{', `"eventBody":{"deep":${"[".repeat(70)}${"]".repeat(70)},`))
      ],
      ["NumberOutOfRange", Buffer.from(line.replace('"eventBody":{', '"eventBody":{"n":1e309,'))],
      ["InvalidDate", Buffer.from(line.replace(/"timestamp":"[^"]*"/, '"timestamp":"soon"'))],
      ["TooLarge", Buffer.alloc(1_100_000, 0x20)]
    ]
    const core = makeCore()
    const report = await core.deliver(broken.map(([, raw], i) => arrival(raw, START + i)))
    assert.deepStrictEqual(counts(report), { ...nothing, quarantined: broken.length })
    assert.deepStrictEqual(report.reasons, Object.fromEntries(broken.map(([reason]) => [reason, 1])))
    broken.forEach(([reason, raw], i) => {
      const entry = core.quarantine.kept().get(quarantineKey({ raw, reason, received: START + i, detail: "" }))
      assert.isDefined(entry, reason)
      assert.strictEqual(Buffer.compare(entry?.raw ?? Buffer.of(), raw), 0)
      assert.notStrictEqual(entry?.detail, "")
    })
    assert.strictEqual(core.events.stored().size, 0)
    assert.deepStrictEqual(core.queue.waiting(), [])
  })

  it("[P1] stores keys of any name, and knows the same event and another one by them", async () => {
    const core = makeCore()
    const keyed = (value: number) =>
      statusLine("keyed", "IDLE", START).replace(
        '"eventBody":{',
        `"eventBody":{"__proto__":{"a":${value}},"constructor":{"prototype":1},`
      )
    const first = await core.deliver([arrival(keyed(1), START), arrival(keyed(1), START + 1)])
    assert.deepStrictEqual(counts(first), { ...nothing, appended: 1, duplicates: 1 })
    assert.strictEqual(JSON.stringify(core.events.stored().get("keyed")?.envelope), keyed(1))
    const second = await core.deliver([arrival(keyed(2), START + 2)])
    assert.deepStrictEqual(counts(second), { ...nothing, conflicts: 1 })
    assert.deepStrictEqual(await settled(core), ["IDLE", iso(START)])
  })

  it("[P1] takes ids that only look alike for two events", async () => {
    const ids = ["caf\u00e9", "cafe\u0301", "cafe\u0301\u200b", "CAF\u00c9", "\u202ecaf\u00e9", " caf\u00e9"]
    const core = makeCore()
    const report = await core.deliver(ids.map((id, i) => status(id, "IDLE", START + i)))
    assert.deepStrictEqual(counts(report), { ...nothing, appended: ids.length })
    assert.deepStrictEqual([...core.events.stored().keys()].sort(), [...ids].sort())
  })

  it("[P7] one poison record of any kind among 500 harms no neighbour", async () => {
    const lines = historyOf(500).slice(0, 499)
    for (const [name, poison] of Object.entries(poisons(lines[0]?.line ?? ""))) {
      const core = makeCore()
      const batch = [...arrivalsOf(lines)]
      batch.splice(250, 0, arrival(poison, START))
      const report = await core.deliver(batch)
      assert.deepStrictEqual([name, report.appended, report.quarantined, report.failed], [name, 499, 1, []])
      await core.settle(core.queue.take(END))
      assert.deepStrictEqual(core.dump(), modelOf(core.events.stored()))
    }
  })

  it("counts what no projection folds, and stores it", async () => {
    const core = makeCore()
    const { envelope } = routingEvent("e-1")
    const unrouted = arrival(JSON.stringify({ ...envelope, "detail-type": "v2.speech.{id}.transcript" }), START)
    const report = await core.deliver([unrouted, unrouted])
    assert.deepStrictEqual([report.appended, report.duplicates, report.unrouted, report.deltas], [1, 1, 1, 0])
    assert.deepStrictEqual(report.unroutedTopics, { "v2.speech.{id}.transcript": 1 })
    assert.deepStrictEqual([...core.events.stored().keys()], ["e-1"])
  })
})

describe("time", () => {
  it("[P6] counts an event as late that arrives more than W after its publication", async () => {
    const core = makeCore()
    const onTime = status("on-time", "IDLE", START, START + WINDOW.settle)
    const late = status("late", "INTERACTING", START + 1, START + 1 + WINDOW.settle + 1)
    const report = await core.deliver([onTime, late, late])
    assert.deepStrictEqual([report.appended, report.duplicates, report.late], [2, 1, 1])
    assert.deepStrictEqual(await settled(core), ["INTERACTING", iso(START + 1)])
  })

  it("[P1] [P6] takes a snapshot of what began long ago as one event, however often it comes, and as no late one", async () => {
    const core = makeCore()
    const snapshot = snapshotOf({ facet: "routingStatus", agentId: AGENT, value: "OFF_QUEUE" }, START - 7_200_000)
    const said = arrival(JSON.stringify(snapshot), START)
    const report = await core.deliver([said, status("on-time", "IDLE", START, START + 80), said])
    assert.deepStrictEqual(
      [report.appended, report.duplicates, report.conflicts, report.late, report.quarantined],
      [2, 1, 0, 0, 0]
    )
    assert.deepStrictEqual(report.eventLag.Counts, [1])
    assert.deepStrictEqual(await settled(core), ["IDLE", iso(START)])
    const again = await core.deliver([arrival(JSON.stringify(snapshot), START + 600_000)])
    assert.deepStrictEqual([again.appended, again.duplicates, again.conflicts], [0, 1, 0])
  })

  it("[P4] believes a clock up to the skew bound, and replaces one beyond it by the arrival", async () => {
    const core = makeCore()
    const report = await core.deliver([status("edge", "IDLE", START + WINDOW.skew, START, START)])
    assert.strictEqual(report.future, 0)
    assert.deepStrictEqual(await settled(core), ["IDLE", iso(START + WINDOW.skew)])

    const other = makeCore()
    const beyond = await other.deliver([status("beyond", "IDLE", START + WINDOW.skew + 1, START, START)])
    assert.strictEqual(beyond.future, 1)
    assert.deepStrictEqual(await settled(other), ["IDLE", iso(START)])

    const published = makeCore()
    const ahead = status("published", "IDLE", START, START, START + WINDOW.skew + 1)
    assert.strictEqual((await published.deliver([ahead])).future, 1)
    const [sent] = published.queue.deltas(END)
    assert.deepStrictEqual(sent?.stamp, { clock: START, published: START, eventId: "published" })
  })

  it("[P4] a clock that is ahead becomes the first arrival, also when the event comes again hours later", async () => {
    const core = makeCore()
    const ahead = (received: number) => status("ahead", "COMMUNICATING", START + 600 * MINUTE, received)
    const between = status("between", "IDLE", START + 30 * MINUTE)
    await core.deliver([ahead(START)])
    assert.deepStrictEqual(await settled(core), ["COMMUNICATING", iso(START)])
    await core.deliver([between])
    const again = await core.deliver([ahead(START + 60 * MINUTE)])
    assert.deepStrictEqual(counts(again), { ...nothing, duplicates: 1 })
    assert.deepStrictEqual(await settled(core), ["IDLE", iso(START + 30 * MINUTE)])
    assert.deepStrictEqual(core.dump(), modelOf(core.events.stored()))
  })

  it("[P4] a clock that is ahead becomes the first arrival when both arrivals are in one batch", async () => {
    const core = makeCore()
    const ahead = (received: number) => status("ahead", "COMMUNICATING", START + 600 * MINUTE, received)
    await core.deliver([ahead(START), ahead(START + 3 * MINUTE)])
    assert.deepStrictEqual(await settled(core), ["COMMUNICATING", iso(START)])
  })

  it("[P5] no message may be received before the last of its updates is due", async () => {
    const core = makeCore()
    core.clock.advanceTo(START + 1_000)
    await core.deliver([status("a", "IDLE", START), status("b", "OFF_QUEUE", START + 900)])
    const [{ visible } = { visible: 0 }, ...others] = core.queue.waiting()
    assert.deepStrictEqual(others, [])
    assert.isAtLeast(visible, START + 900 + WINDOW.settle)
    assert.isBelow(visible, START + 900 + WINDOW.settle + 1_000)
  })
})

describe("when something fails", () => {
  const good = status("good", "IDLE", START)
  const poison = arrival("{", START)

  it("[P2] a failing store fails the events and nothing else, and nothing is sent for them", async () => {
    const core = makeCore({
      events: (inner) => ({ ...inner, append: () => new StoreError({ store: "event store", ...fault }) })
    })
    const report = await core.deliver([good, poison, good])
    assert.deepStrictEqual([report.failed, report.quarantined, report.appended], [[0, 2], 1, 0])
    assert.deepStrictEqual([report.deltas, report.messages, core.queue.waiting()], [0, 0, []])
  })

  it("[P2] an event that the store refuses fails alone, and only its neighbours are sent", async () => {
    const core = makeCore({
      events: (inner) => ({
        ...inner,
        append: (events) =>
          Effect.map(inner.append(events.slice(1)), (rest) => [
            { _tag: "failed", cause: new StoreError({ store: "event store", ...fault }) },
            ...rest
          ])
      })
    })
    const other = status("other", "OFF_QUEUE", START + 1)
    const report = await core.deliver([good, other])
    assert.deepStrictEqual([report.failed, report.appended], [[0], 1])
    const events = core.queue.deltas(END).map(({ stamp }) => stamp.eventId)
    assert.deepStrictEqual([...new Set(events)], ["other"])
  })

  it("[P2] a failing quarantine fails what should have gone there, a conflict too, and nothing else", async () => {
    const core = makeCore({ quarantine: () => ({ put: () => new StoreError({ store: "quarantine", ...fault }) }) })
    const conflict = status("good", "INTERACTING", START)
    const report = await core.deliver([good, poison, conflict])
    assert.deepStrictEqual([report.failed, report.appended], [[1, 2], 1])
    assert.deepStrictEqual([report.quarantined, report.conflicts, report.reasons], [0, 0, {}])
    assert.strictEqual(report.messages, 1)
  })

  it("[P2] a failing settle queue fails all that is stored, and the retry comes back as duplicates and is sent", async () => {
    let broken = true
    const core = makeCore({
      queue: (inner) => ({
        send: (all) => (broken ? new StoreError({ store: "settle queue", ...fault }) : inner.send(all))
      })
    })
    const other = status("other", "OFF_QUEUE", START + 1)
    await core.deliver([poison])
    const report = await core.deliver([good, poison, other, good])
    assert.deepStrictEqual([report.failed, report.messages], [[0, 2, 3], 0])
    assert.deepStrictEqual(counts(report), { ...nothing, quarantined: 1 })
    assert.strictEqual(core.events.stored().size, 2)
    broken = false
    const retry = await core.deliver([good, other, good])
    assert.deepStrictEqual([retry.failed, counts(retry)], [[], { ...nothing, duplicates: 3 }])
    assert.deepStrictEqual(await settled(core), ["OFF_QUEUE", iso(START + 1)])
  })

  it("[P2] a crash between insert and send loses nothing: the second delivery projects the duplicates", async () => {
    let crash = true
    const core = makeCore({
      queue: (inner) => ({ send: (all) => (crash ? Effect.die(new Error("killed")) : inner.send(all)) })
    })
    const batch = arrivalsOf(historyOf(200))
    const outcome = await core.deliver(batch).then(
      () => "answered",
      () => "killed"
    )
    assert.strictEqual(outcome, "killed")
    assert.isAtLeast(core.events.stored().size, 200)
    assert.deepStrictEqual(core.queue.waiting(), [])
    crash = false
    const report = await core.deliver(batch)
    assert.deepStrictEqual([report.duplicates, report.appended, report.failed], [batch.length, 0, []])
    await core.settle(core.queue.take(END))
    assert.deepStrictEqual(core.dump(), modelOf(core.events.stored()))
  })
})

describe("heartbeats", () => {
  const heartbeat = (at: number, received = at): Arrival => ({ raw: Buffer.from(heartbeatText(at)), received })
  const sent = (core: ReturnType<typeof makeCore>) => core.queue.take(core.clock.now()).map(decodeSettlement)

  it("[P2] are no records: nothing of them is stored, quarantined or in the books, and they go on without delay", async () => {
    const core = makeCore()
    core.clock.advanceTo(START + 300)
    const event = status("e-1", "IDLE", START)
    const report = await core.deliver([heartbeat(START + 100), event, heartbeat(START + 200)])
    assert.deepStrictEqual(counts(report), { ...nothing, appended: 1 })
    assert.deepStrictEqual([report.received, report.heartbeats, report.failed], [1, 2, []])
    assert.deepStrictEqual([core.events.stored().size, core.quarantine.kept().size], [1, 0])
    assert.deepStrictEqual(sent(core), [{ deltas: [], through: START + 200 - WINDOW.settle }])
  })

  it("[P2] quarantine what merely looks like one", async () => {
    const core = makeCore()
    const report = await core.deliver([arrival(heartbeatText(START).replace(":", ": "), START)])
    assert.deepStrictEqual(counts(report), { ...nothing, quarantined: 1 })
    assert.deepStrictEqual([report.received, report.heartbeats, sent(core)], [1, 0, []])
  })

  it("settle nothing that has not come yet, whatever their clock says", async () => {
    const core = makeCore()
    await core.deliver([heartbeat(START + 60_000, START)])
    core.clock.advanceTo(START + 60_000)
    assert.deepStrictEqual(sent(core), [{ deltas: [], through: START - WINDOW.settle }])
  })

  it("do not overtake what could not be stored", async () => {
    const core = makeCore({
      events: (inner) => ({ ...inner, append: () => new StoreError({ store: "event store", ...fault }) })
    })
    const report = await core.deliver([status("e-1", "IDLE", START), heartbeat(START)])
    assert.deepStrictEqual([report.received, report.failed, report.messages], [1, [0], 0])
    assert.deepStrictEqual(sent(core), [])
  })

  it("are let go where the queue takes none: the next one follows", async () => {
    const core = makeCore({ queue: () => ({ send: () => new StoreError({ store: "settle queue", ...fault }) }) })
    const report = await core.deliver([heartbeat(START)])
    assert.deepStrictEqual([report.received, report.failed, report.heartbeats], [0, [], 1])
  })
})
