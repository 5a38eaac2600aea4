import { assert, describe, it } from "@effect/vitest"
import { decodeConfig } from "../../src/infra/decode-config.ts"
import { captureOnce } from "../support/capture-once.ts"

const REGION = "eu-central-1"

const endpointsOf = async (overrides: Readonly<Record<string, string>>) => {
  const { resources } = await captureOnce("dev", overrides)
  const functions = resources.filter(({ type }) => type === "aws:lambda/function:Function")
  assert.isAtLeast(functions.length, 2)
  return functions.map(({ inputs }) => {
    const { variables } = inputs.environment as { readonly variables: Readonly<Record<string, string>> }
    return variables.OTLP_ENDPOINT
  })
}

describe("tracing", () => {
  it("tells every function its collector, and none where there is none", async () => {
    const otlpEndpoint = "http://localhost:4318"
    for (const endpoint of await endpointsOf({ otlpEndpoint })) assert.strictEqual(endpoint, otlpEndpoint)
    for (const endpoint of await endpointsOf({})) assert.isUndefined(endpoint)
  })

  it.each([
    "localhost:4318",
    "ftp://collector",
    "https://me:secret@collector",
    "https://collector/v1?key=secret",
    "https://"
  ])("refuses %s as a collector", (otlpEndpoint) => {
    assert.throws(() => decodeConfig({ otlpEndpoint }, REGION), /otlpEndpoint is .*the base URL of a collector/)
  })

  it.each(["", "http://localhost:4318", "https://collector.example.org/otlp"])("takes %j as one", (otlpEndpoint) => {
    assert.strictEqual(decodeConfig({ otlpEndpoint }, REGION).otlpEndpoint, otlpEndpoint)
  })
})
