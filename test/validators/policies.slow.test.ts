import { readFileSync } from "node:fs"
import { assert, beforeAll, describe, it } from "vitest"
import { covers, type IamExtract, type IamStatement, statementFaults } from "./iam.ts"
import { type PolicyText, policiesOf, stacks } from "./stacks.ts"

const extract: IamExtract = JSON.parse(readFileSync(new URL("iam.json", import.meta.url), "utf8"))

/** Characters that AWS allows a document, without blanks. An inline policy is bounded by all of its role. */
const most: Readonly<Record<PolicyText["kind"], number>> = {
  identity: 10_240,
  managed: 6_144,
  trust: 2_048,
  resource: 20_480,
  endpoint: 20_480
}

const faultsOf = ({ kind, text }: PolicyText): ReadonlyArray<string> => {
  const { Version, Statement, ...more } = JSON.parse(text)
  return [
    ...(Version === "2012-10-17" && Object.keys(more).length === 0 ? [] : ["it is no document of 2012-10-17"]),
    ...(text.replace(/\s/g, "").length > most[kind] ? [`it has more than ${most[kind]} characters`] : []),
    ...(Statement as ReadonlyArray<IamStatement>).flatMap((statement) =>
      statementFaults(extract, statement, kind === "identity" || kind === "managed")
    )
  ]
}

describe("the policies of every stack, by AWS's own list of actions, resources and condition keys", () => {
  let policies: ReadonlyArray<PolicyText>
  beforeAll(async () => {
    policies = (await stacks()).flatMap(policiesOf)
  })

  it("name actions that there are, on resources and with conditions that these know", () => {
    assert.isAbove(policies.length, 100)
    const found = policies.flatMap((policy) =>
      faultsOf(policy).map((fault) => `${policy.stack}, ${policy.name} (${policy.kind}): ${fault}`)
    )
    assert.deepStrictEqual(found, [])
  })

  it("use everything that the extract holds, so that it stays small", () => {
    const used = new Set(
      policies.flatMap(({ text }) => JSON.parse(text).Statement.flatMap(({ Action }: IamStatement) => Action))
    )
    assert.deepStrictEqual(
      Object.keys(extract.actions).filter((name) => !used.has(name)),
      []
    )
  })
})

describe("the check of a policy", () => {
  const faults = (statement: Partial<IamStatement>, grants = true) =>
    statementFaults(extract, { Effect: "Allow", Action: [], ...statement }, grants)
  const table = "arn:aws:dynamodb:eu-central-1:000000000000:table/agents"

  it.each([
    ["an action that is misspelt", { Action: ["dynamodb:GetItems"], Resource: [table] }, "is no action"],
    [
      "a resource for an action without a resource level",
      { Action: ["dynamodb:ListStreams"], Resource: [`${table}/stream/*`] },
      "has no resource level"
    ],
    [
      "everything for an action that has resources",
      { Action: ["dynamodb:GetItem"], Resource: ["*"] },
      "cannot be granted on *"
    ],
    [
      "a resource of another kind",
      { Action: ["dynamodb:GetItem"], Resource: [`${table}/index/open`] },
      "cannot be granted on"
    ],
    [
      "a bucket for its objects",
      { Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::bucket"] },
      "cannot be granted on"
    ],
    [
      "a condition key that there is not",
      { Action: ["dynamodb:GetItem"], Resource: [table], Condition: { StringEquals: { "dynamodb:Keys": "a" } } },
      "is no condition key"
    ],
    [
      "a condition key of another service",
      { Action: ["dynamodb:GetItem"], Resource: [table], Condition: { StringEquals: { "kms:ViaService": "a" } } },
      "knows no kms:ViaService"
    ],
    [
      "an operator of another type",
      { Action: ["dynamodb:GetItem"], Resource: [table], Condition: { ArnLike: { "dynamodb:LeadingKeys": "a" } } },
      "which ArnLike does not take"
    ]
  ])("finds %s", (_, statement, fault) => {
    assert.include(faults(statement).join("\n"), fault)
  })

  it("takes what is right", () => {
    assert.deepStrictEqual(faults({ Action: ["dynamodb:GetItem"], Resource: [table] }), [])
    assert.deepStrictEqual(faults({ Action: ["dynamodb:ListStreams"], Resource: ["*"] }), [])
    assert.deepStrictEqual(faults({ Effect: "Deny", Action: ["s3:*"], Resource: ["*"] }, false), [])
  })

  it("knows which ARNs a grant covers", () => {
    const stream = `arn:\${Partition}:logs:\${Region}:\${Account}:log-group:\${LogGroupName}:log-stream:\${LogStreamName}`
    assert.isTrue(covers("arn:aws:logs:eu-central-1:1:log-group:/aws/lambda/a:*", stream))
    assert.isFalse(covers("arn:aws:logs:eu-central-1:1:log-group:/aws/lambda/a", stream))
    assert.isFalse(
      covers(`${table}/index/open`, `arn:\${Partition}:dynamodb:\${Region}:\${Account}:table/\${TableName}`)
    )
    assert.isTrue(covers("arn:aws:s3:::bucket/*", `arn:\${Partition}:s3:::\${BucketName}/\${ObjectName}`))
  })
})
