import { Option } from "effect"
import { Flag } from "effect/cli"
import { durationMs } from "../../domain/duration.ts"
import { type Consent, consent, name, toggle } from "../flags.ts"

/** A duration, in ms. */
const duration = (flag: string) =>
  Flag.String(flag).pipe(
    Flag.withMetavar("duration"),
    Flag.filterMap(
      (text) => Option.fromUndefinedOr(durationMs(text)),
      () => "a duration such as 90s, 10m or 1h, or a number of seconds"
    )
  )

const DEFAULT_TIMEOUT_MS = 600_000

/** Which organisation, as whom. */
export const organisationFlags = {
  domain: name("domain", "a region such as eu-central-1 or a domain such as mypurecloud.de").pipe(
    Flag.optional,
    Flag.withDescription(
      "Region or domain of the organisation (default: GENESYSCLOUD_REGION, then genesysDomain of the stack)"
    )
  ),
  credentialsSecret: name("credentials-secret", "the name or ARN of a secret").pipe(
    Flag.optional,
    Flag.withDescription(
      "Secret in AWS Secrets Manager with the JSON object { clientId, clientSecret } of an OAuth client (default: GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET, then genesysCredentialsSecret of the stack)"
    )
  ),
  endpoint: name("endpoint", "an origin such as https://proxy.example.com").pipe(
    Flag.optional,
    Flag.withDescription("Origin instead of login.<domain> and api.<domain>: a proxy, or the simulated organisation")
  ),
  suffix: name("suffix", "1 to 64 letters, digits, dots, underscores or dashes").pipe(
    Flag.optional,
    Flag.withDescription("How the name of the event source ends (default: as configured, or projections-<stack>)")
  ),
  timeout: duration("timeout").pipe(
    Flag.withDefault(DEFAULT_TIMEOUT_MS),
    Flag.withDescription(
      "How long to wait for Genesys and AWS: 90s, 10m or 1h; a number alone is seconds (default 10m)"
    )
  ),
  ...consent
}

export const connectFlags = {
  name: name("name", "a name").pipe(
    Flag.optional,
    Flag.withDescription("Name of the integration (default: Genesys Cloud projections (<stack>), or the one it has)")
  ),
  check: toggle("check", "Compare integration, event source, rule and topics, and change nothing"),
  ...organisationFlags
}

/** Flags of `connect` and of `disconnect`, which names no integration. */
export interface Flags extends Consent {
  readonly name: Option.Option<string>
  readonly domain: Option.Option<string>
  readonly credentialsSecret: Option.Option<string>
  readonly endpoint: Option.Option<string>
  readonly suffix: Option.Option<string>
  /** In ms. */
  readonly timeout: number
}
