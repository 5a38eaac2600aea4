import { assert, describe, it } from "@effect/vitest"
import type { Columns } from "../../src/domain/projection.ts"
import { agentDocument, queueDocument } from "../../src/wallboard/document.ts"

const at = "2026-05-06T10:00:00.000Z"
const row = (row: string, columns: Columns) => ({ row, columns, asOf: Date.parse(at) })

describe("the document of a stack whose readers still use the first generations", () => {
  it("shows what a session of queues-v1 is in, and the metrics that have a row each there", () => {
    const { waiting, interacting, alerting, observations } = queueDocument("q", [
      row("session#w", { sessionId: "w", waiting: true, mediaType: "VOICE", since: at }),
      row("session#i", {
        sessionId: "i",
        interacting: true,
        waiting: false,
        userId: "a",
        mediaType: "CHAT",
        since: at
      }),
      row("observation#voice#oWaiting", { media: "voice", metric: "oWaiting", stats: { count: 2 }, at }),
      row("observation#voice#oUserRoutingStatuses#IDLE", {
        ...{ media: "voice", metric: "oUserRoutingStatuses", qualifier: "IDLE" },
        ...{ stats: { count: 3 }, at }
      })
    ])
    assert.deepStrictEqual(waiting, [{ sessionId: "w", mediaType: "VOICE", since: at }])
    assert.deepStrictEqual(interacting, [{ sessionId: "i", userId: "a", mediaType: "CHAT", since: at }])
    assert.deepStrictEqual(alerting, [])
    assert.deepStrictEqual(observations, {
      voice: { "oUserRoutingStatuses#IDLE": { count: 3, at }, oWaiting: { count: 2, at } }
    })
  })

  it("shows an open session of agents-v1 as interacting, the only phase that it knew", () => {
    const { sessions, wrapup } = agentDocument("a", [
      row("session#s", { sessionId: "s", open: true, mediaType: "VOICE", since: at }),
      row("session#e", { sessionId: "e", open: false, mediaType: "VOICE", since: at })
    ])
    assert.deepStrictEqual(sessions, [{ sessionId: "s", mediaType: "VOICE", since: at, phase: "interacting" }])
    assert.deepStrictEqual(wrapup, [])
  })
})
