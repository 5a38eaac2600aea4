import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { redact, topicOf } from "../../../src/cli/rejected/opened.ts"
import type { Json } from "../../../src/domain/json.ts"
import { allTopics } from "../../../src/genesys/topics/index.ts"

const CANARY = "Xq7"
const NUMBER = 79_151_234

/** The same structure with every value replaced by one that must not be seen, and odd keys by odd ones that must not either. */
const poison = (value: Json): Json =>
  Array.isArray(value)
    ? value.map(poison)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(
          Object.entries(value).map(([key, inner]) => [
            /^[A-Za-z_][\w-]*$/.test(key) ? key : `${CANARY} ${key}`,
            poison(inner)
          ])
        )
      : typeof value === "number"
        ? NUMBER
        : `${CANARY}-${String(value)}`

const shown = (value: Json) => JSON.stringify(redact(Buffer.from(JSON.stringify(value))))

const assertQuiet = (value: Json) => {
  const text = shown(poison(value))
  assert.notInclude(text, CANARY)
  assert.notInclude(text, String(NUMBER))
}

describe("redaction", () => {
  it.each(allTopics.map((topic) => [topic.template, topic] as const))(
    "[P11] shows no value of %s",
    (_, { example }) => {
      assertQuiet(example)
    }
  )

  it.prop("[P11] shows no value of any JSON, in any place of an event", [Schema.Json, Schema.Json], ([body, rest]) => {
    const [example] = allTopics.map((topic) => topic.example)
    const { detail } = example as unknown as { readonly detail: { readonly [key: string]: Json } }
    assertQuiet(body as Json)
    assertQuiet({ ...example, rest: rest as Json, detail: { ...detail, eventBody: body as Json } })
  })

  it("shows the structure, and values that are known to be harmless", () => {
    const event = {
      id: "3f0c6f62-8a53-4d97-b0e6-2c7d9f1a3b58",
      "detail-type": "v2.users.{id}.presence",
      detail: {
        topicName: "v2.users.6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58.presence",
        timestamp: "2026-05-06T09:58:31.402Z",
        eventBody: {
          presenceDefinition: { systemPresence: "ON_QUEUE" },
          modifiedDate: 1_778_061_600_090,
          name: "Jane Doe",
          phone: 4_915_112_345_678,
          birthday: "1980-05-06T00:00:00Z",
          outOfOffice: true,
          queue: null,
          tags: ["jane", "ON_QUEUE"]
        }
      }
    }
    assert.deepStrictEqual(JSON.parse(shown(event)), {
      ...event,
      detail: {
        ...event.detail,
        eventBody: {
          ...event.detail.eventBody,
          name: "<string 8>",
          phone: "<number>",
          birthday: "<string 20>",
          outOfOffice: "<boolean>",
          tags: ["<string 4>", "ON_QUEUE"]
        }
      }
    })
  })

  it("[P11] takes a topic apart, for its segments may be anything", () => {
    const topic = { "detail-type": "v2.users.jane@example.com.presence", detail: { topicName: "jane.doe" } }
    assert.deepStrictEqual(JSON.parse(shown(topic)), {
      "detail-type": "v2.users.<string 12>.<string 3>.presence",
      detail: { topicName: "<string 4>.<string 3>" }
    })
    assert.strictEqual(topicOf(Buffer.from(JSON.stringify(topic))), "v2.users.<string 12>.<string 3>.presence")
  })

  it("[P11] says no more than the size of what is no JSON or no text", () => {
    assert.strictEqual(redact(Buffer.from("jane@example.com")), "<text 16, not JSON>")
    assert.strictEqual(redact(Buffer.from([0xff, 0xfe])), "<2 bytes, not UTF-8>")
    assert.isUndefined(topicOf(Buffer.from("jane")))
  })

  it("bounds depth, lists and fields", () => {
    const deep = `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`
    assert.isBelow(JSON.stringify(redact(Buffer.from(deep))).length, 1_000)
    assert.isBelow(shown(Array.from({ length: 10_000 }, () => "x")).length, 1_000)
    const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`f${n}`, n]))
    assert.isBelow(shown(wide).length, 10_000)
  })

  it("keeps a field with a name that objects inherit", () => {
    const text = '{"__proto__":{"a":"b"},"constructor":"c"}'
    assert.strictEqual(
      JSON.stringify(redact(Buffer.from(text))),
      '{"__proto__":{"a":"<string 1>"},"constructor":"<string 1>"}'
    )
  })
})
