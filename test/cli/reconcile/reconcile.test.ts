import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { sweepLines } from "../../../src/cli/reconcile/progress.ts"
import { type Checkpoint, noCounts, writeCheckpoint } from "../../../src/pipeline/reconcile/checkpoint.ts"
import { control } from "../../../src/store/aws/control.ts"
import { DynamoDb } from "../../../src/store/aws/dynamodb.ts"
import { Connection } from "../../../src/store/connection.ts"
import { START } from "../../support/history.ts"
import { devStack } from "../../support/stack.ts"
import { operate } from "../harness.ts"

const WHY = ["--yes", "--why", "the wall looked wrong"] as const

const last = {
  began: START,
  ended: START + 1_020_000,
  counts: {
    ...noCounts,
    requests: 2_512,
    agents: 20_000,
    queues: 2_000,
    members: 60_000,
    stated: { presence: 2, member: 1, segment: 4 },
    corrected: { member: 1, presence: 2 },
    closed: 1
  }
}

/** A stack that sweeps, and what its checkpoint says. */
const place = async (checkpoint?: Checkpoint) => {
  const site = await operate({
    captured: await devStack({
      genesysCredentialsSecret: "genesys/projections",
      genesysDomain: "mypurecloud.de"
    })
  })
  if (checkpoint !== undefined)
    await Effect.runPromise(
      writeCheckpoint(checkpoint, 0).pipe(
        Effect.provide(control(String(site.captured.outputs.controlTableName)).pipe(Layer.provide(DynamoDb.layer))),
        Effect.provideService(Connection, site.stack.operator)
      )
    )
  return site
}

describe("reconcile", () => {
  it("says what a sweep would take, by the last one, and asks for none by itself", async () => {
    const { command } = await place({ last })
    const { code, out, err } = await command("reconcile")
    assert.strictEqual(code, 0)
    assert.deepStrictEqual(out.trim().split("\n"), [
      "last reconciled 2026-05-06T08:00:00.000Z in 17 minutes: 20,000 agents, 2,000 queues, 3 facts corrected (presence 2, member 1), 1 session closed, 2,512 requests",
      "like the last one it would take about 2,512 requests, 17 minutes and $0.03"
    ])
    assert.strictEqual(err, "this was a dry run: nothing was asked for; give --yes and --why to do it\n")
    assert.notInclude((await command("status")).out, "asked for")
  })

  it("tells a short sweep in seconds", async () => {
    const { command } = await place({ last: { ...last, ended: last.began + 16_200 } })
    assert.include((await command("status")).out, "in 16 seconds: 20,000 agents")
    assert.include((await command("reconcile")).out, "16 seconds and $")
  })

  it("asks for one in the name of who does, records it, and once", async () => {
    const { command } = await place()
    const first = await command("reconcile", ...WHY)
    assert.strictEqual(first.code, 0)
    assert.match(
      first.out,
      /^never reconciled\na sweep was asked for at .* by robin@desk: it begins within a minute\n$/
    )
    assert.match(first.err, /recorded: robin@desk, reconcile, asked, because: the wall looked wrong/)
    const second = await command("reconcile", ...WHY)
    assert.match(second.err, /recorded: robin@desk, reconcile, unchanged/)
    assert.include(second.err, "nothing was asked for: the sweep that is under way or asked for does it")
    assert.include((await command("status")).out, "a sweep was asked for")
    const { reconciled } = JSON.parse((await command("status", "--json")).out)
    assert.strictEqual(reconciled.wanted.by, "robin@desk")
  })

  it("wants a reason, and says what is missing in a stack that sweeps nothing", async () => {
    const { command } = await place()
    assert.match((await command("reconcile", "--yes")).err, /A sweep of the Genesys Cloud API is recorded: add --why/)
    const { command: other } = await operate({ captured: await devStack() })
    const { code, err } = await other("reconcile")
    assert.strictEqual(code, 1)
    assert.match(err, /set genesysCredentialsSecret and genesysDomain, and deploy it/)
    assert.notInclude((await other("status")).out, "reconciled")
  })

  it("says how far a sweep is, and why it gave up", () => {
    const sweep = {
      began: START,
      by: "x",
      chunk: 25,
      totals: { agents: 20_000 },
      counts: { ...noCounts, agents: 8_500 }
    }
    assert.deepStrictEqual(
      sweepLines({
        sweep: { ...sweep, phase: "agents" },
        failure: { at: START + 60_000, message: "GET /api/v2/users: the OAuth client lacks a permission" }
      }),
      [
        "never reconciled",
        "a sweep is under way since 2026-05-06T08:00:00.000Z: agents, 8,500 of 20,000",
        "it gave up at 2026-05-06T08:01:00.000Z, and tries again: GET /api/v2/users: the OAuth client lacks a permission"
      ]
    )
    assert.include(sweepLines({ sweep: { ...sweep, phase: "queues" } })[1], ": queues, 0")
    assert.match(sweepLines({ sweep: { ...sweep, phase: "wrapupCodes" } })[1] ?? "", /: names of wrap-up codes$/)
  })
})
