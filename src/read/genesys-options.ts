import { Duration, type Option } from "effect"
import { BadOption } from "./errors.ts"

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
   * gives them. Read once, and once more whenever Genesys refuses them.
   */
  readonly credentials: string | (() => Promise<GenesysCredentials>)
  /** For how long a call may ask, 1 ms to a minute; 1 s unless set. */
  readonly timeout?: Duration.Input
  /**
   * Most requests in any 60 s, 1 to 300; 300 unless set, which is what Genesys grants to one OAuth client. Lower it where other
   * processes use the same one.
   */
  readonly requestsPerMinute?: number
  /** Speaks to this origin in place of `login.<domain>` and `api.<domain>`: a proxy, or a server of tests. */
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

const LONGEST_MS = 60_000

// The secret is sent to this host: a slip of the pen must not send it elsewhere.
const DOMAIN = /^(?:mypurecloud\.(?:com|ie|de|jp|com\.au)|[a-z]+\d\.(?:[a-z-]+-)?pure\.cloud)$/

// Plain HTTP shows the secret to everyone on the way, unless there is no way.
const ORIGIN = /^(?:https:\/\/[^/?#@]+|http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?)\/?$/

const isWithin = (value: number, least: number, greatest: number): boolean => value >= least && value <= greatest

const timeoutOf = ({ timeout = "1 second" }: GenesysOptions): number | undefined => {
  const duration: Option.Option<Duration.Duration> = Duration.fromInput(timeout)
  const ms = duration._tag === "Some" ? Duration.toMillis(duration.value) : undefined
  return ms !== undefined && isWithin(ms, 1, LONGEST_MS) ? ms : undefined
}

/** The options with their defaults; throws `BadOption` at the first that cannot be used. */
export const genesysSettings = (options: GenesysOptions): GenesysSettings => {
  if (typeof options !== "object" || options === null)
    throw new BadOption({ field: "genesys", problem: "must be an object: { domain, credentials }" })
  const check = (sound: boolean, field: keyof GenesysOptions, problem: string): void => {
    if (!sound) throw new BadOption({ field: `genesys.${field}`, problem })
  }
  const { domain, credentials, requestsPerMinute = GRANTED, endpoint } = options
  const timeoutMs = timeoutOf(options)
  check(
    typeof domain === "string" && DOMAIN.test(domain),
    "domain",
    "must be the domain of a Genesys Cloud region without a host, such as mypurecloud.de or usw2.pure.cloud"
  )
  check(
    typeof credentials === "function" || (typeof credentials === "string" && credentials.trim() !== ""),
    "credentials",
    "must be the name or ARN of a secret, or an async function that gives { clientId, clientSecret }"
  )
  check(timeoutMs !== undefined, "timeout", "must be a duration from 1 ms to 1 minute")
  check(
    Number.isInteger(requestsPerMinute) && isWithin(requestsPerMinute, 1, GRANTED),
    "requestsPerMinute",
    `must be a whole number from 1 to ${GRANTED}`
  )
  check(
    endpoint === undefined || ORIGIN.test(endpoint),
    "endpoint",
    "must be an origin such as https://proxy.example.com; http only on this machine"
  )
  const origin = endpoint?.replace(/\/$/, "")
  return {
    login: origin ?? `https://login.${domain}`,
    api: origin ?? `https://api.${domain}`,
    credentials,
    timeoutMs: timeoutMs as number,
    requestsPerMinute
  }
}
