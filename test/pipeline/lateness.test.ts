import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { measureLateness, PARTS } from "../../src/pipeline/lateness.ts"
import { EventSource } from "../../src/store/event-source.ts"

describe("how late events came", () => {
  const event = (id: string, topic: string, received: number, envelope: object) =>
    ({ id, topic, received: FROM + received, envelope }) as never
  const FROM = Date.parse("2026-05-06T08:00:00Z")
  const at = (ms: number) => new Date(FROM + ms).toISOString()
  const told = (ms: number) => ({ detail: { timestamp: at(ms) }, time: at(0) })

  it.effect("is from publication to arrival, by topic, in some parts of the store", () => {
    const asked: Array<readonly [number, number, string | undefined]> = []
    const pages: Readonly<Record<string, object>> = {
      "0": {
        events: [event("a", "t", 1_070, told(1_000)), event("b", "u", 1_090, { time: at(1_000) })],
        unreadable: [{}],
        readUnits: 3,
        cursor: "next"
      },
      "0 next": {
        events: [
          event("c", "t", 1_090, told(1_000)),
          event("d", "t", 9_000, {}),
          event("e", "snapshot.agents.{id}", 9_000, told(1_000)),
          event("f", "t", 9_000, told(999)),
          event("g", "t", 9_000, told(2_000))
        ],
        unreadable: [],
        readUnits: 2
      },
      "1": { events: [], unreadable: [], readUnits: 1 }
    }
    const source = Layer.succeed(EventSource, {
      page: ({ segment, segments, cursor }) =>
        Effect.sync(() => {
          asked.push([segment, segments, cursor])
          return pages[[segment, cursor].filter((part) => part !== undefined).join(" ")] as never
        })
    })
    const parts: Array<number> = []
    return Effect.gen(function* () {
      const report = yield* measureLateness(2, { since: FROM + 1_000, until: FROM + 2_000 }, (part) =>
        Effect.sync(() => void parts.push(part))
      )
      assert.deepStrictEqual([report.scanned, report.readUnits, parts], [8, 6, [1, 2]])
      assert.deepStrictEqual(
        [...report.topics].map(([topic, delays]) => [topic, [...delays]]),
        [
          [
            "t",
            [
              [70, 1],
              [90, 1]
            ]
          ],
          ["u", [[90, 1]]]
        ]
      )
      assert.deepStrictEqual(asked, [
        [0, PARTS, undefined],
        [0, PARTS, "next"],
        [1, PARTS, undefined]
      ])
      assert.strictEqual(PARTS, 1_000)
      const whole = yield* measureLateness(1, {}, () => Effect.void)
      assert.deepStrictEqual(
        [...(whole.topics.get("t")?.values() ?? [])].reduce((a, b) => a + b),
        4
      )
    }).pipe(Effect.provide(source))
  })
})
