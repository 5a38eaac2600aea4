import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import type { Json } from "../../src/domain/json.ts"
import { type DecodeError, pathText } from "../../src/genesys/decode-error.ts"
import { decodeEvent, decodeParsed, decodeStored } from "../../src/genesys/decoder.ts"
import { defaultLimits } from "../../src/genesys/limits.ts"
import { topics } from "../../src/genesys/topics/index.ts"

const RECEIVED = 1_778_061_700_000
// Whatever is refused holds this, and no message may.
const CANARY = "canary+353155500101"

const sound = {
  id: "0b6e",
  "detail-type": "v2.unheard.of.{id}",
  time: "2026-05-06T09:58:31Z",
  detail: { topicName: "v2.unheard.of.1", timestamp: "2026-05-06T09:58:31.402Z", eventBody: {} as Json }
}
const text = JSON.stringify(sound)
const withDetail = (detail: object) => JSON.stringify({ ...sound, detail: { ...sound.detail, ...detail } })
const withBody = (eventBody: unknown) => withDetail({ eventBody })
const rawBody = (json: string) => text.replace('"eventBody":{}', `"eventBody":${json}`)
const without = (key: string) => JSON.stringify({ ...sound, [key]: undefined })

const accept = (raw: Uint8Array | string) => Result.getOrThrow(decodeEvent(raw, RECEIVED))
const refusal = (raw: Uint8Array | string, limits = defaultLimits): DecodeError => {
  const decoded = decodeEvent(raw, RECEIVED, limits)
  if (Result.isSuccess(decoded)) throw new Error("was accepted")
  return decoded.failure
}
const nest = (levels: number, open = "[", close = "]") => open.repeat(levels) + close.repeat(levels)
const bytes = (...values: ReadonlyArray<number>) => new Uint8Array(values)

const refusals: ReadonlyArray<
  readonly [what: string, tag: DecodeError["_tag"], path: string, raw: Uint8Array | string]
