import type { CallFailed, CallFailure } from "../../genesys-api/call-failed.ts"
import { usageError } from "../screen.ts"

/** Where the organisation is, and where its credentials are. */
export interface Access {
  readonly at: string
  readonly from: string
}

/** What a call needs, where the response does not say. */
const PERMISSION: Readonly<Record<string, string>> = {
  GET: "view",
  POST: "add",
  PUT: "edit",
  PATCH: "edit",
  DELETE: "delete"
}

const permissionsOf = ({ permissions, call }: CallFailed): string =>
  permissions?.join(" or ") ?? `integrations:integration:${PERMISSION[call.split(" ")[0] ?? ""] ?? "view"}`

const seconds = (ms: number | undefined): string => (ms === undefined ? "a minute" : `${Math.ceil(ms / 1_000)} s`)

/** What the person can do about a call to Genesys that came to nothing. */
const advice: Readonly<Record<CallFailure, (failed: CallFailed, access: Access) => string>> = {
  refused: (_, { at, from }) =>
    `Genesys at ${at} does not accept the credentials in ${from}: they must be the id and secret of an OAuth client with the grant Client Credentials, made in an organisation of that region`,
  forbidden: (failed) =>
    `the OAuth client may not do that: give one of its roles the permission ${permissionsOf(failed)} (Admin, People and Permissions, Roles), then run the same command again`,
  notFound: ({ call }) =>
    call.includes("/integrations/types/")
      ? "the organisation does not offer the integration Amazon EventBridge Source: ask Genesys to make it available"
      : `the organisation has it no more (${call}): run the same command again`,
  conflict: ({ call }) =>
    call.startsWith("POST")
      ? "Genesys makes no such integration: its name is taken, or there are as many as the organisation allows; give another --name, or delete one in Genesys Cloud (Admin, Integrations)"
      : "somebody else changes the integration at the same time: let them finish, then run the same command again",
  invalid: ({ call, status }) =>
    `Genesys does not accept what it was sent (${call}, status ${status}): compare the configuration with docs/connecting-genesys.md, or make the change by hand`,
  rateLimited: ({ retryAfterMs }) =>
    `the rate limit of the OAuth client is used up: wait ${seconds(retryAfterMs)}, then run the same command again; it goes on where it stopped`,
  unavailable: ({ call }) =>
    `Genesys could not be reached, or failed (${call}): run the same command again; it goes on where it stopped`,
  timedOut: ({ call }) =>
    `Genesys did not respond in time (${call}): run the same command again; it goes on where it stopped`,
  unreadable: ({ call }) =>
    `the response to ${call} does not follow the documentation of the API: check --domain and --endpoint, and what stands between`,
  endless: ({ call }) => `there is always a next page (${call}): report that to Genesys`,
  noCredentials: (_, { from }) =>
    `the credentials in ${from} could not be read: the secret must hold the JSON object { clientId, clientSecret }, and your role must be allowed secretsmanager:GetSecretValue on it`
}

/** A call that came to nothing, as the end of the command. Names no value that was sent or received. */
export const adviceOn = (failed: CallFailed, access: Access) => usageError(advice[failed.reason](failed, access))
