import { assert, describe, it } from "vitest"
import { compilePath, compilePattern } from "../src/eventbridge/pattern.ts"

const event = {
  source: "aws.partner/genesys.com/cloud/1",
  "detail-type": "v2.users.{id}.presence",
  detail: {
    topicName: "v2.users.7.presence",
    count: 3,
    flag: true,
    none: null,
    tags: ["a", "b"],
    list: [{ k: 1 }, { k: 5, m: "x" }],
    deep: {}
  }
}

describe("event pattern", () => {
  it.each([
    ["exact list", { source: ["x", "aws.partner/genesys.com/cloud/1"] }, true],
    ["exact list, no value of it", { source: ["x"] }, false],
    ["several fields are and", { source: [{ prefix: "aws." }], "detail-type": ["other"] }, false],
    ["prefix", { source: [{ prefix: "aws.partner/genesys.com" }] }, true],
    ["prefix of a missing field", { nothing: [{ prefix: "" }] }, false],
    ["true and null", { detail: { flag: [true], none: [null] } }, true],
    ["false is not true", { detail: { flag: [false] } }, false],
    ["any element of a list", { detail: { tags: ["b"] } }, true],
    ["no element of a list", { detail: { tags: ["c"] } }, false],
    ["anything-but", { source: [{ "anything-but": ["x", "y"] }] }, true],
    ["anything-but the value", { source: [{ "anything-but": event.source }] }, false],
    ["anything-but needs the field", { nothing: [{ "anything-but": "x" }] }, false],
    ["anything-but prefix", { source: [{ "anything-but": { prefix: "aws." } }] }, false],
    ["exists", { detail: { none: [{ exists: true }] } }, true],
    ["exists on an object", { detail: { deep: [{ exists: true }] } }, false],
    ["not exists", { detail: { nothing: [{ exists: false }] } }, true],
    ["not exists below what is missing", { nothing: { at: { all: [{ exists: false }] } } }, true],
    ["not exists, but does", { detail: { flag: [{ exists: false }] } }, false],
    ["numeric range", { detail: { count: [{ numeric: [">", 2, "<=", 3] }] } }, true],
    ["numeric outside", { detail: { count: [{ numeric: ["=", 2] }] } }, false],
    ["numeric on text", { source: [{ numeric: [">", 0] }] }, false],
    ["one object of a list has it all", { detail: { list: { k: [{ numeric: [">", 4] }], m: ["x"] } } }, true],
    ["two objects of a list have it", { detail: { list: { k: [{ numeric: ["<", 4] }], m: ["x"] } } }, false],
    ["operators in one list are or", { source: ["x", { prefix: "aws" }] }, true],
    ["a name that objects inherit", { detail: { constructor: [{ exists: true }] } }, false]
  ])("%s", (_name, pattern, expected) => {
    assert.strictEqual(compilePattern(JSON.stringify(pattern))(event), expected)
  })

  it.each([
    ["suffix", { source: [{ suffix: "x" }] }],
    ["wildcard", { source: [{ wildcard: "*" }] }],
    ["equals-ignore-case", { source: [{ "equals-ignore-case": "x" }] }],
    ["cidr", { source: [{ cidr: "10.0.0.0/8" }] }],
    ["$or", { $or: [{ source: ["x"] }] }],
    ["anything-but suffix", { source: [{ "anything-but": { suffix: "x" } }] }],
    ["prefix ignoring case", { source: [{ prefix: { "equals-ignore-case": "x" } }] }],
    ["a plain number, whose spelling AWS compares", { detail: { count: [3] } }],
    ["an odd numeric", { detail: { count: [{ numeric: ["!=", 3] }] } }],
    ["an operator that objects inherit", { source: [{ constructor: "x" }] }],
    ["two operators at once", { source: [{ prefix: "a", exists: true }] }]
  ])("throws on %s", (_name, pattern) => {
    assert.throws(() => compilePattern(JSON.stringify(pattern)), /not implemented by aws-in-process/)
  })

  it.each([
    ["a value without a list", { source: "x" }],
    ["an empty list", { source: [] }],
    ["nothing", {}]
  ])("refuses %s", (_name, pattern) => {
    assert.throws(() => compilePattern(JSON.stringify(pattern)), /InvalidEventPattern/)
  })
})

describe("path", () => {
  it.each([
    ["$.detail.topicName", "v2.users.7.presence"],
    ["$.detail-type", "v2.users.{id}.presence"],
    ["$.detail.count", "3"],
    ["$.detail.nothing.more", undefined],
    ["$.detail.deep", undefined],
    ["$.detail.constructor.name", undefined]
  ])("%s", (path, expected) => {
    assert.strictEqual(compilePath(path)(event), expected)
  })

  it.each(["detail.x", "$", "$.detail[0]", "$..x", `$.${"x".repeat(256)}`])("throws on %s", (path) => {
    assert.throws(() => compilePath(path), /not implemented/)
  })
})
