import { assert, describe, it } from "@effect/vitest"
import type { StateDocument } from "../../src/wallboard/document.ts"
import { type Cloud, check, type Deployed, type Means } from "./flow.ts"

const ROWS: StateDocument = { agents: [{ agentId: "a", state: "Idle" }], queues: [{ queueId: "q" }] }
const NONE: StateDocument = { agents: [], queues: [] }
const line = (id: string, detail: object) => JSON.stringify({ id, "detail-type": "t", detail })
const SENT = [line("1", { a: 1 }), line("2", { a: 2 })]
/** As the bus gives them on: with ids of its own, in another order, with keys in another order. */
const STORED = [line("x", { a: 2 }), line("y", { a: 1 })]

/** An account in which everything works, until `parts` says otherwise; `calls` is what was done there. */
const account = (parts: { readonly cloud?: Partial<Cloud>; readonly deployed?: Partial<Deployed> } = {}) => {
  const calls: Array<string> = []
  let rows = ROWS
  let time = 0
  const named = <A extends object>(all: A): A =>
    Object.fromEntries(
      Object.entries(all).map(([name, call]) => [
        name,
        (...args: ReadonlyArray<unknown>) => {
          calls.push(name)
          return call(...args)
        }
      ])
    ) as A
  const deployed: Deployed = {
    send: async () => {},
    stored: async () => STORED,
    waiting: async () => 0,
    state: async () => rows,
    forget: async () => {
      rows = NONE
    },
    replay: async () => {
      rows = ROWS
    },
    attempts: async () => [
      { call: "get", isAllowed: true },
      { call: "scan", isAllowed: false, error: "AccessDeniedException" }
    ],
    ...parts.deployed
  }
  const cloud: Cloud = {
    account: async () => "123456789012",
    up: async () => ({ prefix: "p" }),
    changes: async () => 0,
    open: async () => named(deployed),
    destroy: async () => {},
    left: async () => 0,
    ...parts.cloud
  }
  const means = (more: Partial<Means> = {}): Means => ({
    cloud: named(cloud),
    lines: SENT,
    fold: async () => ROWS,
    pause: async (ms) => {
      time += ms
    },
    say: () => {},
    now: () => time,
    isStopped: () => false,
    ...more
  })
  return { calls, run: (more: Partial<Means> = {}) => check(means(more)) }
}

const failing = () => Promise.reject(new Error("out of order"))

const failed = ({ steps }: Awaited<ReturnType<typeof check>>) =>
  steps.filter(({ ok }) => !ok).map(({ name, found }) => [name, found])

