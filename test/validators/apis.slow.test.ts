import { readFileSync } from "node:fs"
import { assert, beforeAll, describe, it } from "vitest"
import { type ApiExtract, callFaults } from "./api.ts"
import { callsFor } from "./calls.ts"
import { stacks, type ValidatedStack } from "./stacks.ts"

const extract: ApiExtract = JSON.parse(readFileSync(new URL("apis.json", import.meta.url), "utf8"))

describe("the resources of every stack, by the models of the API that makes them", () => {
  let all: ReadonlyArray<ValidatedStack>
  beforeAll(async () => {
    all = await stacks()
  })
  const made = () =>
    all.flatMap(({ name, captured }) =>
      captured.resources
        .filter(({ custom }) => custom)
        .map((resource) => ({ stack: name, resource, ...callsFor(resource) }))
    )

  it("are made by calls that leave no input out", () => {
    const found = made().flatMap(({ resource: { type, name }, calls, unread }) =>
      calls === undefined
        ? [`${type} is made by no call`]
        : unread.map((key) => `${type} ${name}: ${key} is read by no call`)
    )
    assert.deepStrictEqual([...new Set(found)], [])
  })

  it("have what the calls require, and nothing that they do not take", () => {
    const calls = made().flatMap(({ stack, resource, calls = [] }) => calls.map((call) => ({ stack, resource, call })))
    assert.isAbove(calls.length, 700)
    const found = calls.flatMap(({ stack, resource, call }) =>
      callFaults(extract, call).map((fault) => `${stack}, ${resource.name}: ${fault}`)
    )
    assert.deepStrictEqual(found, [])
  })
})

describe("the check of a call", () => {
  const faults = (operation: string, params: object) => callFaults(extract, { operation, params }).join("\n")
  const role = { RoleName: "a", AssumeRolePolicyDocument: "{}" }

  it.each([
    ["what is required", "iam.CreateRole", { RoleName: "a" }, "lacks AssumeRolePolicyDocument"],
    ["a name that is too long", "iam.CreateRole", { ...role, RoleName: "a".repeat(65) }, "65 characters of at most 64"],
    ["a name of other characters", "iam.CreateRole", { ...role, RoleName: "a/b" }, "which is not"],
    ["a member that there is not", "iam.CreateRole", { ...role, Name: "a" }, "a member Name that there is not"],
    ["a word that is none of those", "lambda.CreateFunction", { Runtime: "nodejs1.x" }, "and not one of"],
    [
      "a number that is too large",
      "lambda.PutFunctionConcurrency",
      { FunctionName: "a", ReservedConcurrentExecutions: -1 },
      "less than 0"
    ],
    ["a text for a number", "kinesis.CreateStream", { StreamName: "a", ShardCount: "1" }, "and no integer"],
    ["a list that is none", "dynamodb.CreateTable", { TableName: "abc", KeySchema: {} }, "is no list"]
  ])("finds %s", (_, operation, params, fault) => {
    assert.include(faults(operation, params), fault)
  })

  it("takes what is right", () => {
    assert.strictEqual(faults("iam.CreateRole", role), "")
  })
})
