import { assert, describe, it } from "@effect/vitest"
import { MARGIN_MS } from "../../../src/pipeline/reconcile/compare.ts"
import { compared, healed, listing, member, stated } from "./queue-answers.ts"
import { AGENT, ASKED, asked, event, iso, QUEUE, STATED } from "./support.ts"

describe("what the API says of a queue's members", () => {
  const joined = { userId: AGENT, joined: true }

  it("[P3] states who has joined and who has not, where the rows say something else", () => {
    assert.deepStrictEqual(stated(listing([joined])), [[true, STATED]])
    assert.deepStrictEqual(stated(listing([joined]), member(true, 0)), [])
    assert.deepStrictEqual(stated(listing([joined]), member(false, 0)), [[true, STATED]])
    assert.deepStrictEqual(stated(listing([{ ...joined, joined: false }])), [])
    assert.deepStrictEqual(stated(listing([{ ...joined, joined: false }]), member(true, 0)), [[false, STATED]])
    assert.strictEqual(healed(listing([joined]), `member#${AGENT}`, member(false, 0)).joined, true)
  })

  it("[P3] says of who is not on a complete list that they have not joined, and of nobody by an incomplete one", () => {
    assert.deepStrictEqual(stated(listing([]), member(true, 0)), [[false, STATED]])
    assert.deepStrictEqual(stated(listing([], false), member(true, 0)), [])
    assert.deepStrictEqual(stated(listing([]), member(false, 0)), [])
  })

  it("keeps apart who is on no list, of so many whom the rows have, from who is listed as not joined", () => {
    const events = [member(true, 0), member(true, 0, "user-2"), member(true, 0, "user-3"), member(false, 0, "user-4")]
    const said = compared(listing([joined, { userId: "user-2", joined: false }]), events)
    assert.deepStrictEqual(
      said.missing.map(({ kind, statement, told }) => [
        kind,
        statement.facet.facet === "member" && statement.facet.userId,
        told
      ]),
      [["member", "user-3", "corrected"]]
    )
    assert.deepStrictEqual([said.known, said.statements.length], [{ member: 3 }, 2])
    assert.deepStrictEqual(compared(listing([], false), events).known, {})
  })

  it("says nothing against what was told within a minute before the question", () => {
    assert.deepStrictEqual(stated(listing([]), member(true, ASKED - MARGIN_MS + 1)), [])
    assert.deepStrictEqual(stated(listing([]), member(true, ASKED - MARGIN_MS)), [[false, STATED]])
  })

  it("counts as lost who was a member by events, and not whom nobody told of", () => {
    assert.deepStrictEqual(compared(listing([]), [member(true, 0)]).corrected, { member: 1 })
    assert.deepStrictEqual(compared(listing([joined]), []).corrected, {})
    assert.deepStrictEqual(compared(listing([]), [member(true, 0)], { read: asked }).early, { member: 1 })
  })

  it("compares with what the agent's own list says too", () => {
    const list = event("v2.users.{id}.activity", AGENT, { activeQueueIds: [QUEUE], dateActiveQueuesChanged: iso(0) }, 0)
    assert.deepStrictEqual(stated(listing([joined]), list), [])
    assert.deepStrictEqual(stated(listing([]), list), [[false, STATED]])
    assert.strictEqual(healed(listing([]), `member#${AGENT}`, list).joined, false)
  })

  it("says nothing against a list of the agent's own that changed within a minute before the question", () => {
    const list = (at: number) =>
      event("v2.users.{id}.activity", AGENT, { activeQueueIds: [QUEUE], dateActiveQueuesChanged: iso(at) }, at)
    assert.deepStrictEqual(stated(listing([]), list(ASKED - MARGIN_MS + 1)), [])
    assert.deepStrictEqual(stated(listing([]), list(ASKED - MARGIN_MS)), [[false, STATED]])
  })
})
