import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { shardSteps } from "../../src/cli/scale/steps.ts"
import { capacityOf } from "../../src/infra/capacity.ts"
import { loadOf } from "../../src/infra/config.ts"
import { decodeConfig } from "../../src/infra/decode-config.ts"
import { stackConfig } from "../../src/local/stack-config.ts"
import { partnerSource } from "../infra/captured.ts"
import { makeWorkspace, missing, type Said } from "./workspace.ts"

const TABLE = "aws:dynamodb/table:Table"

/** Lists a generation more, a second one of the first projection. */
const raised = (text: string): string =>
  `${text.replace("export const projections", "const listed")}
const [first] = listed
export const projections = [...listed, { ...first, version: first.version + 1 }]
`

/** Gives the first projection another key, at the version that it has. */
const reshaped = (text: string): string =>
  `${text.replace("export const projections", "const listed")}
const [first, ...others] = listed
export const projections = [{ ...first, key: "otherId" }, ...others]
`

const defaultLoad = () => loadOf(decodeConfig({}, "eu-central-1"), 1)

describe.skipIf(missing().length > 0)("the real engine", () => {
  let workspace: ReturnType<typeof makeWorkspace>
  let index = ""
  beforeAll(() => {
    workspace = makeWorkspace()
    index = workspace.file("projections/index.ts")
  })
  afterAll(() => workspace.remove())

  const run = (...args: ReadonlyArray<string>): Promise<Said> => workspace.pulumi(...args)
  const done = async (...args: ReadonlyArray<string>): Promise<Said> => {
    const said = await run(...args)
    const [diagnostics = said.text] = /Diagnostics:[\s\S]*?(?=\n\n(?:Outputs|Resources|Policies))/.exec(said.text) ?? []
    assert.strictEqual(said.code, 0, `pulumi ${args.join(" ")}: ${diagnostics.slice(0, 4_000)}`)
    return said
  }
  const up = (stack: string, ...more: ReadonlyArray<string>) =>
    done("up", "--yes", "--skip-preview", "--stack", stack, ...more)
  const set = (stack: string, settings: Readonly<Record<string, string>>) =>
    Object.entries(settings).reduce(
      (before, [key, value]) => before.then(() => done("config", "set", key, value, "--stack", stack)),
      Promise.resolve() as Promise<unknown>
    )
  const projectionsAre = (text: string) => workspace.edit("projections/index.ts", () => text)
  const standing = () => workspace.account().all()
  const tables = () =>
    standing()
      .filter(({ type }) => type === TABLE)
      .map(({ id }) => id)

  describe("a stack that is not protected", () => {
    let made = 0

    it("begins as the page for beginners says, and leaves a file that the project reads", async () => {
      await done("stack", "init", "dev")
      await set("dev", { "aws:region": "eu-central-1", peakEventsPerSecond: "100", protect: "false" })
      const text = workspace.file("Pulumi.dev.yaml")
      assert.include(text, 'peakEventsPerSecond: "100"')
      const config = stackConfig("dev", {}, workspace.project)
      assert.strictEqual(config["genesys-cloud-projections:peakEventsPerSecond"], "100")
      assert.strictEqual(config["genesys-cloud-projections:protect"], "false")
    })

    it("makes nothing in a preview", async () => {
      made = (await done("preview", "--stack", "dev")).counts.create ?? 0
      assert.isAbove(made, 90)
      assert.deepStrictEqual(standing(), [])
    })

    it("makes what the preview said, with project and stack in every name", async () => {
      // The stack itself is counted as well, and so are components.
      assert.strictEqual((await up("dev")).counts.created, made)
      const named = standing().filter(({ type }) => /:(Table|Queue|Stream|Role|Function|Bucket|Topic)$/.test(type))
      assert.isAbove(named.length, 15)
      for (const { type, id } of named) assert.match(id, /genesys-cloud-projections-dev-/, type)
    })

    it("changes nothing when it runs again", async () => {
      const { counts } = await up("dev")
      assert.deepStrictEqual(counts, { unchanged: made })
    })

    it("keeps no code and no secret in its state", async () => {
      await done("config", "set", "--secret", "aws:secretKey", "a-secret-of-a-test", "--stack", "dev")
      await up("dev")
      const state = await workspace.state("dev")
      assert.notInclude(state, "a-secret-of-a-test")
      assert.notInclude(state, "a passphrase of a test")
      assert.notInclude(state, "as handler}")
      assert.isBelow(state.length, 1_000_000)
      await done("config", "rm", "aws:secretKey", "--stack", "dev")
      await up("dev")
    })

    it("changes settings in place, four options at once, and replaces nothing that holds data", async () => {
      const before = new Set(standing().map(({ type, id }) => `${type} ${id}`))
      await set("dev", {
        logRetentionDays: "14",
        streamRetentionHours: "48",
        projectionStreams: "true",
        entityIndex: "true",
        customerKey: "true"
      })
      const { counts } = await up("dev")
      assert.isAbove(counts.updated ?? 0, 10)
      assert.notProperty(counts, "replaced")
      const after = new Set(standing().map(({ type, id }) => `${type} ${id}`))
      for (const one of before) if (/Table|Stream|Bucket:|Queue:/.test(one)) assert.isTrue(after.has(one), one)
    })

    it("leaves the throughput of tables to AWS, which has raised it, also when the peak falls", async () => {
      const account = workspace.account()
      for (const { type, id, inputs, outputs } of standing())
        if (type === TABLE && !id.endsWith("-control")) {
          const raisedNow = { warmThroughput: { writeUnitsPerSecond: 9_000, readUnitsPerSecond: 20_000 } }
          account.update(type, id, { ...inputs, ...raisedNow }, { ...outputs, ...raisedNow })
        }
      await set("dev", { peakEventsPerSecond: "50" })
      const { counts } = await up("dev", "--refresh")
      assert.notProperty(counts, "replaced")
      for (const { type, id, inputs } of standing())
        if (type === TABLE && !id.endsWith("-control"))
          assert.deepInclude(inputs.warmThroughput, { writeUnitsPerSecond: 9_000 }, id)
    })

    it("grows a stream by more than double once its shards were raised step by step", async () => {
      await set("dev", { peakEventsPerSecond: "5000", accountConcurrency: "3000" })
      const refused = await run("up", "--yes", "--skip-preview", "--stack", "dev")
      assert.notStrictEqual(refused.code, 0)
      assert.include(refused.text, "UpdateShardCount cannot scale")
      const account = workspace.account()
      const stream = standing().find(({ type }) => type.endsWith(":Stream")) ?? assert.fail()
      const { shards } = capacityOf({ ...defaultLoad(), peakEventsPerSecond: 5_000 })
      for (const shardCount of shardSteps(1, shards))
        account.update(stream.type, stream.id, { ...stream.inputs, shardCount }, { shardCount })
      await up("dev", "--refresh")
      assert.strictEqual(workspace.account().find(stream.type, stream.id)?.inputs.shardCount, shards)
    })

    it("makes a table for a raised projection beside the others, and takes it away again", async () => {
      const before = tables()
      projectionsAre(raised(index))
      const { text } = await up("dev")
      assert.include(text, "shapes.json does not record")
      const [added, ...others] = tables().filter((id) => !before.includes(id))
      assert.deepStrictEqual(others, [])
      assert.match(added ?? "", /-v\d+$/)
      projectionsAre(index)
      await up("dev")
      assert.sameMembers(tables(), before)
    })

    it("[P8] refuses another key at the same version before anything happens", async () => {
      const before = standing()
      projectionsAre(reshaped(index))
      const { code, text } = await run("up", "--yes", "--skip-preview", "--stack", "dev")
      projectionsAre(index)
      assert.notStrictEqual(code, 0)
      assert.include(text, "than shapes.json records")
      assert.deepStrictEqual(standing(), before)
    })

    it("refuses a name that is too long for AWS, by the names that the engine would draw", async () => {
      await done("stack", "init", "elevenchars")
      const { code, text } = await run("preview", "--stack", "elevenchars")
      assert.notStrictEqual(code, 0)
      assert.include(text, "65 characters of at most 64")
      await done("stack", "rm", "elevenchars", "--yes")
    })

    it("is gone after it was destroyed, except for its key", async () => {
      await done("destroy", "--yes", "--skip-preview", "--stack", "dev")
      assert.deepStrictEqual(
        standing()
          .map(({ type }) => type)
          .filter((type) => !type.includes(":kms/")),
        []
      )
      await done("stack", "rm", "dev", "--yes", "--preserve-config")
      assert.include(workspace.file("Pulumi.dev.yaml"), "peakEventsPerSecond")
    })
  })

  describe("a protected stack", () => {
    let made = 0

    it("passes the policy pack", async () => {
      await workspace.policyPack()
      await done("stack", "init", "prod")
      await set("prod", { genesysEventSource: partnerSource, accountConcurrency: "1000" })
      const { counts, text } = await up("prod", "--policy-pack", "policy-pack")
      made = counts.created ?? 0
      assert.isAbove(made, 100)
      assert.match(text, /Policies:/)
      assert.deepStrictEqual((await up("prod")).counts, { unchanged: made })
    })

    it("has drifted nowhere", async () => {
      const { counts } = await done("refresh", "--yes", "--skip-preview", "--stack", "prod")
      assert.deepStrictEqual(counts, { unchanged: made })
    })

    it("refuses to be destroyed, and to have its bus replaced", async () => {
      const before = standing()
      for (const args of [
        ["destroy", "--yes", "--stack", "prod"],
        ["preview", "--stack", "prod", "-c", `genesys-cloud-projections:genesysEventSource=${partnerSource}-2`]
      ]) {
        const { code, text } = await run(...args)
        assert.notStrictEqual(code, 0, args.join(" "))
        assert.match(text, /protect/, args.join(" "))
      }
      assert.deepStrictEqual(standing(), before)
      await set("prod", { genesysEventSource: partnerSource })
    })

    it("[P8] keeps the table of a generation that is taken out, and takes it in again with its rows", async () => {
      const kept = tables()
      projectionsAre(raised(index))
      await up("prod")
      const [added = ""] = tables().filter((id) => !kept.includes(id))
      projectionsAre(index)
      await up("prod")
      assert.include(tables(), added, "its readers may still be on it")

      projectionsAre(raised(index))
      const refused = await run("up", "--yes", "--skip-preview", "--stack", "prod")
      assert.notStrictEqual(refused.code, 0)
      assert.include(refused.text, "Table already exists")

      const generation = added.replace("genesys-cloud-projections-prod-", "")
      await done("config", "set", "--path", "adoptedTables[0]", generation, "--stack", "prod")
      const { text } = await up("prod")
      assert.match(text, /imported/)
      await done("config", "rm", "adoptedTables", "--stack", "prod")
      const { counts } = await up("prod")
      assert.deepStrictEqual(Object.keys(counts), ["unchanged"])
      projectionsAre(index)
      await up("prod")
    })

    it("[P8] recovers, as its page says, from a replacement that nothing refused", async () => {
      const before = tables()
      const shapes = workspace.file("projections/shapes.json")
      // As before shapes were recorded: the engine forgets the table, and cannot make another of that name.
      workspace.edit("projections/shapes.json", () => "{}")
      projectionsAre(reshaped(index))
      const wedged = await run("up", "--yes", "--skip-preview", "--stack", "prod")
      assert.include(wedged.text, "Table already exists")
      workspace.edit("projections/shapes.json", () => shapes)
      projectionsAre(index)
      assert.include((await run("up", "--yes", "--skip-preview", "--stack", "prod")).text, "Table already exists")

      await done("stack", "export", "--stack", "prod", "--file", "state.json")
      workspace.edit("state.json", (text) => {
        const state = JSON.parse(text)
        for (const resource of state.deployment.resources) delete resource.pendingReplacement
        return JSON.stringify(state)
      })
      await done("stack", "import", "--stack", "prod", "--file", "state.json")
      assert.deepStrictEqual(Object.keys((await up("prod")).counts), ["unchanged"])
      assert.sameMembers([...tables()], [...before])
    })

    it("goes after its protection was removed in an update of its own, and leaves what the page says", async () => {
      await set("prod", { protect: "false" })
      await up("prod")
      await done("destroy", "--yes", "--skip-preview", "--stack", "prod")
      const left = standing().filter(({ type }) => !type.includes(":kms/"))
      assert.deepStrictEqual(
        left.map(({ type, id }) => `${type} ${id}`),
        tables().map((id) => `${TABLE} ${id}`)
      )
      assert.lengthOf(left, 1, "the table of the generation that was taken out under protection")
    })
  })
})
