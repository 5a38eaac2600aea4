import { assert, describe, it } from "vitest"
import { replayDefinition } from "../../src/infra/replay-definition.ts"

const definition = replayDefinition({
  fn: "arn:aws:lambda:eu-central-1:1:function:replay",
  timeoutSeconds: 900,
  concurrency: 4
})
const { Segments } = definition.States
const child = Segments.ItemProcessor

interface AnyState {
  readonly Type: string
  readonly Next?: string
  readonly Default?: string
  readonly Choices?: ReadonlyArray<{ readonly Next: string }>
}

type States = Readonly<Record<string, AnyState>>

const reached = (states: States, from: string): ReadonlySet<string> => {
  const seen = new Set<string>()
  const visit = (name: string): void => {
    if (seen.has(name)) return
    seen.add(name)
    const { Next, Default, Choices = [] } = states[name] ?? assert.fail(`there is no state ${name}`)
    for (const next of [Next, Default, ...Choices.map((choice) => choice.Next)]) if (next !== undefined) visit(next)
  }
  visit(from)
  return seen
}

describe("the definition of the state machine of a replay", () => {
  it("has no state that is never reached, and none that is missing", () => {
    assert.sameMembers([...reached(definition.States as States, definition.StartAt)], Object.keys(definition.States))
    assert.sameMembers([...reached(child.States as States, child.StartAt)], Object.keys(child.States))
  })

  it("is a distributed map that tolerates no hole and takes no more functions than it is given", () => {
    assert.strictEqual(Segments.MaxConcurrency, 4)
    assert.strictEqual(Segments.ToleratedFailurePercentage, 0)
    assert.deepStrictEqual(child.ProcessorConfig, { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" })
  })

  it("retries with growing pauses that are never alike, and not for ever", () => {
    const { Retry, TimeoutSeconds } = child.States.Fold
    assert.isAbove(TimeoutSeconds, 900)
    for (const retrier of Retry) {
      assert.strictEqual(retrier.JitterStrategy, "FULL")
      assert.isAbove(retrier.BackoffRate, 1)
      assert.isAtLeast(retrier.IntervalSeconds, 1)
      assert.isAtMost(retrier.MaxDelaySeconds, 120)
      assert.isAtMost(retrier.MaxAttempts, 10)
    }
    const errors = Retry.flatMap(({ ErrorEquals }) => ErrorEquals)
    assert.includeMembers(errors, ["Lambda.TooManyRequestsException", "Lambda.ServiceException", "States.Timeout"])
    // That one must be alone in the last retrier, and would also catch a definition that is wrong.
    assert.notInclude(errors, "States.ALL")
  })

  it("names the function, and nothing by wildcard", () => {
    assert.strictEqual(child.States.Fold.Parameters.FunctionName, "arn:aws:lambda:eu-central-1:1:function:replay")
    assert.notInclude(JSON.stringify(definition), "*")
  })

  it("hands on no more of a segment than whether it is done, so that a thousand fit into a result", () => {
    assert.strictEqual(child.States.Over.OutputPath, "$.last.answer.done")
  })
})
