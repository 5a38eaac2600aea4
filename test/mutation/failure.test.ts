import { assert, describe, it } from "@effect/vitest"
import { cpuNow, failure } from "./failure.ts"

/** Keeps this thread for so many ms, in which it works nothing: what a busy machine does to it. */
const deny = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

const work = (ms: number) => {
  for (const until = cpuNow() + ms; cpuNow() < until; );
}

const PATIENT = { waitMs: 1_000, cpuMs: 1_000 }

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

describe("a call that is watched", () => {
  it("fails by what it throws, at once or later, and not where it ends well", async () => {
    assert.strictEqual((await failure(() => assert.fail("no"), PATIENT)).why, "AssertionError: no")
    assert.strictEqual((await failure(() => Promise.reject(new Error("no")), PATIENT)).why, "Error: no")
    assert.isUndefined((await failure(turn, PATIENT)).why)
  })

  it("is too late when it waits for ever, and when it works for ever", async () => {
    const late = { why: "Error: too late", isLate: true } as const
    assert.deepInclude(await failure(() => new Promise(() => undefined), { ...PATIENT, waitMs: 200 }), late)
    let isOver = false
    const busy = async () => {
      while (!isOver) {
        work(10)
        await turn()
      }
    }
    assert.deepInclude(await failure(busy, { ...PATIENT, cpuMs: 200 }), late)
    isOver = true
  })

  it("is not too late because the machine was busy, and tells for how long", async () => {
    const { why, isLate, deniedMs } = await failure(
      async () => {
        for (let i = 0; i < 6; i++) {
          deny(100)
          work(1)
          await turn()
        }
      },
      { waitMs: 200, cpuMs: 200 }
    )
    assert.isUndefined(why)
    assert.isUndefined(isLate)
    assert.isAbove(deniedMs, 200)
  })
})