> = [
  ["a text of too many bytes", "TooLarge", "$", withBody(CANARY.repeat(60_000))],
  ["bytes beyond the limit", "TooLarge", "$", new Uint8Array(defaultLimits.bytes + 1)],
  ["a text that only UTF-8 makes too large", "TooLarge", "$", withBody("€".repeat(400_000))],
  ["invalid UTF-8", "NotText", "$", bytes(0x22, 0xc3, 0x28, 0x22)],
  ["an encoded surrogate", "NotText", "$", bytes(0x22, 0xed, 0xa0, 0x80, 0x22)],
  ["nothing", "NotJson", "$", ""],
  ["words", "NotJson", "$", CANARY],
  ["half an event", "NotJson", "$", `{"id": "${CANARY}", `],
  ["NaN", "NotJson", "$", rawBody("NaN")],
  ["NUL in a string", "NotJson", "$", rawBody('"\u0000"')],
  ["two events", "NotJson", "$", `${text}\n${text}`],
  ["a list of events", "NotAnObject", "$", `[${text}]`],
  ["null", "NotAnObject", "$", "null"],
  ["a string", "NotAnObject", "$", JSON.stringify(CANARY)],
  ["a number", "NotAnObject", "$", "353155500101"],
  ["lists too deep", "TooDeep", `${`$.detail.eventBody${"[0]".repeat(62)}`.slice(0, 200)}…`, rawBody(nest(63))],
  ["too many elements", "TooManyKeys", "$.detail.eventBody", withBody(Array(500_000).fill(0))],
  ["infinity", "NumberOutOfRange", "$.detail.eventBody.count", rawBody('{"count":1e999}')],
  ["2^53", "NumberOutOfRange", "$.detail.eventBody[0]", rawBody("[9007199254740992]")],
  ["-2^53", "NumberOutOfRange", "$.detail.eventBody", rawBody("-9007199254740992")],
  ["no id", "MissingId", "$.id", without("id")],
  ["an empty id", "MissingId", "$.id", JSON.stringify({ ...sound, id: "" })],
  ["a blank id", "MissingId", "$.id", JSON.stringify({ ...sound, id: " \t\u00a0" })],
  ["a number for an id", "MissingId", "$.id", JSON.stringify({ ...sound, id: 353155500101 })],
  ["null for an id", "MissingId", "$.id", JSON.stringify({ ...sound, id: null })],
  ["an id too long", "IdTooLong", "$.id", JSON.stringify({ ...sound, id: CANARY.repeat(200) })],
  ["an id too long in UTF-8", "IdTooLong", "$.id", JSON.stringify({ ...sound, id: "€".repeat(683) })],
  ["half a character in an id", "IdNotText", "$.id", JSON.stringify({ ...sound, id: `${CANARY}\ud83d` })],
  [
    "a detail-type too long",
    "TopicTooLong",
    "$.detail-type",
    JSON.stringify({ ...sound, "detail-type": "x".repeat(2_049) })
  ],
  ["no detail-type", "MissingTopic", "$.detail-type", without("detail-type")],
  ["an empty detail-type", "MissingTopic", "$.detail-type", JSON.stringify({ ...sound, "detail-type": "" })],
  ["a list for a detail-type", "MissingTopic", "$.detail-type", JSON.stringify({ ...sound, "detail-type": [CANARY] })],
  ["no detail", "MissingTopic", "$.detail", without("detail")],
  ["null for detail", "MissingTopic", "$.detail", JSON.stringify({ ...sound, detail: null })],
  ["text for detail", "MissingTopic", "$.detail", JSON.stringify({ ...sound, detail: CANARY })],
  ["no topicName", "MissingTopic", "$.detail.topicName", withDetail({ topicName: undefined })],
  ["an empty topicName", "MissingTopic", "$.detail.topicName", withDetail({ topicName: "" })],
  ["a number for topicName", "MissingTopic", "$.detail.topicName", withDetail({ topicName: 353155500101 })],
  ["a time that is none", "InvalidDate", "$.time", JSON.stringify({ ...sound, time: CANARY })],
  ["a day that is none", "InvalidDate", "$.time", JSON.stringify({ ...sound, time: "2026-02-30T00:00:00Z" })],
  ["a timestamp that is none", "InvalidDate", "$.detail.timestamp", withDetail({ timestamp: CANARY })],
  ["a timestamp out of range", "InvalidDate", "$.detail.timestamp", withDetail({ timestamp: 0 })],
  ["an object for a timestamp", "InvalidDate", "$.detail.timestamp", withDetail({ timestamp: { at: CANARY } })]
]

