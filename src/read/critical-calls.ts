import { Effect, Option } from "effect"
import type { Agent } from "./answers.ts"
import { critical, type Decision } from "./critical.ts"
import { late, type NotConfirmed } from "./critical-error.ts"
import { BadOption } from "./errors.ts"
import { GenesysApi, makeGenesysApi } from "./genesys-api.ts"
import { DEFAULT_TIMEOUT_MS, type GenesysOptions, genesysSettings } from "./genesys-options.ts"
import type { SecretAccess } from "./genesys-secret.ts"

/** What a reader needs for `critical`. */
export interface CriticalSources<E> {
  readonly genesys: GenesysOptions | undefined
  /** Where the secret with the credentials is. */
  readonly access: SecretAccess
  /** The agent's row as it is now. */
  readonly projected: (agentId: string) => Effect.Effect<Agent | undefined, E>
}

const missing = () =>
  new BadOption({ field: "genesys", problem: "must be given for calls of critical: { domain, credentials }" })

/**
 * The call `critical` of a reader: asks the service `GenesysApi` where there is one, else the API that the option `genesys` names.
 * Fails with `BadOption` where that option cannot be used; where it was not given, each call does.
 */
export const makeCritical = Effect.fnUntraced(function* <E>({ genesys, access, projected }: CriticalSources<E>) {
  const settings = genesys === undefined ? undefined : yield* genesysSettings(genesys)
  const given = Option.getOrUndefined(yield* Effect.serviceOption(GenesysApi))
  const api = given ?? (settings && (yield* makeGenesysApi(settings, access)))
  const timely = Effect.timeoutOrElse({
    duration: settings?.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    orElse: () => Effect.fail(late())
  })
  return (agentId: string): Effect.Effect<Decision, NotConfirmed | BadOption | E> =>
    api === undefined ? Effect.fail(missing()) : critical(agentId, api.witness(agentId), timely(projected(agentId)))
})
