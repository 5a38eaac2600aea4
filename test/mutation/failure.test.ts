import { assert, describe, it } from "@effect/vitest"
import { cpuNow, failure } from "./failure.ts"

/** Keeps this thread for so many ms, in which it works nothing: what a busy machine does to it. */
const deny = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

const work = (ms: number) => {
  for (const until = cpuNow() + ms; cpuNow() < until; );
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

describe("a call that is watched", () => {
  it("fails by what it throws, at once or later, and not where it ends well", async () => {
    assert.strictEqual((await failure(() => assert.fail("no"), 1_000)).why, "AssertionError: no")
    assert.strictEqual((await failure(() => Promise.reject(new Error("no")), 1_000)).why, "Error: no")
    assert.isUndefined((await failure(turn, 1_000)).why)
  })

  it("is too late when it waits for ever, and when it works for ever", async () => {
    assert.strictEqual((await failure(() => new Promise(() => undefined), 200)).why, "Error: too late")
    let isOver = false
    const busy = async () => {
      while (!isOver) {
        work(10)
        await turn()
      }
    }
    assert.strictEqual((await failure(busy, 200)).why, "Error: too late")
    isOver = true
  })

  it("is not too late because the machine was busy, and tells for how long", async () => {
    const { why, deniedMs } = await failure(async () => {
      for (let i = 0; i < 6; i++) {
        deny(100)
        work(1)
        await turn()
      }
    }, 200)
    assert.isUndefined(why)
    assert.isAbove(deniedMs, 200)
  })
})
