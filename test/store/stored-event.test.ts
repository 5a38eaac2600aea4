import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import type { Item } from "../../src/store/aws/attribute.ts"
import { toItem } from "../../src/store/aws/event-item.ts"
import { ofTopics, restore } from "../../src/store/aws/event-source.ts"
import { memoryPage } from "../../src/store/memory/event-source.ts"
import { ARRIVAL, noise, routingEvent } from "./events.ts"

describe("a stored event", () => {
  const event = routingEvent("e-1")
  const { item } = toItem(event)
  const reason = (of: Item, text?: string | null) => {
    const restored = restore(of, text)
    return Result.isFailure(restored) ? restored.failure : assert.fail("was restored")
  }

  it("is restored from its item, or said to be unreadable without a value of it", () => {
    assert.deepStrictEqual(Result.getOrThrow(restore(item)), {
      id: "e-1",
      topic: event.topic,
      envelope: event.envelope,
      received: event.received
    })
    const { received: _, ...timeless } = item
    const about = { id: "e-1", topic: event.topic }
    assert.deepStrictEqual(reason(timeless), { ...about, reason: "it has no arrival" })
    assert.deepStrictEqual(reason(item, null), { ...about, reason: "its body is not in the bucket" })
    for (const body of [{ S: "no json" }, { B: Buffer.from("x") }, { N: "1" }])
      assert.deepStrictEqual(reason({ ...item, body }), { ...about, reason: "its body cannot be restored" })
    assert.deepStrictEqual(reason({ ...item, body: { B: Uint8Array.of(0xff, 0, 0) } }), {
      ...about,
      reason: "its body needs dictionary 31, and this version has 1; use the version that stored it, or a later one"
    })
    assert.deepStrictEqual(reason({}), { id: "", topic: "", reason: "its body cannot be restored" })
  })

  it("is left out where others are asked for, by its topic alone", () => {
    assert.deepStrictEqual(ofTopics([item, {}], undefined), [item, {}])
    assert.deepStrictEqual(ofTopics([item, {}], new Set([event.topic])), [item])
    assert.deepStrictEqual(ofTopics([item, {}], new Set([""])), [{}])
  })

  it("has a clock: the greatest of what it states, else its publication", () => {
    const at = (...clocks: ReadonlyArray<number | undefined>) =>
      toItem({
        ...event,
        facets: clocks.map((clock) => ({
          facet: "station",
          agentId: "a",
          value: null,
          ...(clock === undefined ? {} : { clock })
        }))
      }).item.clock
    assert.deepStrictEqual(at(3, 7, 5), { N: "7" })
    assert.deepStrictEqual(at(undefined, 3), { N: "3" })
    assert.deepStrictEqual(at(), { N: String(event.published) })
    assert.deepStrictEqual(at(undefined), { N: String(event.published) })
  })

  it("names its subject where a key can hold it", () => {
    const subject = (of: string | undefined) =>
      toItem({ ...event, ...(of === undefined ? {} : { subject: of }) }).item.subject
    assert.deepStrictEqual(subject("x".repeat(2_048)), { S: "x".repeat(2_048) })
    assert.isUndefined(subject("x".repeat(2_049)))
  })

  it("keeps a body that no item can hold under the hash of its text", () => {
    const large = toItem(routingEvent("e-1", { note: noise(600_000) }))
    assert.match(large.overflow?.key ?? "", /^events\/[0-9a-f]{64}$/)
    assert.deepStrictEqual(large.item.bodyKey, { S: large.overflow?.key ?? "" })
    assert.match(large.item.contentHash?.S ?? "", /^[0-9a-f]{64}$/)
    assert.isUndefined(large.item.body)
  })
})

describe("a page of a store in memory", () => {
  const ids = Array.from({ length: 250 }, (_, i) => `e-${i}`)
  const read = (id: string) => ({
    envelope: { "detail-type": Number(id.slice(2)) % 2 === 0 ? "even" : "odd" },
    received: ARRIVAL
  })
  const all = (segments: number, limit?: number) => {
    const found: Array<string> = []
    const sizes: Array<number> = []
    for (let segment = 0; segment < segments; segment++)
      for (let cursor: string | undefined = "0"; cursor !== undefined; ) {
        const request = { segment, segments, cursor, ...(limit === undefined ? {} : { limit }) }
        const page = memoryPage(ids, read, request)
        found.push(...page.events.map(({ id }) => id))
        sizes.push(page.events.length)
        cursor = page.cursor
      }
    return { found, sizes }
  }

  it("is one of many, which hold every event once, whatever the segments", () => {
    assert.deepStrictEqual(all(1).found, ids)
    assert.deepStrictEqual(all(1).sizes, [100, 100, 50])
    assert.deepStrictEqual(all(1, 60).sizes, [60, 60, 60, 60, 10])
    assert.deepStrictEqual(all(1, 125).sizes, [100, 100, 50])
    assert.deepStrictEqual(all(1, 50).sizes, [50, 50, 50, 50, 50])
    const { found, sizes } = all(3)
    assert.deepStrictEqual(found.toSorted(), ids.toSorted())
    // None is left with nothing to do.
    for (const segment of [0, 1, 2])
      assert.isAbove(
        sizes.slice(segment * 3, segment * 3 + 3).reduce((a, b) => a + b),
        40
      )
  })

  it("leaves out and counts the events of topics that nobody asked for", () => {
    const page = memoryPage(ids, read, { segment: 0, segments: 1, topics: new Set(["odd"]) })
    assert.strictEqual(page.events.length, 50)
    assert.deepStrictEqual([page.skipped, page.unreadable, page.readUnits, page.cursor], [50, [], 0, "100"])
    assert.deepStrictEqual(page.events[0], { id: "e-1", topic: "odd", ...read("e-1") })
  })
})
