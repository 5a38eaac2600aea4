import { execFile } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { promisify } from "node:util"
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { generation, type Projection } from "../../src/domain/projection.ts"
import { decodeEvent } from "../../src/genesys/decoder.ts"
import type { Event } from "../../src/genesys/event.ts"
import { simulatorDefaults } from "../../src/local/options.ts"
import { SIMULATED_SOURCE } from "../../src/local/partner.ts"
import { toReadRow } from "../../src/store/aws/row-item.ts"
import { fold } from "../projections/support.ts"
import { serve } from "../read/served.ts"
import { captureOnce } from "../support/capture-once.ts"
import { historyOf } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { runStack } from "../support/stack.ts"
import { blocksOf, pageOf } from "./pages.ts"
import { treeOf } from "./tree.ts"

const page = pageOf("docs/adding-a-projection.md")
const blocks = blocksOf(page).filter(({ language }) => language === "ts")
const tree = treeOf(blocks)
afterAll(tree.remove)

const load = <A>(file: string) => import(/* @vite-ignore */ pathToFileURL(`${tree.path}/${file}`).href) as Promise<A>

const { projections } = await load<{ readonly projections: ReadonlyArray<Projection<Event>> }>("projections/index.ts")
const added = projections.find(({ name }) => name === "journeys") as Projection<Event>

/** The agent whom the page follows. */
const FOLLOWED = /reader\.agent\("([^"]+)"\)/

/** What the page's script prints of this agent, read at this endpoint. */
const follow = async (endpoint: string, agentId: string) => {
  const { code = "" } = blocks.find(({ info }) => info === "follow.ts") ?? {}
  const script = code
    .replace("genesys-cloud-projections/read", "./src/read/index.ts")
    .replace("connectLocal()", `connectLocal(${new URL(endpoint).port})`)
    .replace(FOLLOWED, `reader.agent("${agentId}")`)
  assert.notInclude(script, "connectLocal()")
  writeFileSync(join(tree.path, "followed.ts"), script)
  return (await promisify(execFile)(process.execPath, ["followed.ts"], { cwd: tree.path })).stdout
}

describe("the page on adding a projection", () => {
  // Its own test registers itself here.
  for (const { info } of blocks.filter(({ info }) => info.endsWith(".test.ts")))
    describe(info, async () => {
      await load(info)
    })

  it("names every file that it writes", () => {
    assert.sameMembers(
      blocks.map(({ info }) => info),
      ["projections/journeys.ts", "projections/index.ts", "test/projections/journeys.test.ts", "follow.ts"]
    )
  })

  it("feeds a caller who waits, and follows an agent whom the contact centre simulator employs", () => {
    const [file] = blocksOf(page).filter(({ info }) => info === "journeys.ndjson")
    const lines = (file?.code ?? "").trim().split("\n")
    const events = lines.map((line) => Result.getOrThrow(decodeEvent(line, Date.parse("2026-05-06T10:00:01Z"))))
    const [, id = ""] = /explain conversation (\S+)/.exec(page.text) ?? []
    const { customer, waitingIn } = fold(added, ...events).state(id) ?? {}
    assert.deepStrictEqual(
      [customer, waitingIn].map((open) => (open as ReadonlyArray<unknown>).length),
      [1, 1]
    )
    const [, agent = ""] = FOLLOWED.exec(page.text) ?? []
    const starts = historyOf(600, simulatorDefaults).filter(
      ({ line }) => /\.user\.start/.test(line) && line.includes(agent)
    )
    assert.isAbove(starts.length, 1)
  })

  it(
    "ends in a table of the stack, with a row for each conversation that says what its events say",
    UNHURRIED,
    async () => {
      const settings = { genesysEventSource: SIMULATED_SOURCE, batchWindowSeconds: 1 }
      const captured = await captureOnce("dev", settings, projections)
      const run = await runStack({ captured })
      const history = historyOf(400)
      run.feed(history)
      await run.reach(history.at(-1)?.at ?? 0)
      await run.settle()

      const events = history.map(({ line, at }) => Result.getOrThrow(decodeEvent(line, at)))
      const folded = fold(added, ...events.filter(({ topic }) => added.topics.includes(topic)))
      const ids = [
        ...new Set(events.filter(({ topic }) => added.topics.includes(topic)).map(({ subject = "" }) => subject))
      ]
      const tables = captured.outputs.projectionTables as Readonly<Record<string, { readonly name: string }>>
      const table = tables[generation(added)]?.name ?? ""
      const client = new DynamoDBClient(run.stack.operator)
      const over: Array<string> = []
      for (const id of ids) {
        const Key = { [added.key]: { S: id }, row: { S: "state" } }
        const { Item = {} } = await client.send(new GetItemCommand({ TableName: table, Key }))
        const [row] = toReadRow({ table, key: added.key }, Item)
        assert.deepStrictEqual(row?.columns, folded.state(id))
        assert.strictEqual(Item.expiresAt !== undefined, folded.closed(id, "state"))
        if (folded.closed(id, "state")) over.push(id)
      }
      assert.isAbove(over.length, 3)
      assert.isAbove(ids.length, over.length)

      const talking = ids.flatMap((id) =>
        ((folded.state(id)?.with ?? []) as ReadonlyArray<{ readonly userId: string }>).map(({ userId }) => [id, userId])
      )
      assert.isNotEmpty(talking)
      const [[id = "", agent = ""] = []] = talking
      const served = await serve(run.stack.reader)
      const said = await follow(served.endpoint, agent)
      await served.close()
      for (const word of [id, `"userId":"${agent}"`]) assert.include(said, word)
      assert.deepStrictEqual(run.stack.denied(), [])
      await run.stack.stop()
    }
  )
})
