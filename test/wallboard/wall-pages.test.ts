import { assert, describe, it } from "@effect/vitest"
import type { AgentCard, QueueCard } from "../../src/wallboard/board.ts"
import type { Group } from "../../src/wallboard/page/groups.ts"
import { capacityOf, pagesOf } from "../../src/wallboard/page/wall-pages.ts"

const queues = (count: number) => Array.from({ length: count }, (_, i) => ({ queueId: `q${i}` }) as QueueCard)

const group = (key: string, count: number): Group => ({
  key,
  title: key,
  tone: "",
  agents: Array.from({ length: count }, (_, i) => ({ agentId: `${key}${i}` }) as AgentCard),
  alone: {}
})

describe("the pages of the wall", () => {
  it("hold every queue and every agent once, in their order", () => {
    const groups = [group("a", 23), group("b", 1), group("c", 40)]
    const pages = pagesOf(queues(25), groups, { queues: 10, agents: 12 })
    const shown = pages.flatMap((page) => (page.kind === "queues" ? page.queues.map(({ queueId }) => queueId) : []))
    assert.deepStrictEqual(
      shown,
      queues(25).map(({ queueId }) => queueId)
    )
    const agents = pages.flatMap((page) => (page.kind === "agents" ? page.groups.flatMap((one) => one.agents) : []))
    assert.deepStrictEqual(
      agents,
      groups.flatMap((one) => one.agents)
    )
    for (const page of pages)
      if (page.kind === "agents")
        assert.isAtMost(
          page.groups.reduce((sum, one) => sum + one.agents.length + 1, 0),
          12
        )
  })

  it("are one where there is nothing, and never none on a small screen", () => {
    assert.lengthOf(pagesOf([], [], { queues: 10, agents: 12 }), 1)
    const { queues: rows, agents } = capacityOf(200, 100)
    assert.isAtLeast(Math.min(rows, agents), 2)
    assert.isAbove(capacityOf(1_920, 1_080).agents, 100)
  })
})
