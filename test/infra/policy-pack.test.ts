import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { unknownValue } from "@pulumi/pulumi/runtime/index.js"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import manifest from "../../package.json" with { type: "json" }
import { rules } from "../../src/infra/policies/index.ts"
import { types } from "../../src/infra/policies/rule.ts"
import type { Captured, CapturedResource } from "../../src/local/capture.ts"
import { captureOnce } from "../support/capture-once.ts"
import { type Pack, serve } from "./analyzer.ts"
import { only, partnerSource } from "./captured.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

describe("the policy pack, served by Pulumi's own entry point", () => {
  let folder: string
  let pack: Pack
  let dev: Captured

  beforeAll(async () => {
    mkdirSync(join(root, "dist"), { recursive: true })
    folder = mkdtempSync(join(root, "dist", "policy-pack-"))
    const [command = "", ...script] = manifest.scripts["policy-pack"].split(" ")
    assert.strictEqual(command, "node")
    execFileSync(process.execPath, [...script, folder], { cwd: root, stdio: ["ignore", "ignore", "inherit"] })
    ;[pack, dev] = await Promise.all([serve(folder), captureOnce("dev")])
  })
  afterAll(async () => {
    await pack?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** The dev stack in which a resource has other inputs. */
  const changed = (type: string, name: string, inputs: CapturedResource["inputs"]) => {
    const before = only(dev, type, name)
    return dev.resources.map((one) => (one === before ? { ...one, inputs: { ...one.inputs, ...inputs } } : one))
  }

  it("is a pack in the eyes of the CLI: a manifest, an entry, a version, and no library of Pulumi's inside", () => {
    assert.match(readFileSync(join(folder, "PulumiPolicy.yaml"), "utf8"), /^runtime: nodejs$/m)
    const { version, main } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
    assert.strictEqual(version, manifest.version)
    assert.isTrue(existsSync(join(folder, main)))
    assert.match(readFileSync(join(folder, main), "utf8"), /require\("@pulumi\/policy"\)/)
  })

  it("says what it holds a stack to", async () => {
    const { name, version, policiesList } = await pack.info()
    assert.deepStrictEqual({ name, version }, { name: manifest.name, version: manifest.version })
    assert.deepStrictEqual(
      policiesList.map((policy) => [policy.name, policy.description]),
      rules.map(({ name, says }) => [name, says])
    )
  })

  it("is silent about dev, which holds nothing dear", async () => {
    assert.deepStrictEqual(await pack.analyze(dev.resources), [])
  })

  it("is silent where AWS says the empty text of what was not set", async () => {
    const said = new Map<string, Set<string>>([[types.bus, new Set(["eventSourceName"])]])
    for (const { type, inputs } of dev.resources)
      for (const [key, value] of Object.entries(inputs))
        if (typeof value === "string") said.set(type, (said.get(type) ?? new Set()).add(key))
    const blanksOf = (type: string) => Object.fromEntries([...(said.get(type) ?? [])].map((key) => [key, ""]))
    assert.include(blanksOf(types.queue), { redrivePolicy: "" })
    const resources = dev.resources.map((one) => ({ ...one, outputs: { ...blanksOf(one.type), ...one.outputs } }))
    assert.deepStrictEqual(await pack.analyze(resources), [])
  })

  it.each([
    ["queue-visibility", { visibilityTimeoutSeconds: 30 }, "a message comes back after 30 s"],
    ["encrypted", { sqsManagedSseEnabled: false, kmsMasterKeyId: "" }, "is not encrypted"]
  ])("stops a stack that breaks %s, and names the rule and the resource", async (policy, inputs, problem) => {
    const found = await pack.analyze(changed(types.queue, "settle", inputs))
    assert.deepStrictEqual(
      found.map(({ message: _, ...rest }) => rest),
      [{ policy, urn: only(dev, types.queue, "settle").urn, mandatory: true }]
    )
    assert.include(found[0]?.message, rules.find(({ name }) => name === policy)?.says)
    assert.include(found[0]?.message, `settle: ${problem}`)
  })

  it.each([
    ["with events of a partner", () => changed(types.bus, "bus", { eventSourceName: partnerSource })],
    ["whose bus is not seen", () => dev.resources.filter(({ type }) => type !== types.bus)]
  ])("holds a stack %s to what production must have", async (_, resources) => {
    const found = await pack.analyze(resources())
    assert.sameMembers([...new Set(found.map(({ policy }) => policy))], ["tables-guarded", "state-protected"])
  })

  it("leaves out a rule that is turned off", async () => {
    const resources = changed(types.bus, "bus", { eventSourceName: partnerSource })
    await pack.disable("state-protected")
    const found = await pack.analyze(resources)
    await pack.disable()
    assert.deepStrictEqual([...new Set(found.map(({ policy }) => policy))], ["tables-guarded"])
  })

  it("does not stop a preview for what only the update will know, and says which rules it could not ask", async () => {
    const found = await pack.analyze(changed(types.queue, "settle", { url: unknownValue }))
    assert.deepStrictEqual(
      found.map(({ policy, mandatory }) => [policy, mandatory]),
      [["tls-only", false]]
    )
    assert.include(found[0]?.message, "can't be known during preview")
  })
})
