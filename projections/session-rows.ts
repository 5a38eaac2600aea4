import { Schema } from "effect"
import { number, text, time } from "./row-kind.ts"

const { optionalKey } = Schema

const Wrapup = Schema.Struct({
  code: optionalKey(text("the code that the agent chose")),
  durationMs: optionalKey(number("how long it took, in ms"))
})

/** The columns of a session of an agent, which `agents` and `queues` share. */
export const userSession = {
  sessionId: text("the session, as in the row key"),
  phase: text("`alerting`, `interacting`, `monitoring` (listens or coaches, and serves nobody), `wrapup` or `ended`"),
  conversationId: optionalKey(text("the conversation that the session is part of")),
  mediaType: optionalKey(text("`VOICE`, `CHAT`, ... as Genesys spells it")),
  direction: optionalKey(text("`INBOUND`, `OUTBOUND`, ... as Genesys spells it")),
  since: optionalKey(time("when it began, with the alert; absent where no event said so")),
  connectedSince: optionalKey(time("since when the agent is connected, where that is known; only while interacting")),
  endedAt: optionalKey(
    time(
      "when it ended; only of a session that has, and where that is known. Where a rule ended it after a while, when that while was over"
    )
  ),
  endedBy: optionalKey(text(endedBy("`user.end`, `TERMINATED` or `acw`"))),
  wrapup: optionalKey(
    Wrapup.annotate({ description: "after-call work: `code`, and `durationMs` in ms, where Genesys reports them" })
  )
} as const

/** How a row says what ended it. */
export function endedBy(own: string): string {
  return `what ended it: ${own} where its own end came, and otherwise the event or rule by which it must be over: \`acd.start\`, \`acd.end\`, \`user.start\`, \`user.end\`, \`customer.end\`, \`agent.state\`, \`conversationsummary\`, \`presence\`, or \`snapshot\` of a session that the API listed no more`
}
