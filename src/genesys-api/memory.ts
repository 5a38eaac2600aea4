import { Effect } from "effect"
import type { GenesysApi } from "./api.ts"
import { NoAnswer, type NoAnswerReason } from "./error.ts"
import type { GenesysSnapshot } from "./snapshot.ts"

/** What Genesys states of each agent, by id, or why it gives no usable response. It knows no other agent. */
export type GenesysFixture = Readonly<Record<string, GenesysSnapshot | NoAnswerReason>>

/** The API over a fixture. */
export const genesysMemory = (fixture: GenesysFixture): GenesysApi["Service"] => ({
  snapshot: (agentId) => {
    const said = Object.hasOwn(fixture, agentId)
      ? (fixture[agentId] as GenesysSnapshot | NoAnswerReason)
      : "unknownAgent"
    return typeof said === "string" ? Effect.fail(new NoAnswer({ reason: said })) : Effect.succeed(said)
  }
})
