import { assert, describe, it } from "@effect/vitest"
import type { StateDocument } from "../../src/wallboard/document.ts"
import { operate } from "../cli/harness.ts"
import { historyOf, START } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { openDeployed } from "./deployed.ts"
import { check } from "./flow.ts"
import { foldLocally } from "./fold.ts"

const NONE: StateDocument = { agents: [], queues: [] }

describe("the account check on the local engine", () => {
  it("finds what it will find in an account where all is well", UNHURRIED, async () => {
    // As in an account: the events are an hour old, so that everything is due.
    const site = await operate({ start: START + 3_600_000 })
    const { stack, clock, captured } = site
    const lines = historyOf(100)
      .slice(0, 100)
      .map(({ line }) => line)
    let ids = 0
    let isForgotten = false
    const replayed: Array<string> = []
    const checked = await check({
      lines,
      fold: foldLocally,
      pause: (ms) => site.reach(clock.now() + ms),
      say: () => {},
      now: () => clock.now(),
      isStopped: () => false,
      cloud: {
        account: async () => "000000000000",
        up: async () => captured.outputs,
        changes: async () => 0,
        open: async (outputs) => {
          const deployed = openDeployed({
            outputs,
            operator: stack.operator,
            reader: async () => stack.reader,
            // As the bus does: an id of its own for each.
            send: async (all) => {
              for (const line of all) site.send(JSON.stringify({ ...JSON.parse(line), id: `bus-${ids++}` }))
            },
            replay: async (generation) => {
              const words = ["replay", generation, "--id", generation, "--state-machine", "--yes", "--why", "check"]
              const { code, err } = await site.command(...words)
              assert.strictEqual(code, 0, err)
              replayed.push(generation)
              isForgotten = false
            }
          })
          return {
            ...deployed,
            // The operator of this machine may not delete rows.
            forget: async () => {
              isForgotten = true
            },
            state: async () => (isForgotten ? NONE : deployed.state())
          }
        },
        destroy: stack.stop,
        left: async () => 0
      }
    })
    assert.deepStrictEqual(
      checked.steps.filter(({ ok }) => !ok),
      []
    )
    assert.isTrue(checked.ok)
    const found = Object.fromEntries(checked.steps.map(({ name, found }) => [name, found]))
    assert.match(found["compare the rows with a local fold"] ?? "", /^\d\d? agents and [1-9]\d* queues, byte for byte$/)
    assert.match(found["try the rights of readers"] ?? "", /^6 calls succeeded, 4 were refused/)
    assert.deepStrictEqual(replayed, Object.keys(captured.outputs.projectionTables as object))
  })
})
