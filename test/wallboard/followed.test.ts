import { assert, describe, it } from "@effect/vitest"
import type { Columns } from "../../src/domain/projection.ts"
import { makeFollowed } from "../../src/wallboard/followed.ts"
import type { RowChange } from "../../src/wallboard/row-change.ts"

const AT = Date.parse("2026-05-06T10:00:00.000Z")

const row = (key: string, columns: Columns, asOf = AT) => ({ row: key, columns, asOf })
const waiting = row("session#1", {
  sessionId: "1",
  phase: "waiting",
  mediaType: "VOICE",
  since: "2026-05-06T10:00:00.000Z"
})
const member = row("member#a", { userId: "a", joined: true })

const setup = () => {
  const changes: Array<RowChange> = []
  return { changes, queues: makeFollowed("queues", (change) => changes.push(change)) }
}

describe("rows that are read whole", () => {
  it("tell what differs from before, what is new and what is gone, and nothing of what is the same", () => {
    const { changes, queues } = setup()
    queues.replace("q", [waiting, member], AT)
    assert.deepStrictEqual(
      changes.map(({ row, before }) => [row, before]),
      [
        ["session#1", undefined],
        ["member#a", undefined]
      ]
    )
    const [first] = queues.list()
    // The same in another order of columns, as of another time.
    queues.replace(
      "q",
      [row("session#1", Object.fromEntries(Object.entries(waiting.columns).reverse()), AT + 9), member],
      AT
    )
    assert.lengthOf(changes, 2)
    assert.strictEqual(queues.list()[0], first)

    queues.replace("q", [row("session#1", { ...waiting.columns, phase: "interacting" })], AT + 1_000)
    assert.deepStrictEqual(
      changes
        .slice(2)
        .map(({ row, asOf, before, after }) => [
          row,
          asOf,
          before?.phase ?? before?.joined,
          after.phase ?? after.joined
        ]),
      [
        ["session#1", AT, "waiting", "interacting"],
        ["member#a", AT + 1_000, true, false]
      ]
    )
    const [{ interacting, members } = {}] = queues.list() as ReadonlyArray<{ interacting?: unknown; members?: unknown }>
    assert.deepStrictEqual([(interacting as ReadonlyArray<unknown>).length, members], [1, []])
    queues.replace("q", [], AT)
    assert.deepStrictEqual([changes.at(-1)?.after.phase, queues.list()], ["ended", []])
  })

  it("let go of those who are shown no more", () => {
    const { queues } = setup()
    for (const id of ["q", "r", "s"]) queues.replace(id, [member], AT)
    queues.keep(new Set(["r"]))
    assert.deepStrictEqual(
      queues.list().map(({ queueId }) => queueId),
      ["r"]
    )
  })
})
