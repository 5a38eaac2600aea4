import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { serviceLevelRule } from "../../projections/queue-figures.ts"
import { type ServiceLevelOptions, serviceLevelsOf } from "../../src/read/service-level.ts"

const levelsOf = (options?: unknown) => Effect.runSync(serviceLevelsOf(options as ServiceLevelOptions))
const problemOf = (options: unknown) =>
  Effect.runSync(Effect.flip(serviceLevelsOf(options as ServiceLevelOptions))).message

const names = "answerSeconds, target, shortAbandonSeconds, withAbandons, withShortAbandons, withFlowOuts"
const seconds = "it must be a number of seconds, 0 or more"
const share = "it must be a share from 0 to 1"
const flag = "it must be true or false"

describe("the rules of service levels", () => {
  it("are those of Genesys where nobody says otherwise", () => {
    assert.deepStrictEqual(levelsOf(), { others: serviceLevelRule, queues: new Map() })
    assert.deepStrictEqual(levelsOf({ target: undefined, queues: { q: {} } }), {
      others: serviceLevelRule,
      queues: new Map([["q", serviceLevelRule]])
    })
  })

  it("of a queue are those of the others, but for what they say themselves", () => {
    const { others, queues } = levelsOf({
      answerSeconds: 0,
      withFlowOuts: true,
      queues: {
        q: { target: 0, shortAbandonSeconds: 0.5, withFlowOuts: undefined },
        r: { target: 1, withAbandons: false }
      }
    })
    const all = { ...serviceLevelRule, answerSeconds: 0, withFlowOuts: true }
    assert.deepStrictEqual(others, all)
    assert.deepStrictEqual(queues.get("q"), { ...all, target: 0, shortAbandonSeconds: 0.5 })
    assert.deepStrictEqual(queues.get("r"), { ...all, target: 1, withAbandons: false })
  })

  it.each([
    [{ answerSeconds: -1 }, `serviceLevel.answerSeconds is -1; ${seconds}`],
    [{ answerSeconds: "20" }, `serviceLevel.answerSeconds is "20"; ${seconds}`],
    [{ answerSeconds: Number.POSITIVE_INFINITY }, `serviceLevel.answerSeconds is null; ${seconds}`],
    [{ shortAbandonSeconds: -0.1 }, `serviceLevel.shortAbandonSeconds is -0.1; ${seconds}`],
    [{ target: 1.1 }, `serviceLevel.target is 1.1; ${share}`],
    [{ target: -0.1 }, `serviceLevel.target is -0.1; ${share}`],
    [{ target: "0.8" }, `serviceLevel.target is "0.8"; ${share}`],
    [{ withAbandons: 1 }, `serviceLevel.withAbandons is 1; ${flag}`],
    [{ withShortAbandons: "no" }, `serviceLevel.withShortAbandons is "no"; ${flag}`],
    [{ withFlowOuts: null }, `serviceLevel.withFlowOuts is null; ${flag}`],
    [{ seconds: 20 }, `serviceLevel.seconds is unknown; there are ${names}`],
    [{ toString: 20 }, `serviceLevel.toString is unknown; there are ${names}`],
    [{ queues: { q: 3 } }, "serviceLevel.queues.q is 3; it must be an object such as { answerSeconds: 20 }"],
    [{ queues: { q: null } }, "serviceLevel.queues.q is null; it must be an object such as { answerSeconds: 20 }"],
    [{ queues: { q: [] } }, "serviceLevel.queues.q is []; it must be an object such as { answerSeconds: 20 }"],
    [{ queues: { q: { target: 2 } } }, `serviceLevel.queues.q.target is 2; ${share}`]
  ])("are refused by the field and the fix: %j", (options, message) => {
    assert.strictEqual(problemOf(options), message)
  })
})
