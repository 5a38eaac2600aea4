import { assert, describe, it } from "vitest"
import { ServiceError } from "../src/core/types.ts"
import { makeAuthorizer, type PolicyStatement } from "../src/iam/iam.ts"

const ROLE = "arn:aws:iam::1:role/append"
const append = { roleArn: ROLE, label: "append" }
const TABLE = "arn:aws:dynamodb:eu-west-1:1:table/events"

const judge = (...Statement: ReadonlyArray<PolicyStatement>) => {
  const authorizer = makeAuthorizer({ [ROLE]: [{ Version: "2012-10-17", Statement }] })
  const may = (action: string, resource: string, context?: Parameters<typeof authorizer.authorize>[3]) => {
    try {
      authorizer.authorize(append, action, resource, context)
      return true
    } catch (error) {
      assert.instanceOf(error, ServiceError)
      return false
    }
  }
  return { ...authorizer, may }
}
const allow = (Action: string | Array<string>, Resource: string | Array<string>): PolicyStatement => ({
  Effect: "Allow",
  Action,
  Resource
})

describe("[P10] policies", () => {
  it("admit what is allowed, and refuse all else by name", () => {
    const { authorize, may } = judge(allow("dynamodb:PartiQLInsert", TABLE))
    assert.isTrue(may("dynamodb:PartiQLInsert", TABLE))
    assert.isTrue(may("DynamoDB:partiqlinsert", TABLE))
    assert.isFalse(may("dynamodb:PartiQLInsert", `${TABLE}2`))
    assert.isFalse(may("dynamodb:PartiQLInsert", TABLE.toUpperCase()))
    assert.throws(
      () => authorize(append, "dynamodb:PutItem", TABLE),
      `append (${ROLE}) is not authorized to perform: dynamodb:PutItem on resource: ${TABLE}`
    )
    assert.throws(() => authorize({ roleArn: "nobody", label: "nobody" }, "dynamodb:PartiQLInsert", TABLE))
  })

  it("understand wildcards, and nothing else of a pattern", () => {
    const { may } = judge(allow(["s3:Get*", "s3:Put?bject"], "arn:aws:s3:::bucket.a/raw/*"))
    assert.isTrue(may("s3:GetObject", "arn:aws:s3:::bucket.a/raw/x/y\nz"))
    assert.isTrue(may("s3:PutObject", "arn:aws:s3:::bucket.a/raw/"))
    assert.isFalse(may("s3:PutObject", "arn:aws:s3:::bucket-a/raw/x"))
    assert.isFalse(may("s3:ListBucket", "arn:aws:s3:::bucket.a"))
  })

  it("let a deny win", () => {
    const { may } = judge(allow("sqs:*", "*"), { Effect: "Deny", Action: "sqs:Purge*", Resource: "*" })
    assert.isTrue(may("sqs:SendMessage", "q"))
    assert.isFalse(may("sqs:PurgeQueue", "q"))
  })

  it("apply conditions: all keys, any value", () => {
    const rule = "arn:aws:events:eu-west-1:1:rule/bus/feed"
    const { may } = judge({
      ...allow("sqs:SendMessage", "*"),
      Condition: {
        ArnLike: { "aws:SourceArn": "arn:aws:events:*:1:rule/*" },
        StringEquals: { "aws:account": ["1", "2"] }
      }
    })
    assert.isTrue(may("sqs:SendMessage", "q", { "aws:SourceArn": rule, "aws:account": "2" }))
    assert.isTrue(may("sqs:SendMessage", "q", { "AWS:sourcearn": rule, "aws:account": "1" }))
    assert.isFalse(may("sqs:SendMessage", "q", { "aws:SourceArn": rule, "aws:account": "3" }))
    assert.isFalse(may("sqs:SendMessage", "q", { "aws:SourceArn": rule }))
    assert.isFalse(may("sqs:SendMessage", "q", { "aws:SourceArn": "arn:aws:sns:x:1:rule/a", "aws:account": "1" }))
  })

  it("ask whether a key is there", () => {
    const { may } = judge(allow("ec2:*", "*"), {
      ...allow("ec2:Delete*", "*"),
      Effect: "Deny",
      Condition: { Null: { "lambda:SourceFunctionArn": "false" } }
    })
    assert.isTrue(may("ec2:DeleteNetworkInterface", "i"))
    assert.isFalse(
      may("ec2:DeleteNetworkInterface", "i", { "lambda:SourceFunctionArn": "arn:aws:lambda:x:1:function:f" })
    )
    const absent = judge({ ...allow("a:B", "*"), Condition: { Null: { k: "true" } } })
    assert.isTrue(absent.may("a:B", "r"))
    assert.isFalse(absent.may("a:B", "r", { k: "v" }))
  })

  it("ask of a key with many values that all of them pass", () => {
    const { may } = judge({
      ...allow("dynamodb:BatchGetItem", "*"),
      Condition: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["readers/*", "watermark"] } }
    })
    const reads = (...keys: ReadonlyArray<string>) =>
      may("dynamodb:BatchGetItem", TABLE, { "dynamodb:LeadingKeys": keys })
    assert.isTrue(reads("readers/agents", "watermark"))
    assert.isFalse(reads("readers/agents", "breaker/stream"))
    assert.isFalse(reads("xwatermark"))
    assert.isFalse(may("dynamodb:BatchGetItem", TABLE), "a call that names no keys may be about any")
    const one = judge({ ...allow("a:B", "*"), Condition: { StringEquals: { k: "v" } } })
    assert.isFalse(one.may("a:B", "r", { k: ["v"] }), "a list is no text")
  })

  it("keep a wildcard of an ARN condition inside its part", () => {
    const { may } = judge({ ...allow("a:B", "*"), Condition: { ArnEquals: { k: "arn:aws:*:eu-west-1:1:x" } } })
    assert.isTrue(may("a:B", "r", { k: "arn:aws:sqs:eu-west-1:1:x" }))
    assert.isFalse(may("a:B", "r", { k: "arn:aws:sqs:us-east-1:2:z:eu-west-1:1:x" }))
  })

  it("tell which grants were used", () => {
    const { may, used, unused } = judge(allow(["s3:GetObject", "s3:PutObject"], ["b/*", "c/*"]))
    assert.strictEqual(unused().length, 4)
    may("s3:PutObject", "b/1")
    may("s3:PutObject", "elsewhere")
    assert.deepStrictEqual(used(), [{ roleArn: ROLE, action: "s3:PutObject", resource: "b/*" }])
    assert.strictEqual(unused().length, 3)
  })

  it("tell what was refused, once each", () => {
    const { may, denied } = judge(allow(["s3:GetObject"], ["b/*"]))
    may("s3:GetObject", "b/1")
    assert.deepStrictEqual(denied(), [])
    for (const resource of ["c/1", "c/1", "c/2"]) may("s3:GetObject", resource)
    assert.deepStrictEqual(
      denied(),
      ["c/1", "c/2"].map((resource) => ({ roleArn: ROLE, action: "s3:GetObject", resource }))
    )
  })

  it("throw on what they cannot judge", () => {
    const odd = (more: object) => () => judge({ ...allow("a:B", "*"), ...more } as PolicyStatement)
    assert.throws(odd({ Condition: { DateLessThan: { k: "v" } } }), /not implemented .* DateLessThan/)
    assert.throws(odd({ NotAction: "a:C" }), /not implemented .* NotAction/)
    assert.throws(odd({ Resource: undefined }), /needs Action and Resource/)
    assert.throws(odd({ Effect: "Maybe" }), /policy effect/)
  })
})
