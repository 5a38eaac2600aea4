import { assert, describe, it } from "vitest"
import { capture } from "../../src/local/capture.ts"
import { only } from "../infra/captured.ts"

describe("capture", () => {
  it("answers the same for the same stack, run after run", async () => {
    const [first, second] = [await capture("dev"), await capture("dev")]
    assert.isNotEmpty(first.resources)
    assert.deepStrictEqual(second, first)
  })

  it("takes overrides, and forgets them", async () => {
    const window = async (overrides: Parameters<typeof capture>[1]) => {
      const { environment } = only(await capture("dev", overrides), "aws:lambda/function:Function", "append").inputs
      return (environment as { readonly variables: Readonly<Record<string, string>> }).variables.SETTLE_WINDOW_SECONDS
    }
    assert.strictEqual(await window({ settleWindowSeconds: 1 }), "1")
    assert.strictEqual(await window({}), "5")
  })

  it("lets captures that were asked for at once take turns", async () => {
    const stacks = ["dev", "prod", "other"]
    const all = await Promise.all(stacks.map((stack) => capture(stack, { protect: false, accountConcurrency: 1_000 })))
    assert.deepStrictEqual(
      all.map(({ outputs }) => outputs.eventTableName),
      stacks.map((stack) => `genesys-cloud-projections-${stack}-events`)
    )
  })

  it("resolves references to what the fake provider made", async () => {
    const captured = await capture("dev")
    const stream = only(captured, "aws:kinesis/stream:Stream", "stream")
    const mapping = only(captured, "aws:lambda/eventSourceMapping:EventSourceMapping", "append-mapping")
    assert.strictEqual(mapping.inputs.eventSourceArn, stream.outputs.arn)
    assert.include(mapping.options.dependsOn, stream.urn)
  })

  it("puts everything into the configured region", async () => {
    const { outputs } = await capture("dev", { "aws:region": "ap-southeast-2" })
    assert.match(String(outputs.settleQueueUrl), /^https:\/\/sqs\.ap-southeast-2\./)
  })

  it("leaves the functions' code out", async () => {
    const { inputs } = only(await capture("dev"), "aws:lambda/function:Function", "project")
    assert.deepStrictEqual((inputs.code as { readonly assets: unknown }).assets, {})
  })

  it("rejects with the program's own error, and works again", async () => {
    const failure = await capture("dev", { batchSize: 0 }).catch((error: unknown) => error)
    assert.match(String(failure), /batchSize is "0"/)
    assert.isNotEmpty((await capture("dev")).resources)
  })

  it("rejects what the CLI would reject before the program starts", async () => {
    const failure = await capture("dev", { batchSize: "many" }).catch((error: unknown) => error)
    assert.match(String(failure), /batchSize that is not of type integer/)
  })
})
