import * as pulumi from "@pulumi/pulumi"
import { Result } from "effect"
import { assert, beforeAll, describe, it } from "vitest"
import { decodeParsed } from "../../src/genesys/decoder.ts"
import { allTopics } from "../../src/genesys/topics/index.ts"
import { functionCode } from "../../src/infra/bundle.ts"
import { GenesysProjections } from "../../src/infra/genesys-projections.ts"
import { type ProjectionsModule, projectionsFrom } from "../../src/infra/projections-module.ts"
import { type Captured, captureProgram } from "../../src/local/capture.ts"
import { readWiring } from "../../src/local/wiring.ts"
import { textOf } from "../support/function-code.ts"
import { only } from "./captured.ts"

const file = new URL("../../examples/contact-centre/projections.ts", import.meta.url)

// The program itself, built and booted from an installed package, is in test/package.slow.test.ts.
describe("the projections of examples/contact-centre", () => {
  let module: ProjectionsModule
  let captured: Captured
  beforeAll(async () => {
    module = await projectionsFrom(file)
    const config = { "aws:region": "eu-central-1" }
    const made = await captureProgram({ project: "contact-centre", stack: "dev", config }, () => {
      const code = () => new pulumi.asset.AssetArchive({})
      return new GenesysProjections("genesys", { projections: module, code, peakEventsPerSecond: 50 }).outputs
    })
    captured = { ...made, projections: module.projections }
  })

  it("get a table each, which the functions may write and readers may read", () => {
    const table = only(captured, "aws:dynamodb/table:Table", "genesys-breaks-v1")
    assert.deepInclude(table.inputs, { name: "contact-centre-dev-genesys-breaks-v1", hashKey: "agentId" })
    for (const [type, name] of [
      ["aws:iam/rolePolicy:RolePolicy", "genesys-project-policy"],
      ["aws:iam/rolePolicy:RolePolicy", "genesys-replay-policy"],
      ["aws:iam/policy:Policy", "genesys-readers"]
    ] as const)
      assert.include(String(only(captured, type, name).inputs.policy), String(table.outputs.arn), name)
    assert.notInclude(
      readWiring(captured).tables.map(({ name }) => name),
      "contact-centre-dev-genesys-queues-v2"
    )
  })

  it("list exactly the topics that they fold", () => {
    const events = allTopics.map(({ template, example }) => ({
      template,
      event: Result.getOrThrow(decodeParsed(example, Date.parse("2026-05-06T10:00:00Z")))
    }))
    const breaks = module.projections.find(({ name }) => name === "breaks")
    assert.sameMembers(
      [...(breaks?.topics ?? [])],
      events.filter(({ event }) => (breaks?.deltas(event).length ?? 0) > 0).map(({ template }) => template)
    )
  })

  it("are bundled into a function, in place of the package's own list", async () => {
    const text = await textOf(await functionCode("project", module.file))
    assert.include(text, '"breaks"')
    assert.isBelow(Buffer.byteLength(text), 700_000)
  })
})
