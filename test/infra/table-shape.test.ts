import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as pulumi from "@pulumi/pulumi"
import { assert, describe, expect, it } from "vitest"
import { agents } from "../../projections/agents.ts"
import { conversations } from "../../projections/conversations.ts"
import { queues } from "../../projections/queues.ts"
import { generation } from "../../src/domain/projection.ts"
import { GenesysProjections } from "../../src/infra/genesys-projections.ts"
import { ownProjections, projectionsFrom } from "../../src/infra/projections-module.ts"
import {
  missingShapes,
  recordedShapes,
  recordOf,
  type Shaped,
  shapeFaults,
  shapesFile
} from "../../src/infra/table-shape.ts"
import { capture, captureProgram } from "../../src/local/capture.ts"
import { only, resourcesOf } from "./captured.ts"

const summarised = queues as Shaped & typeof queues
const file = shapesFile(ownProjections.file)

describe("projections/shapes.json", () => {
  it("[P8] still says of each generation what its table was made with", () => {
    assert.deepStrictEqual(
      shapeFaults(ownProjections.projections, recordedShapes(ownProjections.file)),
      [],
      "A stack may have this table already. Raise the version. Only where no stack has it: remove its entry, and run this test with -u."
    )
  })

  it("has an entry for each generation that is listed; run this test with -u to add them", async () => {
    const recorded = recordedShapes(ownProjections.file)
    const listed = Object.fromEntries(ownProjections.projections.map((one) => [generation(one), recordOf(one)]))
    // What is recorded stays as it is, also of generations that are no longer listed: their tables may still be there.
    await expect(`${JSON.stringify({ ...listed, ...recorded }, undefined, 2)}\n`).toMatchFileSnapshot(file)
  })
})

describe("a change of what a table is made with", () => {
  const recorded = { [generation(queues)]: recordOf(queues), [generation(agents)]: recordOf(agents) }
  const otherKey = { ...agents, key: "userId" }
  const otherColumns = { ...queues, summary: { ...summarised.summary, columns: ["waiting"] } } as typeof queues
  const { summary: _, ...withoutSummary } = queues as typeof queues & { summary?: unknown }

  it.each([
    ["another key", otherKey, "hashKey, attributes"],
    ["other columns of the summary", otherColumns, "localSecondaryIndexes"],
    ["a summary that is gone", withoutSummary as typeof queues, "attributes, localSecondaryIndexes"]
  ])("is refused at the same version: %s", (_name, projection, parts) => {
    const [fault, ...others] = shapeFaults([projection], recorded)
    assert.deepStrictEqual(others, [])
    assert.include(fault, `${generation(projection)} has other ${parts} than shapes.json records`)
    assert.include(fault, "raise its version")
    assert.deepStrictEqual(shapeFaults([{ ...projection, version: projection.version + 1 }], recorded), [])
  })

  it("is not one when the columns come in another order, or when a fold changes", () => {
    const columns = [...(summarised.summary?.columns ?? [])].reverse()
    const reordered = { ...queues, summary: { ...summarised.summary, columns }, deltas: () => [] } as typeof queues
    assert.deepStrictEqual(shapeFaults([reordered], recorded), [])
  })

  it("stops the preview before anything is made", async () => {
    const projections = { ...ownProjections, projections: [otherKey, conversations], shapes: recorded }
    const made: Array<string> = []
    const error = await captureProgram({ stack: "dev", config: { "aws:region": "eu-central-1" } }, () => {
      const transformation = ({ name }: { readonly name: string }) => {
        made.push(name)
        return undefined
      }
      return new GenesysProjections("genesys", { projections }, { transformations: [transformation] }).outputs
    }).catch((thrown: unknown) => thrown)
    assert.isTrue(pulumi.RunError.isInstance(error))
    assert.include((error as Error).message, `${generation(agents)} has other hashKey`)
    assert.deepStrictEqual(made, [])
  })

  it("says what to add for a generation that is not recorded, and nothing where no shapes are kept", () => {
    const [sentence, ...others] = missingShapes([agents, queues], { [generation(queues)]: recordOf(queues) })
    assert.deepStrictEqual(others, [])
    const [, entry = ""] = /; add (.+)$/.exec(sentence ?? "") ?? []
    assert.deepStrictEqual(missingShapes([agents], JSON.parse(`{${entry}}`)), [])
    assert.deepStrictEqual(shapeFaults([agents], JSON.parse(`{${entry}}`)), [])
    assert.deepStrictEqual(missingShapes([agents], undefined), [])
  })

  it("is seen by a repository of somebody else, which keeps shapes.json beside its module", async () => {
    const folder = mkdtempSync(join(tmpdir(), "shapes-"))
    const module = join(folder, "projections.mjs")
    writeFileSync(
      module,
      `export const projections = [{ name: "calls", version: 1, key: "callId", topics: ["t"], deltas: () => [], view: () => ({}), closed: () => false, tombstoneSeconds: 1 }]`
    )
    assert.isUndefined((await projectionsFrom(module)).shapes)
    writeFileSync(join(folder, "shapes.json"), `{"calls-v1": {"hashKey": "id"}}`)
    const { projections, shapes } = await projectionsFrom(module)
    assert.lengthOf(shapeFaults(projections, shapes), 1)
    writeFileSync(join(folder, "shapes.json"), "[]")
    const refused = await projectionsFrom(module).catch((thrown: unknown) => thrown)
    assert.include((refused as Error).message, "shapes.json cannot be read")
  })
})

describe("a table that stands outside of the stack", () => {
  const [first = agents] = ownProjections.projections

  it("[P8] is taken in, with its rows, when its generation is put back", async () => {
    const name = generation(first)
    const captured = await capture("dev", { adoptedTables: [name] })
    const tables = resourcesOf(captured, "aws:dynamodb/table:Table")
    for (const table of tables)
      assert.strictEqual(table.options.importId, table.name === name ? String(table.inputs.name) : "", table.name)
    assert.strictEqual(
      only(captured, "aws:dynamodb/table:Table", name).options.importId,
      String(tables.find((one) => one.name === name)?.inputs.name)
    )
  })

  it("is refused where its generation is not listed", async () => {
    const error = await capture("dev", { adoptedTables: ["nothing-v9"] }).catch((thrown: unknown) => thrown)
    assert.include((error as Error).message, "adoptedTables has nothing-v9, which is not listed")
  })
})
