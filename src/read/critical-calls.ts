import { Effect, type Scope } from "effect"
import type { Agent } from "./answers.ts"
import { critical, type Decision } from "./critical.ts"
import type { NotConfirmed } from "./critical-error.ts"
import { BadOption } from "./errors.ts"
import { makeGenesysApi } from "./genesys-api.ts"
import type { GenesysOptions } from "./genesys-options.ts"
import type { SecretAccess } from "./genesys-secret.ts"

/** What a reader needs for `critical`. */
export interface CriticalSources<E> {
  readonly genesys: GenesysOptions | undefined
  /** Where the secret with the credentials is. */
  readonly access: SecretAccess
  /** The agent's row as it is now. */
  readonly projected: (agentId: string) => Effect.Effect<Agent | undefined, E>
}

/**
 * The call `critical` of a reader. Fails with `BadOption` where the option `genesys` cannot be used; where it was not given, the
 * call does.
 */
export const makeCritical = <E>({
  genesys,
  access,
  projected
}: CriticalSources<E>): Effect.Effect<
  (agentId: string) => Effect.Effect<Decision, NotConfirmed | BadOption | E>,
  BadOption,
  Scope.Scope
> =>
  genesys === undefined
    ? Effect.succeed(() =>
        Effect.fail(
          new BadOption({ field: "genesys", problem: "must be given for calls of critical: { domain, credentials }" })
        )
      )
    : Effect.map(
        makeGenesysApi(genesys, access),
        ({ witness }) =>
          (agentId) =>
            critical(agentId, witness(agentId), projected(agentId))
      )
