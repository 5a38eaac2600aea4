import { Duration, Effect, Option } from "effect"
import { BadOption } from "./bad-option.ts"

/** An OAuth client of the organisation with the grant Client Credentials. It needs no permission. */
export interface GenesysCredentials {
  readonly clientId: string
  readonly clientSecret: string
}

/** How `critical` reaches the Genesys Cloud API. */
export interface GenesysOptions {
  /** The region's domain: `mypurecloud.com`, `mypurecloud.de`, `usw2.pure.cloud` and so on. */
  readonly domain: string
  /**
   * Name or ARN of a secret in AWS Secrets Manager that holds the JSON object `{ clientId, clientSecret }`, or a function that
   * returns them. Read once, and once more whenever Genesys refuses them.
   */
  readonly credentials: string | (() => Promise<GenesysCredentials>)
  /** The longest time of a call, 1 ms to a minute. Default: 1 s. */
  readonly timeout?: Duration.Input
  /**
   * Most requests in any 60 s, 1 to 300. Default: 300, the limit of Genesys for one OAuth client. Lower it if other processes use the same
   * client.
   */
  readonly requestsPerMinute?: number
  /** An origin that replaces `login.<domain>` and `api.<domain>`: a proxy, or a test server. */
  readonly endpoint?: string
}

export interface GenesysSettings {
  readonly login: string
  readonly api: string
  readonly credentials: GenesysOptions["credentials"]
  readonly timeoutMs: number
  readonly requestsPerMinute: number
}

/** What Genesys grants to one OAuth client, in requests a minute. */
const GRANTED = 300

/** For how long a decision may take, unless the options say. */
export const DEFAULT_TIMEOUT_MS = 1_000

const LONGEST_MS = 60_000

// The secret is sent to this host: a slip of the pen must not send it elsewhere.
const DOMAIN = /^(?:mypurecloud\.(?:com|ie|de|jp|com\.au)|[a-z]+\d\.(?:[a-z-]+-)?pure\.cloud)$/

// Plain HTTP shows the secret to everyone on the way, unless there is no way.
const ORIGIN = /^(?:https:\/\/[^/?#@]+|http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?)\/?$/

const isWithin = (value: number, least: number, greatest: number): boolean => value >= least && value <= greatest

const timeoutOf = ({ timeout = DEFAULT_TIMEOUT_MS }: GenesysOptions): number =>
  Option.getOrElse(Option.map(Duration.fromInput(timeout), Duration.toMillis), () => Number.NaN)

const bad = (field: string, problem: string) => new BadOption({ field, problem })

/** The first that is wrong. */
const faultOf = (options: GenesysOptions): BadOption | undefined => {
  if (typeof options !== "object" || options === null)
    return bad("genesys", "must be an object: { domain, credentials }")
  const { domain, credentials, requestsPerMinute = GRANTED, endpoint } = options
  if (typeof domain !== "string" || !DOMAIN.test(domain))
    return bad(
      "genesys.domain",
      "must be the domain of a Genesys Cloud region without a host, such as mypurecloud.de or usw2.pure.cloud"
    )
  if (typeof credentials !== "function" && (typeof credentials !== "string" || credentials.trim() === ""))
    return bad(
      "genesys.credentials",
      "must be the name or ARN of a secret, or an async function that returns { clientId, clientSecret }"
    )
  if (!isWithin(timeoutOf(options), 1, LONGEST_MS))
    return bad("genesys.timeout", "must be a duration from 1 ms to 1 minute")
  if (!Number.isInteger(requestsPerMinute) || !isWithin(requestsPerMinute, 1, GRANTED))
    return bad("genesys.requestsPerMinute", `must be a whole number from 1 to ${GRANTED}`)
  if (endpoint !== undefined && !ORIGIN.test(endpoint))
    return bad("genesys.endpoint", "must be an origin such as https://proxy.example.com; http only on this machine")
  return undefined
}

/** The options with their defaults, checked. */
export const genesysSettings = (options: GenesysOptions): Effect.Effect<GenesysSettings, BadOption> => {
  const fault = faultOf(options)
  if (fault !== undefined) return Effect.fail(fault)
  const origin = options.endpoint?.replace(/\/$/, "")
  return Effect.succeed({
    login: origin ?? `https://login.${options.domain}`,
    api: origin ?? `https://api.${options.domain}`,
    credentials: options.credentials,
    timeoutMs: timeoutOf(options),
    requestsPerMinute: options.requestsPerMinute ?? GRANTED
  })
}
