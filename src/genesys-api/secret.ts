import { Effect, Result } from "effect"
import type { ConnectionSettings } from "../store/connection.ts"
import { detailOf, NoAnswer } from "./error.ts"
import { fieldsOf, textOf } from "./http.ts"
import type { GenesysCredentials, GenesysOptions } from "./options.ts"

/** Where and as whom Secrets Manager is asked. What is absent is as the environment says. */
export type SecretAccess = Pick<ConnectionSettings, "region" | "endpoint" | "credentials" | "requestHandler">

/** A secret is where its ARN says, which need not be where the tables are. */
const regionOf = (secret: string): string | undefined => /^arn:[^:]+:secretsmanager:([^:]+):/.exec(secret)?.[1]

const readSecret = async (secret: string, access: SecretAccess, signal: AbortSignal): Promise<unknown> => {
  // Loaded here, so that who never asks Genesys never loads it.
  const { GetSecretValueCommand, SecretsManagerClient } = await import("@aws-sdk/client-secrets-manager")
  const region = regionOf(secret)
  const client = new SecretsManagerClient({ ...access, ...(region === undefined ? {} : { region }) })
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secret }), { abortSignal: signal })
    // A syntax error would quote the secret.
    return Result.getOrUndefined(Result.try(() => JSON.parse(SecretString ?? "") as unknown))
  } finally {
    client.destroy()
  }
}

const decode = (value: unknown): Effect.Effect<GenesysCredentials, NoAnswer> => {
  const { clientId, clientSecret } = fieldsOf(value)
  const [id, secret] = [textOf(clientId), textOf(clientSecret)]
  return id === undefined || secret === undefined
    ? Effect.fail(new NoAnswer({ reason: "noCredentials" }))
    : Effect.succeed({ clientId: id, clientSecret: secret })
}

/** Reads the credentials from where the option says. */
export const readCredentials = (
  source: GenesysOptions["credentials"],
  access: SecretAccess
): Effect.Effect<GenesysCredentials, NoAnswer> =>
  Effect.tryPromise({
    try: (signal) => (typeof source === "function" ? source() : readSecret(source, access, signal)),
    catch: (cause) => new NoAnswer({ reason: "noCredentials", ...detailOf(cause) })
  }).pipe(Effect.flatMap(decode))
