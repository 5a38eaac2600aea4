import { writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import type { PolicyDocument, PolicyStatement } from "aws-in-process"
import { listen } from "../../../src/wallboard/port.ts"
import { AGENT, QUEUE } from "../../projections/support.ts"
import { makeTables, policyOfReaders, type Tables } from "../../read/engine.ts"
import { member, onQueue } from "../../read/events.ts"
import { devStack } from "../../support/stack.ts"
import { dryCommand } from "../harness.ts"
import { type Site, wallboard } from "./wall.ts"

const siteOf = ({ captured, options }: Tables, outputs: object = {}): Site => ({
  outputs: { ...captured.outputs, ...outputs },
  reader: options
})

/** A stack with an agent in a queue, whom the directory knows by name. */
const stackOf = async (policy?: PolicyDocument) => {
  const tables = await makeTables(policy === undefined ? {} : { policy })
  await tables.fold([...onQueue(AGENT, "IDLE", 0), member(QUEUE, AGENT, true, 0)])
  await tables.sweep(
    [
      { kind: "queues", id: QUEUE, name: "Sales" },
      { kind: "agents", id: AGENT, name: "Ann" }
    ],
    ["agents", "queues"]
  )
  return tables
}

let tables: Tables
beforeAll(async () => {
  tables = await stackOf()
})
afterAll(() => tables.close())

const refusal = async (...args: ReadonlyArray<string>) => {
  const { code, out, err } = await dryCommand("wallboard", ...args)
  assert.deepStrictEqual([code, out], [1, ""])
  return err
}

describe("the options of the wallboard", () => {
  it("that make no sense are refused before a stack is looked for", async () => {
    assert.match(await refusal("--local", ".data"), /^--local: npm start shows the wallboard of a run on this machine/)
    assert.match(await refusal("--stack", "x", "--json"), /^--json prints one document, and a wallboard goes on/)
    assert.match(
      await refusal("--stack", "x", "--dry-run", "--port", "1"),
      /^--port and --dry-run contradict each other: a dry run serves nothing/
    )
    assert.strictEqual(
      await refusal("--stack", "x", "--every", "0"),
      '--every must be a whole number of seconds, from 1 to 300, not "0"\n'
    )
    assert.strictEqual(
      await refusal("--stack", "x", "--queues", " , "),
      "--queues  , : names no queue; give ids with commas between them\n"
    )
    // None of these needs a stack, which may take a minute to find.
    assert.strictEqual(
      await refusal("--stack", "x", "--time-zone", "Europe/Bärlin"),
      "--time-zone Europe/Bärlin: there is no such time zone; give a name such as Europe/Berlin\n"
    )
    assert.match(await refusal("--stack", "x", "--thresholds", "none.json"), /^--thresholds none.json: /)
    assert.match(await refusal("--stack", "x", "--port", "70000"), /^--port must be a whole number/)
    assert.match(await refusal("--stack", "x", "--chaos", "1"), /chaos/)
  })

  it("that cannot be used are refused with the way out, and nothing is read", async () => {
    const before = tables.seen.length
    const zone = await wallboard(siteOf(tables), "--time-zone", "Europe/Bärlin")
    assert.strictEqual(
      zone.err,
      "--time-zone Europe/Bärlin: there is no such time zone; give a name such as Europe/Berlin\n"
    )
    const file = join(tmpdir(), `thresholds-${process.pid}.json`)
    writeFileSync(file, '{"waiting":[9,3]}')
    const wrong = await wallboard(siteOf(tables), "--thresholds", file)
    assert.match(wrong.err, /^--thresholds .+: waiting is \[9,3\]; it must be two numbers of seconds/)
    const old = await wallboard(siteOf(tables, { prefix: "" }))
    assert.strictEqual(
      old.err,
      "stack test has no output prefix: deploy this version of it first, with npx pulumi up\n"
    )
    const off = await wallboard(siteOf(tables, { projectionsLeftOut: ["queue-intervals"] }), "--time-zone", "UTC")
    assert.strictEqual(
      off.err,
      "--time-zone is for today's figures, and stack test has queueIntervals: false: leave it out\n"
    )
    assert.strictEqual(tables.seen.length, before)
  })

  it("name a port that is taken", async () => {
    const server = createServer()
    const port = await listen(server, 0)
    const { code, err } = await wallboard(siteOf(tables), "--port", String(port))
    server.close()
    assert.deepStrictEqual(
      [code, err],
      [1, `--port ${port} is taken by another program: name another, 0 for any that is free, or leave it out\n`]
    )
  })
})

const withoutIntervals = ({ captured }: Tables) =>
  Object.fromEntries(
    Object.entries(captured.outputs.projectionTables as object).filter(([name]) => !name.startsWith("queue-intervals"))
  )

describe("a dry run", () => {
  it("says who would be shown and what that costs, counts as the tables do, and serves nothing", async () => {
    const unitsOf = () => Object.values(tables.dynamodb.usage()).reduce((sum, { read }) => sum + read, 0)
    const before = unitsOf()
    const { code, out, err } = await wallboard(siteOf(tables), "--dry-run")
    assert.strictEqual(Number(/; (\d+) were spent/.exec(out)?.[1]), Math.round(unitsOf() - before))
    assert.strictEqual(code, 0)
    const [who, price] = out.split("\n")
    assert.strictEqual(who, "1 agents and 1 queues, read every 5 s with the rights of the policy for readers")
    assert.match(
      price ?? "",
      /^about \d+ read units a minute, \$0\.0\d+ a day; up to \d+ more while an agent is open; up to 1 once for the day so far; \d+ were spent to know this$/
    )
    assert.strictEqual(err, "this was a dry run: nothing is served; leave out --dry-run to do it\n")
    const json = JSON.parse((await wallboard(siteOf(tables), "--dry-run", "--json", "--every", "60")).out)
    assert.deepInclude(json, { agents: 1, queues: 1, by: "polling", roundMs: 60_000, dryRun: true, unitsOnce: 1 })
    assert.isBelow(json.unitsAMinute, Number(/about (\d+)/.exec(price ?? "")?.[1]))
  })

  it.each([
    ["a setting leaves them out", () => ({ projectionsLeftOut: ["queue-intervals"] })],
    ["its program lists no such projection", () => ({ projectionTables: withoutIntervals(tables) })]
  ] as const)("leaves out the figures of the day where %s", async (_, outputs) => {
    const off = siteOf(tables, outputs())
    const before = tables.seen.length
    const { out } = await wallboard(off, "--dry-run")
    assert.notInclude(out, "for the day so far")
    assert.isFalse(tables.seen.slice(before).some((call) => call.tables.some((name) => name.includes("intervals"))))
  })

  it("shows the queues that are named, with their members, and says where these have no rows", async () => {
    const named = await wallboard(siteOf(tables), "--dry-run", "--queues", `${QUEUE}, ${QUEUE}`)
    assert.match(named.out, /^1 agents and 1 queues, /)
    const none = await wallboard(siteOf(tables), "--dry-run", "--queues", "nowhere")
    assert.deepStrictEqual(
      [none.code, none.err],
      [1, "stack test has no rows of the queues nowhere: npx projections list queues shows ids\n"]
    )
  })

  it("says what to do where the directory lists nobody", async () => {
    const empty = await makeTables()
    const { code, err } = await wallboard(siteOf(empty))
    await empty.close()
    assert.strictEqual(code, 1)
    assert.match(err, /^the directory of stack test lists nobody, .+ name queues with --queues ID,ID\n$/)
  })
})

const policy = policyOfReaders(await devStack())
const statements = [policy.Statement].flat() as ReadonlyArray<PolicyStatement>

/** What the wall needs of the policy: an action, and how the name of the table or index ends. */
const needs = [
  ["dynamodb:BatchGetItem", "-control"],
  ["dynamodb:Query", "-directory/index/"],
  ["dynamodb:Query", "-queues-v2/index/open"],
  ["dynamodb:Query", "-queue-intervals-v1"],
  ["dynamodb:GetItem", "-agents-v2"]
] as const

describe("the rights of the wallboard", () => {
  it.each(needs)("[P10] include %s on %s, and it says so where that is missing", async (action, ending) => {
    const without: PolicyDocument = {
      Statement: statements.flatMap(({ Action, Resource, ...rest }) =>
        [Action]
          .flat()
          .flatMap((one) => [Resource].flat().map((resource) => ({ ...rest, Action: one, Resource: resource })))
          .filter(({ Action: one, Resource: resource }) => one !== action || !resource.includes(ending))
      )
    }
    const lacking = await stackOf(without)
    const { code, out, err } = await wallboard(siteOf(lacking))
    await lacking.close()
    assert.deepStrictEqual([code, out], [1, ""])
    const table = ending.replace(/\/index\/.*/, "")
    assert.match(
      err,
      new RegExp(
        `^these credentials may not use ${action} on \\S+${table}: attach the policy arn:aws:iam::\\S+-readers to the role or user that you sign in as\\n$`
      )
    )
  })
})
