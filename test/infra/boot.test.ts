import { assert, describe, it } from "vitest"
import { capture } from "../../src/local/capture.ts"
import { codeOf } from "../support/function-code.ts"
import { cases } from "../support/seeds.ts"
import { overridesOf } from "./captured.ts"
import { boot } from "./fake-engine.ts"

describe("Pulumi's own entry point", { timeout: 180_000 }, () => {
  it.each(cases(["dev", "prod"]))(
    "boots the %s stack, with the same resources as a capture and the code of all functions",
    async (stack) => {
      const [booted, captured] = await Promise.all([
        boot(stack, overridesOf(stack)),
        capture(stack, overridesOf(stack))
      ])
      assert.deepStrictEqual(booted.messages, [])
      assert.strictEqual(booted.exitCode, 0)
      const name = (resource: { readonly type: string; readonly name: string }) => `${resource.type} ${resource.name}`
      assert.sameMembers(booted.resources.map(name), captured.resources.filter(({ custom }) => custom).map(name))
      assert.deepStrictEqual(booted.outputs, captured.outputs)
      const functions = booted.resources.filter(({ type }) => type === "aws:lambda/function:Function")
      assert.lengthOf(functions, 4)
      for (const { inputs } of functions) {
        const { assets } = inputs.code as { readonly assets: Readonly<Record<string, unknown>> }
        assert.match(codeOf(assets), /export\{[\w$]+ as handler\}/)
        assert.isBelow(JSON.stringify(inputs).length, 5_000, "the state would hold the code itself")
      }
    }
  )

  it("stops on a faulty configuration with its faults and no stack trace", async () => {
    const { exitCode, messages, resources } = await boot("dev", { batchSize: 0, protekt: true })
    assert.strictEqual(exitCode, 32)
    assert.deepStrictEqual(resources, [])
    const said = messages.join("\n")
    assert.include(said, "protekt is not a key")
    assert.include(said, "batchSize is")
    assert.notInclude(said, "    at ")
  })

  it("warns of a setting that was set as a secret, and takes it", async () => {
    const key = "genesys-cloud-projections:noticeEmail"
    const { exitCode, messages, resources } = await boot("dev", { noticeEmail: "on-call@example.com" }, [key])
    assert.strictEqual(exitCode, 0)
    assert.lengthOf(messages, 1)
    assert.include(messages[0], `${key}: set without --secret`)
    assert.lengthOf(
      resources.filter(
        ({ type, inputs }) => type.endsWith(":TopicSubscription") && inputs.endpoint === "on-call@example.com"
      ),
      1
    )
  })
})