describe("the decoder refuses", () => {
  it.each(refusals)("[P7] [P11] %s: %s at %s, without the value", (_, tag, path, raw) => {
    const error = refusal(raw)
    assert.strictEqual(error._tag, tag)
    assert.strictEqual(error.path, path)
    assert.isTrue(error.message.startsWith(`${path}: `), error.message)
    assert.isAbove(error.message.length, path.length + 20)
    for (const seen of [error.message, String(error), JSON.stringify(error), error.stack ?? ""]) {
      assert.notInclude(seen, "canary")
      assert.notInclude(seen, "353155500101")
    }
  })

  it("[P11] shows no key that is not a plain field name, and no path without end", () => {
    const odd = refusal(rawBody(`{"jane@example.org":{"+353155500101":{"\\u001b[31m":[1e999]}}}`))
    assert.strictEqual(odd.path, "$.detail.eventBody.*.*.*[0]")
    const long = refusal(rawBody(`${`{"${"k".repeat(60)}":`.repeat(20)}1e999${"}".repeat(20)}`))
    assert.isAtMost(long.path.length, 201)
  })

  it("[P11] shows a path of 200 characters whole, and of a longer one the beginning", () => {
    const path = ["a", "b", "c", "d"].map((letter) => letter.repeat(40))
    const whole = `$.${path.join(".")}`
    const last = "e".repeat(200 - whole.length - 1)
    assert.strictEqual(pathText([...path, last]), `${whole}.${last}`)
    assert.strictEqual(pathText([...path, `${last}f`]), `${whole}.${last}…`)
  })

  it("at the limit and not before it", () => {
    const limits = { bytes: text.length, depth: 3, keys: 7 }
    assert.isTrue(Result.isSuccess(decodeEvent(text, RECEIVED, limits)))
    assert.isTrue(Result.isSuccess(decodeEvent(new TextEncoder().encode(text), RECEIVED, limits)))
    assert.strictEqual(refusal(text, { ...limits, bytes: limits.bytes - 1 })._tag, "TooLarge")
    assert.strictEqual(refusal(text, { ...limits, depth: 2 })._tag, "TooDeep")
    // What is no event at all is told that first, whatever else is wrong with it.
    assert.strictEqual(refusal("[[[[]]]]", { ...limits, depth: 2 })._tag, "NotAnObject")
    assert.strictEqual(refusal(text, { ...limits, keys: 6 })._tag, "TooManyKeys")
    // What stands beside each other is as deep as one of it.
    const beside = rawBody('{"a":{},"b":[],"c":{}}')
    assert.isTrue(Result.isSuccess(decodeEvent(beside, RECEIVED, { ...defaultLimits, depth: 4 })))
    const listed = rawBody("[0,0]")
    assert.isTrue(Result.isSuccess(decodeEvent(listed, RECEIVED, { ...defaultLimits, keys: 9 })))
    assert.strictEqual(refusal(listed, { ...defaultLimits, keys: 8 })._tag, "TooManyKeys")
    accept(rawBody(nest(62)))
    // What was stored was within the limits of its day.
    assert.strictEqual(refusal(rawBody(nest(63)))._tag, "TooDeep")
    assert.isTrue(Result.isSuccess(decodeStored(JSON.parse(rawBody(nest(63))), RECEIVED)))
    for (const value of [undefined, null, "text", [sound]]) {
      const decoded = decodeStored(value, RECEIVED)
      assert.strictEqual(Result.isFailure(decoded) ? decoded.failure._tag : "", "NotAnObject")
    }
    accept(rawBody("[9007199254740991,-9007199254740991,1e-400,-0,0.1]"))
    accept(JSON.stringify({ ...sound, id: "x".repeat(2_048), "detail-type": "x".repeat(2_048) }))
  })

  it("by these limits: a record of the stream with its envelope, 64 levels, half a million keys, an id of 2,048 bytes", () => {
    assert.deepStrictEqual(defaultLimits, { bytes: 1_052_672, depth: 64, keys: 500_000 })
    assert.strictEqual(refusal(JSON.stringify({ ...sound, id: "x".repeat(2_049) }))._tag, "IdTooLong")
  })

  it("[P7] hostile shapes in linear time", () => {
    const hostile = [
      nest(100_000),
      nest(500_000, "[", ""),
      rawBody(nest(100_000)),
      rawBody(nest(100_000, '{"a":', "").concat("1", "}".repeat(100_000))),
      rawBody(`[${"0,".repeat(100_000)}0]`),
      rawBody(JSON.stringify("a".repeat(1_000_000))),
      rawBody(`{${Array.from({ length: 50_000 }, (_, i) => `"${i}":0`).join()}}`),
      JSON.stringify({ ...sound, time: "2026-".repeat(100_000) }),
      withDetail({ topicName: "v2.users.".repeat(50_000) })
    ]
    const start = process.hrtime.bigint()
    for (const raw of hostile) decodeEvent(raw, RECEIVED)
    assert.isBelow(Number(process.hrtime.bigint() - start) / 1e6, 2_000)
  })
})

describe("the decoder accepts", () => {
  const bom = "\ufeff"
  const cases: ReadonlyArray<readonly [what: string, raw: Uint8Array | string]> = [
    ["a byte order mark in bytes", new TextEncoder().encode(bom + text)],
    ["a byte order mark in text", bom + text],
    ["white space around", ` \n${text}\r\n`],
    ["an id that is no UUID", JSON.stringify({ ...sound, id: "b7e2c9d0#4f1a|\u202e\u0000" })],
    ["lone surrogates", rawBody('"\\ud800"')],
    ["unknown fields", JSON.stringify({ ...sound, "replay-name": "again", extra: [{ deep: null }] })],
    ["keys of Object.prototype", rawBody('{"toString":1,"hasOwnProperty":2,"valueOf":{}}')],
    ["keys that lead to a prototype elsewhere", rawBody('{"constructor":{"prototype":{"a":1}},"prototype":[]}')],
    ["__proto__ at every level", `{"__proto__":{"a":1},${rawBody('[{"__proto__":"b"}]').slice(1)}`],
    ["400,000 elements", withBody(Array(400_000).fill(0))],
    ["no body", withDetail({ eventBody: undefined })],
    ["an odd source", JSON.stringify({ ...sound, source: 5 })],
    ["no times at all", JSON.stringify({ ...sound, time: null, detail: { topicName: "a", timestamp: null } })],
    ["a blank topic", JSON.stringify({ ...sound, "detail-type": " " })],
    ...[null, true, 5, "text", [], {}].map((body) => [`the body ${JSON.stringify(body)}`, withBody(body)] as const)
  ]

  it.each(cases)("%s", (_, raw) => {
    const event = accept(raw)
    assert.isFalse(event.routed)
    assert.isUndefined(event.subject)
    assert.deepStrictEqual(event.facets, [])
    assert.strictEqual(event.received, RECEIVED)
  })

  it("and keeps everything that came in", () => {
    const raw = JSON.stringify({ ...sound, "replay-name": "again", extra: [{ deep: null }] })
    assert.deepStrictEqual(accept(raw).envelope, JSON.parse(raw))
    assert.strictEqual(JSON.stringify(accept(raw).envelope), raw)
  })

  it("and keeps keys of any name as fields of their own", () => {
    const raw = `{"constructor":1,${rawBody('{"__proto__":{"polluted":true},"prototype":{"constructor":null}}').slice(1)}`
    const { envelope } = accept(raw)
    assert.strictEqual(JSON.stringify(envelope), raw)
    assert.isUndefined(({} as { polluted?: unknown }).polluted)
  })

  it("the same event parsed", () => {
    assert.deepStrictEqual(decodeParsed(JSON.parse(text), RECEIVED), decodeEvent(text, RECEIVED))
  })

  it("the last of two equal keys", () => {
    assert.strictEqual(accept(text.replace('"id":"0b6e"', '"id":"first","id":"second"')).id, "second")
  })

  it.prop("any JSON as a body, on any topic", [Schema.Json, Schema.Literals([...topics.keys()])], ([body, topic]) => {
    const detail = { ...(topics.get(topic)?.example.detail as object), eventBody: body }
    const decoded = decodeEvent(JSON.stringify({ ...sound, "detail-type": topic, detail }), RECEIVED)
    // Generated JSON may hold what JSON text cannot, or what the limits refuse; nothing else is refused.
    if (Result.isFailure(decoded)) assert.strictEqual(decoded.failure._tag, "NumberOutOfRange")
    else assert.isTrue(decoded.success.routed)
  })

  it.prop("any text and any bytes without throwing", [Schema.String, Schema.Array(Schema.Int)], ([string, ints]) => {
    decodeEvent(string, RECEIVED)
    decodeEvent(Uint8Array.from(ints), RECEIVED)
    decodeEvent(rawBody(string), RECEIVED)
    decodeEvent(withBody(string), RECEIVED)
  })

  it("nothing that would touch a prototype", () => {
    for (const [, , , raw] of refusals) decodeEvent(raw, RECEIVED)
    assert.deepStrictEqual(Object.keys(Object.prototype), [])
    assert.isUndefined(({} as { canary?: unknown }).canary)
  })
})

describe("the publication time", () => {
  const at = (time: unknown, timestamp: unknown) =>
    accept(JSON.stringify({ ...sound, time, detail: { ...sound.detail, timestamp } })).published

  it("is detail.timestamp, else time, else the arrival", () => {
    assert.strictEqual(at("2026-05-06T09:58:31Z", "2026-05-06T09:58:31.402Z"), 1778061511402)
    assert.strictEqual(at("2026-05-06T09:58:31Z", undefined), 1778061511000)
    assert.strictEqual(at("2026-05-06T09:58:31Z", null), 1778061511000)
    assert.strictEqual(at(undefined, 1778061511402), 1778061511402)
    assert.strictEqual(at(undefined, undefined), RECEIVED)
  })
})
