import { assert, describe, it } from "vitest"
import type { Json } from "../src/states/data.ts"
import { type Definition, ExecutionFailed, makeStateMachine } from "../src/states/machine.ts"
import { makeTime } from "./parts.ts"

const RESIZE = "arn:aws:lambda:eu-west-1:000000000000:function:resize"

/** Resizes each image, at most two at once; says that there was none where there was none. */
const definition: Definition = {
  StartAt: "Any",
  States: {
    Any: {
      Type: "Choice",
      Choices: [{ Variable: "$.images", IsPresent: true, Next: "All" }],
      Default: "None"
    },
    None: { Type: "Fail", Error: "NoImages", CausePath: "$.album" },
    All: {
      Type: "Map",
      Label: "All",
      ItemsPath: "$.images",
      ItemSelector: { "album.$": "$.album", "image.$": "$$.Map.Item.Value" },
      MaxConcurrency: 2,
      ToleratedFailurePercentage: 0,
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
        StartAt: "Resize",
        States: {
          Resize: {
            Type: "Task",
            Resource: "arn:aws:states:::lambda:invoke",
            Parameters: { FunctionName: RESIZE, Payload: { "path.$": "$.image" } },
            ResultSelector: { "size.$": "$.Payload.size" },
            TimeoutSeconds: 60,
            Retry: [
              {
                ErrorEquals: ["States.TaskFailed"],
                IntervalSeconds: 1,
                BackoffRate: 2,
                MaxDelaySeconds: 10,
                MaxAttempts: 2,
                JitterStrategy: "FULL"
              }
            ],
            End: true
          }
        }
      },
      ResultPath: "$.sizes",
      Next: "Done"
    },
    Done: { Type: "Succeed", OutputPath: "$.sizes" }
  }
}

const execute = async (input: Json, resize: (path: Json, attempt: number) => Json) => {
  const { clock, activity, elapsed, run } = makeTime()
  const attempts = new Map<Json, number>()
  const most = { running: 0, seen: 0 }
  const machine = makeStateMachine(definition, {
    clock,
    authorize: () => {},
    invoke: async (arn, payload) => {
      assert.strictEqual(arn, RESIZE)
      const { path } = payload as { readonly path: string }
      attempts.set(path, (attempts.get(path) ?? 0) + 1)
      most.seen = Math.max(most.seen, ++most.running)
      await activity.sleep(clock, 100)
      most.running--
      return resize(path, attempts.get(path) ?? 0)
    }
  })
  let result: { readonly output?: Json; readonly failure?: unknown } | undefined
  void activity.track(machine.run(input)).then(
    (output) => {
      result = { output }
    },
    (failure: unknown) => {
      result = { failure }
    }
  )
  await run(() => result !== undefined, { pending: () => 0 })
  return { ...result, most: most.seen, elapsed: elapsed() }
}

describe("a state machine", () => {
  it("maps a list in order, no more at once than MaxConcurrency", async () => {
    const done = await execute({ album: "a", images: ["1", "2", "3", "4"] }, (path) => ({ size: Number(path) * 10 }))
    assert.deepStrictEqual(
      done.output,
      [10, 20, 30, 40].map((size) => ({ size }))
    )
    assert.strictEqual(done.most, 2)
    assert.strictEqual(done.elapsed, 200)
  })

  it("retries a task with growing pauses, and fails when its attempts are used up", async () => {
    const flaky = (fine: number) => (_: Json, attempt: number) => {
      if (attempt <= fine) throw new ExecutionFailed("Lambda.TooManyRequestsException", "busy")
      return { size: attempt }
    }
    const done = await execute({ album: "a", images: ["1"] }, flaky(2))
    assert.deepStrictEqual(done.output, [{ size: 3 }])
    assert.strictEqual(done.elapsed, 100 + 1_000 + 100 + 2_000 + 100)
    const { failure } = await execute({ album: "a", images: ["1"] }, flaky(3))
    assert.strictEqual((failure as ExecutionFailed).error, "States.ExceedToleratedFailureThreshold")
    assert.include(String((failure as ExecutionFailed).cause), "busy")
  })

  it("takes the default where no choice applies", async () => {
    const { failure } = await execute({ album: "holidays" }, () => null)
    assert.deepInclude(failure, { error: "NoImages", message: "holidays" })
  })
})

describe("what the state machine does not implement", () => {
  const parts = { clock: makeTime().clock, authorize: () => undefined, invoke: async () => null }
  const text = JSON.stringify(definition)
  const changed = (from: string, to: string): Definition => {
    assert.include(text, from)
    return JSON.parse(text.replace(from, to))
  }
  it.each<[string, Definition]>([
    ["a field of a state", changed('"Type":"Map"', '"Type":"Map","Catch":[]')],
    ["a type of state", changed('"Type":"Choice"', '"Type":"Parallel"')],
    ["another call", changed("arn:aws:states:::lambda:invoke", "arn:aws:states:::sqs:sendMessage")],
    ["a field of the definition", changed('"StartAt":"Any"', '"QueryLanguage":"JSONata","StartAt":"Any"')],
    ["failures that are tolerated", changed('"ToleratedFailurePercentage":0', '"ToleratedFailurePercentage":5')],
    ["a state that is missing", changed('"StartAt":"Any"', '"StartAt":"Some"')]
  ])("throws: %s", (_, wrong) => {
    assert.throws(() => makeStateMachine(wrong, parts), /not implemented by aws-in-process|there is no state/)
  })
})
