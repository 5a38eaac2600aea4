import { refuseUnknown } from "../core/settings.ts"
import { type Authorize, type EngineClock, type Principal, type Service, ServiceError } from "../core/types.ts"

/** A secret. `arn` ends in a hyphen and six characters, as AWS makes it. */
export interface SecretSettings {
  readonly name: string
  readonly arn: string
  readonly value: string
}

export interface SecretsManager {
  /** `GetSecretValue`; other operations throw. */
  readonly service: Service
  /** Gives a secret another value, as a rotation does. Throws for a name that no secret has. */
  readonly put: (name: string, value: string) => void
}

const ARN = /^arn:[^:]+:secretsmanager:[^:]*:[^:]*:secret:.+-[A-Za-z0-9]{6}$/

/** Secrets by name, by ARN, and by ARN without the characters that AWS adds. Throws for an ARN that is none of a secret. */
export const makeSecretsManager = (
  secrets: ReadonlyArray<SecretSettings>,
  { clock, authorize }: { readonly clock: EngineClock; readonly authorize: Authorize }
): SecretsManager => {
  const values = new Map<string, { readonly value: string; readonly since: number; readonly version: number }>()
  for (const { name, arn, value } of secrets) {
    if (!ARN.test(arn) || !arn.includes(`:secret:${name}-`)) throw new Error(`secret ${name}: ${arn} is not its ARN`)
    values.set(name, { value, since: clock.now(), version: 1 })
  }
  const found = (id: string) => secrets.find(({ name, arn }) => [name, arn, arn.slice(0, -7)].includes(id))

  return {
    service: async (operation: string, input: Readonly<Record<string, string>>, principal: Principal) => {
      if (operation !== "GetSecretValue")
        throw new Error(`not implemented by aws-in-process: secretsmanager ${operation}`)
      refuseUnknown("GetSecretValue", input, ["SecretId"])
      const secret = found(input.SecretId ?? "")
      // Who may not read a secret does not learn that there is none: IAM decides first.
      authorize(principal, "secretsmanager:GetSecretValue", secret?.arn ?? input.SecretId ?? "")
      const held = secret === undefined ? undefined : values.get(secret.name)
      if (secret === undefined || held === undefined)
        throw new ServiceError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
      return {
        ARN: secret.arn,
        Name: secret.name,
        VersionId: `00000000-0000-4000-8000-${String(held.version).padStart(12, "0")}`,
        SecretString: held.value,
        VersionStages: ["AWSCURRENT"],
        CreatedDate: held.since / 1_000
      }
    },
    put: (name, value) => {
      const held = values.get(name)
      if (held === undefined) throw new Error(`there is no secret ${name}`)
      values.set(name, { value, since: clock.now(), version: held.version + 1 })
    }
  }
}
