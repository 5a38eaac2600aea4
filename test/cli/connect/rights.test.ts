import { assert, describe, it } from "@effect/vitest"
import type { PolicyDocument } from "aws-in-process"
import { Schema } from "effect"
import { projections } from "../../../projections/index.ts"
import { operatorPolicy } from "../../../src/cli/rights.ts"
import { Outputs } from "../../../src/cli/stack/stack.ts"
import { someOutputs } from "../outputs.ts"
import { ACCOUNT, REGION } from "./account.ts"
import { makePlace, YES } from "./place.ts"

const outputs = Schema.decodeSync(Outputs)({
  ...someOutputs,
  projectionTables: {},
  streamArn: `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/stream`
})

const policy = operatorPolicy(outputs, projections) as PolicyDocument & ReturnType<typeof operatorPolicy>

describe("the rights of who connects", () => {
  it("[P10] are those that connect, its check and disconnect need on EventBridge, none missing and none unused", async () => {
    const place = makePlace({ policy })
    const codes = []
    for (const args of [
      ["connect", ...YES],
      ["connect", "--check"],
      ["disconnect", ...YES]
    ]) {
      const { code, err } = await place.command(...args)
      assert.notInclude(err, "AccessDenied")
      codes.push(code)
      if (args[1] === "--yes") place.deploy()
    }
    assert.deepStrictEqual(codes, [0, 0, 0])
    assert.deepStrictEqual(
      place.unused().filter(({ action }) => action.startsWith("events:Describe")),
      []
    )
  })
})
