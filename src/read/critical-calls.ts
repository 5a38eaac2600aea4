import { Effect, Option } from "effect"
import { GenesysApi, makeGenesysApi } from "../genesys-api/api.ts"
import { DEFAULT_TIMEOUT_MS, type GenesysSettings } from "../genesys-api/options.ts"
import type { SecretAccess } from "../genesys-api/secret.ts"
import type { Agent } from "./answers.ts"
import { critical, type Decision } from "./critical.ts"
import { late, type NotConfirmed } from "./critical-error.ts"
import { BadOption, type ReadError } from "./errors.ts"
import { checkId } from "./settings.ts"

/** What a reader needs for `critical`. */
export interface CriticalSources {
  readonly genesys: GenesysSettings | undefined
  /** Where the secret with the credentials is. */
  readonly access: SecretAccess
  /** The agent's row as it is now. */
  readonly projected: (agentId: string) => Effect.Effect<Agent | undefined, ReadError>
}

const missing = () =>
  new BadOption({ field: "genesys", problem: "must be given for calls of critical: { domain, credentials }" })

/** The call `critical` of a reader: asks the service `GenesysApi` where there is one, else the API of `genesys`, and fails without either. */
export const makeCritical = Effect.fnUntraced(function* ({ genesys, access, projected }: CriticalSources) {
  const given = Option.getOrUndefined(yield* Effect.serviceOption(GenesysApi))
  const api = given ?? (genesys && (yield* makeGenesysApi(genesys, access)))
  const timely = Effect.timeoutOrElse({
    duration: genesys?.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    orElse: () => Effect.fail(late())
  })
  return Effect.fnUntraced(function* (agentId: string) {
    if (api === undefined) return yield* missing()
    yield* checkId("agentId", agentId, "an agent")
    return yield* critical(agentId, api.snapshot(agentId), timely(projected(agentId)))
  }) satisfies (agentId: string) => Effect.Effect<Decision, NotConfirmed | ReadError>
})
