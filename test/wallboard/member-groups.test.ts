import { assert, describe, it } from "@effect/vitest"
import { MEMBER_GROUPS, statesOf } from "../../src/wallboard/page/member-groups.ts"

describe("the columns of a queue's members", () => {
  const queue = { states: { Meal: 2, Interacting: 5, "Not Responding": 1, Break: 3, "On Queue": 4, "Gone fishing": 1 } }

  it("count every member once, and name the states that share one by urgency", () => {
    assert.deepStrictEqual(
      MEMBER_GROUPS.map((group) => [group.id, statesOf(queue, group)]),
      [
        ["notResponding", [["Not Responding", 1]]],
        ["withSession", [["Interacting", 5]]],
        ["onQueue", [["On Queue", 4]]],
        [
          "otherStates",
          [
            ["Break", 3],
            ["Meal", 2],
            ["Gone fishing", 1]
          ]
        ]
      ]
    )
  })

  it("are empty where nobody is joined", () =>
    assert.deepStrictEqual(
      MEMBER_GROUPS.flatMap((group) => statesOf({ states: {} }, group)),
      []
    ))
})
