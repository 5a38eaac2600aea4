import { assert, describe, it } from "@effect/vitest"
import { exampleEnvelope, invented } from "../../src/genesys/example.ts"
import type { Stated } from "../../src/genesys/snapshot.ts"
import { SIMULATED_SOURCE } from "../../src/local/partner.ts"
import { AGENT, START } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { snapshotOf } from "../support/snapshots.ts"
import { runStack } from "../support/stack.ts"

const { queue: queueId, conversation: conversationId, acdSession, agentSession } = invented
const HOUR = 3_600_000

/** A call of which both ends were lost: a wait in a queue, and the agent who served it. */
const call = [
  ["acd.start", acdSession, { queueId }],
  ["user.start", agentSession, { userId: AGENT, queueId }]
] as const

const statements: ReadonlyArray<readonly [what: string, facet: Stated, events: number, rows: number]> = [
  ["a facet of an agent", { facet: "routingStatus", agentId: AGENT, value: "IDLE" }, 1, 1],
  ["a member", { facet: "member", queueId, userId: AGENT, joined: true }, 1, 3],
  ["a wait that is over", { facet: "sessionSeen", conversationId, queueId, sessionId: acdSession, value: false }, 1, 4],
  [
    "a session of an agent that is over",
    { facet: "sessionSeen", conversationId, userId: AGENT, queueId, sessionId: agentSession, value: false },
    1,
    5
  ]
]

describe("what a snapshot costs", () => {
  it(
    "[P9] is a write unit for its event, and those of the rows that it changes; the same again is its event alone",
    UNHURRIED,
    async () => {
      const site = await runStack()
      for (const [i, [what, sessionId, more]] of call.entries()) {
        const at = START + i * 1_000
        const body = { eventTime: at, sessionId, mediaType: "VOICE", ...more }
        const envelope = exampleEnvelope(`v2.detail.events.conversation.{id}.${what}`, {
          ids: [conversationId],
          published: new Date(at).toISOString(),
          source: SIMULATED_SOURCE,
          body
        })
        site.send(JSON.stringify({ ...envelope, id: `${what} of the call` }))
      }
      await site.settle()
      await site.reach(START + HOUR)
      const costs = async (facet: Stated) => {
        const before = site.units()
        site.stack.put(JSON.stringify(snapshotOf(facet, START + HOUR)))
        await site.settle()
        const after = site.units()
        return [after.events - before.events, after.projections - before.projections]
      }
      const found = []
      for (const [what, facet] of statements) found.push([what, ...(await costs(facet))])
      assert.deepStrictEqual(
        found,
        statements.map(([what, , events, rows]) => [what, events, rows])
      )
      for (const [what, facet] of statements) assert.deepStrictEqual(await costs(facet), [1, 0], what)
    }
  )
})
