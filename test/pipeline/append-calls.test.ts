import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { iso } from "../../src/domain/stamp.ts"
import { type Arrival, appendBatch, EventRetention } from "../../src/pipeline/append.ts"
import { StoreError } from "../../src/store/store-error.ts"
import { makeCore, WINDOW, type Wraps } from "../support/core.ts"
import { arrival, START, statusLine } from "../support/history.ts"
import { lineOf, startLine } from "../support/hostile.ts"

const DAY = 86_400_000
const status = (id: string, clock = START, published = clock) =>
  arrival(statusLine(id, "IDLE", clock, published), START)
const junk = arrival("junk", START)

/** Every call of a port, with how many things it was given. */
const noting = () => {
  const calls: Array<string> = []
  const noted =
    (name: string) =>
    <A extends object>(inner: A): A =>
      Object.fromEntries(
        Object.entries(inner).map(([call, run]) => [
          call,
          (given: unknown, ...rest: ReadonlyArray<unknown>) => {
            calls.push(`${name}.${call}${Array.isArray(given) ? ` ${given.length}` : ""}`)
            return run(given, ...rest)
          }
        ])
      ) as A
  const wraps: Wraps = {
    ...{ events: noted("events"), queue: noted("queue"), quarantine: noted("quarantine") },
    ...{ parked: noted("parked"), index: noted("index") }
  }
  return { calls, wraps }
}

describe("append", () => {
  it.each([
    ["nothing where nothing came", [], []],
    ["the quarantine alone with what is no event", [junk], ["quarantine.put 1"]],
    ["store, queue and index with an event", [status("a")], ["events.append 1", "index.add 1", "queue.send 1"]],
    [
      "the parking as well where an update cannot be written",
      [arrival(startLine("bad", { user: "a".repeat(2_100) }), START)],
      ["events.append 1", "index.add 3", "parked.put", "queue.send 1"]
    ]
  ] as const)("calls %s", async (_, arrivals, expected) => {
    const { calls, wraps } = noting()
    const core = makeCore(wraps)
    await core.deliver(arrivals)
    // Which comes first does not matter.
    assert.deepStrictEqual<unknown>(calls.sort(), expected)
    const isParked = calls.includes("parked.put")
    assert.strictEqual(core.lines.join().includes("cannot be written, and parked"), isParked)
    assert.deepStrictEqual(
      [...core.parked.kept().values()].map(({ from, attempts }) => [from, attempts]),
      isParked ? [["append", 1]] : []
    )
  })

  it("names what failed by its place in the batch, in order", async () => {
    const fault = new StoreError({ store: "event store", operation: "append", reason: "Busy", retryable: true })
    const core = makeCore({
      events: (inner) => ({ ...inner, append: () => Effect.fail(fault) }),
      quarantine: () => ({ put: () => Effect.fail(fault) })
    })
    const arrivals = Array.from({ length: 12 }, (_, i) => (i % 5 === 3 ? junk : status(`e${i}`)))
    const { failed, eventLag, ...report } = await core.deliver(arrivals)
    assert.deepStrictEqual(failed, [...Array(12).keys()])
    assert.deepInclude(report, { received: 12, appended: 0, quarantined: 0, deltas: 0, messages: 0 })
    assert.deepStrictEqual(eventLag, { Values: [], Counts: [] })
  })

  it("tells how long events were under way, and no such thing of what failed", async () => {
    const core = makeCore()
    core.clock.advanceTo(START + 250)
    const { eventLag } = await core.deliver([status("a", START), status("b", START + 100), status("c", START)])
    assert.deepStrictEqual(eventLag, { Values: [150, 250], Counts: [1, 2] })
  })

  it("says in the quarantine why an id was refused: it has other content, or may have left the table", async () => {
    const core = makeCore()
    await core.deliver([status("a")])
    await core.deliver([arrival(statusLine("a", "OFF_QUEUE", START), START)])
    const edge = START - 20 * DAY
    const deliver = (...arrivals: ReadonlyArray<Arrival>) =>
      core.run(Effect.provideService(appendBatch(arrivals), EventRetention, 21 * DAY))
    assert.strictEqual((await deliver(status("edge", edge))).appended, 1)
    assert.deepStrictEqual((await deliver(status("old", edge - 1))).reasons, { TooOld: 1 })
    assert.deepStrictEqual(
      [...core.quarantine.kept().values()].map(({ reason, detail }) => [reason, detail]),
      [
        ["Conflict", "the id is stored already with other content, which stays"],
        ["TooOld", "it was published before the time for which events stay in the table; compare it with the archive"]
      ]
    )
  })

  it("counts an event as ahead from a millisecond beyond the skew on, by its publication or any clock", async () => {
    const future = async (clock: number, published: number) =>
      (await makeCore().deliver([status("a", clock, published)])).future
    const edge = START + WINDOW.skew
    assert.deepStrictEqual([await future(START, edge), await future(START, edge + 1)], [0, 1])
    assert.deepStrictEqual([await future(edge, START), await future(edge + 1, START)], [0, 1])
    const two = (since: number) =>
      lineOf(
        "two",
        "v2.users.{id}.activity",
        ["u"],
        {
          id: "u",
          routingStatus: { status: "IDLE", startTime: iso(START) },
          presence: { presenceDefinition: { id: "p", systemPresence: "AVAILABLE" }, modifiedDate: iso(since) }
        },
        START
      )
    const ahead = async (since: number) => (await makeCore().deliver([arrival(two(since), START)])).future
    assert.deepStrictEqual([await ahead(edge), await ahead(edge + 1)], [0, 1])
  })
})
