import { assert, describe, it } from "@effect/vitest"
import { open, options } from "./record.ts"

describe("the contact centre simulator over time", () => {
  it.each([
    { rate: 1, agents: 20, seconds: 900, within: 0.1 },
    { rate: 5, agents: 30, seconds: 300, within: 0.1 },
    { rate: 100, agents: 3, seconds: 60, within: 0.1 },
    { rate: 100, agents: 200, seconds: 60, within: 0.1 },
    { rate: 500, agents: 1_000, seconds: 60, within: 0.1 },
    { rate: 2_000, agents: 1, seconds: 10, within: 0.2 },
    { rate: 2_000, agents: 5_000, seconds: 15, within: 0.1 }
  ])("keeps $rate records a second with $agents agents", ({ rate, agents, seconds, within }) => {
    const centre = open({ rate, agents, queues: 8 })
    let count = 0
    while (centre.next().at < options.start + seconds * 1_000) count++
    assert.isBelow(Math.abs(count / (rate * seconds) - 1), within, `${count / seconds} records a second`)
  })

  it("counts mishaps within the rate", () => {
    const centre = open({ chaos: 1 })
    let count = 0
    while (centre.next().at < options.start + 120_000) count++
    assert.isBelow(Math.abs(count / 12_000 - 1), 0.1, `${count / 120} records a second`)
  })

  it("holds no more after hours than after minutes", () => {
    const centre = open({ agents: 10, rate: 200, chaos: 0.2 })
    let [early, late] = [0, 0]
    const peak = (before: number) => {
      const { conversations, tasks, inFlight } = centre.held()
      return Math.max(before, conversations + tasks + inFlight)
    }
    for (let i = 0; i < 10_000; i++) {
      centre.next()
      if (i > 5_000) early = peak(early)
    }
    for (let i = 0; i < 60_000; i++) {
      centre.next()
      late = peak(late)
    }
    assert.isBelow(late, early * 2)
  })
})