describe("the account check", () => {
  it("does all of its steps, and ends with nothing left", async () => {
    const { calls, run } = account()
    const checked = await run()
    assert.deepStrictEqual(failed(checked), [])
    assert.isTrue(checked.ok)
    assert.isFalse(checked.isLeft)
    assert.deepStrictEqual(
      calls.filter((call) => !["stored", "waiting", "state"].includes(call)),
      ["account", "up", "changes", "open", "send", "forget", "replay", "attempts", "destroy", "left"]
    )
    assert.strictEqual(checked.steps.length, 12)
  })

  it("makes nothing where nobody is signed in", async () => {
    const { calls, run } = account({ cloud: { account: failing } })
    const checked = await run()
    assert.deepStrictEqual(failed(checked), [["sign in", "out of order"]])
    assert.deepStrictEqual(calls, ["account"])
    assert.isFalse(checked.isLeft)
  })

  it.each<readonly [part: keyof Cloud, step: string]>([
    ["up", "deploy"],
    ["changes", "update again"],
    ["open", "open the stack"]
  ])("takes the stack down where %s fails", async (part, step) => {
    const { calls, run } = account({ cloud: { [part]: failing } })
    const checked = await run()
    assert.deepStrictEqual(failed(checked), [[step, "out of order"]])
    assert.deepStrictEqual([checked.ok, checked.isLeft], [false, false])
    assert.deepStrictEqual(calls.slice(-2), ["destroy", "left"])
  })

  it.each<readonly [part: keyof Deployed, step: string]>([
    ["send", "send the events"],
    ["stored", "settle"],
    ["waiting", "settle"],
    ["state", "settle"],
    ["forget", "replay into empty tables"],
    ["replay", "replay into empty tables"],
    ["attempts", "try the rights of readers"]
  ])("takes the stack down where %s fails, and does what does not need it", async (part, step) => {
    const { calls, run } = account({ deployed: { [part]: failing } })
    const checked = await run()
    assert.deepStrictEqual(failed(checked), [[step, "out of order"]])
    assert.deepStrictEqual(calls.slice(-2), ["destroy", "left"])
    assert.include(calls, "attempts")
  })

  it("says that something may be left where the stack could not be taken down, or is not empty then", async () => {
    for (const [cloud, found] of [
      [{ destroy: failing }, "out of order"],
      [{ left: async () => 3 }, "3 resources are left"]
    ] as const) {
      const checked = await account({ cloud }).run()
      assert.deepStrictEqual(failed(checked), [["take the stack down", found]])
      assert.isTrue(checked.isLeft)
    }
  })

  it("tells rows that differ, before and after the replay, and where", async () => {
    const other: StateDocument = { ...ROWS, agents: [{ agentId: "a", state: "Busy" }] }
    const checked = await account().run({ fold: async () => other })
    const names = ["compare the rows with a local fold", "compare the replayed rows"]
    assert.deepStrictEqual(
      failed(checked).map(([name]) => name),
      names
    )
    assert.match(String(failed(checked)[0]?.[1]), /differ at character 35: .*Idle.* instead of .*Busy/)
  })

  it("tells a replay that made nothing again, and rows that were not deleted before it", async () => {
    const idle = await account({ deployed: { replay: async () => {} } }).run()
    assert.deepStrictEqual(
      failed(idle).map(([name]) => name),
      ["compare the replayed rows"]
    )
    const kept = await account({ deployed: { forget: async () => {} } }).run()
    assert.deepStrictEqual(failed(kept), [["replay into empty tables", "rows are left that were to be deleted"]])
  })

  it("tells events that were stored in another form, and a second update that changes something", async () => {
    const stored = [line("x", { a: 2 }), line("y", { a: 3 })]
    const lost = await account({ deployed: { stored: async () => stored } }).run()
    assert.deepStrictEqual(
      failed(lost).map(([name]) => name),
      ["compare what is stored"]
    )
    const changed = await account({ cloud: { changes: async () => 2 } }).run()
    assert.deepStrictEqual(failed(changed), [["update again", "a second update would change 2 resources"]])
  })

  it("tells a right too few, a right too many, and that nothing was tried", async () => {
    for (const [attempts, found] of [
      [[{ call: "get", isAllowed: true, error: "AccessDeniedException" }], "get: AccessDeniedException"],
      [[{ call: "scan", isAllowed: false }], "scan: succeeded"],
      [[], "nothing was tried"]
    ] as const) {
      const checked = await account({ deployed: { attempts: async () => attempts } }).run()
      assert.deepStrictEqual(failed(checked), [["try the rights of readers", found]])
    }
  })

  it("waits for what is not there yet, and gives up after five minutes", async () => {
    let looks = 0
    const slow = await account({ deployed: { waiting: async () => (looks++ < 7 ? 1 : 0) } }).run()
    assert.deepStrictEqual(failed(slow), [])
    assert.isAtLeast(looks, 12)
    const never = await account({ deployed: { stored: async () => STORED.slice(1) } }).run()
    assert.deepStrictEqual(failed(never), [["settle", "not settled after 300 s: 1 events stored, 0 wait"]])
  })

  it("takes the stack down when it is stopped, and does nothing else any more", async () => {
    let stopped = false
    const { calls, run } = account({
      deployed: {
        send: async () => {
          stopped = true
        }
      }
    })
    const checked = await run({ isStopped: () => stopped })
    assert.isFalse(checked.ok)
    assert.deepStrictEqual(calls.slice(-3), ["send", "destroy", "left"])
    assert.deepStrictEqual(
      failed(checked).map(([, found]) => found),
      ["not done: the check was stopped", "not done: the check was stopped"]
    )
  })
})
