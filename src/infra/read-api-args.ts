import type * as pulumi from "@pulumi/pulumi"
import { type ServiceLevelRule, serviceLevelRule } from "../../projections/queue-figures.ts"
import type { Tags } from "./aws.ts"
import { LOG_RETENTION_DAYS } from "./settings.ts"

/** The tables that a `ReadApi` reads: a component `GenesysProjections`, or the outputs of one that another program exports. */
export interface ReadStack {
  readonly prefix: pulumi.Input<string>
  readonly readPolicyArn: pulumi.Input<string>
  /** Where its alarms go. */
  readonly noticesTopicArn: pulumi.Input<string>
}

/** Whoever has signed in to one of these Cognito user pools. */
export interface CognitoAuthorizer {
  readonly userPoolArns: ReadonlyArray<pulumi.Input<string>>
  /** Scopes of which an access token needs one. Without scopes API Gateway takes identity tokens, and no access tokens. */
  readonly scopes?: ReadonlyArray<string>
}

/** How queues are judged, and by id those that are judged otherwise. What is left out is as the reader has it. */
export interface ServiceLevel extends Partial<ServiceLevelRule> {
  readonly queues?: Readonly<Record<string, Partial<ServiceLevelRule>>>
}

/** The arguments of `ReadApi`. */
export interface ReadApiArgs {
  /** The stack to read. */
  readonly reads: ReadStack
  /** Who may ask. `"iam"`: roles with the policy `callPolicyArn`. */
  readonly authorizer: "iam" | CognitoAuthorizer
  /** Origins of the pages that may ask from a browser, such as `https://wall.example.com`. Default: none. */
  readonly origins?: ReadonlyArray<string>
  /** How `today` and `interval` judge queues. Default: as the reader does. */
  readonly serviceLevel?: ServiceLevel
  /** How often a stream of changes reads: 1 to 60 seconds. Default: 2. */
  readonly pollSeconds?: number
  /** How long a stream lasts at most: 30 to 840 seconds, and at least twice `pollSeconds`. So long Lambda is paid for a client that has left. Default: 300. */
  readonly streamSeconds?: number
  /** Streams at once, 1 to 1000: concurrency of the account that nothing else can use. Default: 20. */
  readonly mostStreams?: number
  /** Other requests at once, 1 to 1000, as `mostStreams`. Default: 20. */
  readonly mostRequests?: number
  /** Requests a second, 1 to 10000, above which API Gateway answers 429. Default: 50. */
  readonly requestsPerSecond?: number
  /** Days that logs are kept: a number that CloudWatch takes. Default: 30. */
  readonly logRetentionDays?: number
  /** Tags for every resource that can have them, besides `Project` and `Stack`. */
  readonly tags?: Tags
  /** @internal The code of the functions, for a program that wants the resources alone. */
  readonly code?: pulumi.Input<pulumi.asset.Archive>
}

/** Whole numbers: from, to, default. */
export const bounds = {
  pollSeconds: [1, 60, 2],
  streamSeconds: [30, 840, 300],
  mostStreams: [1, 1_000, 20],
  mostRequests: [1, 1_000, 20],
  requestsPerSecond: [1, 10_000, 50]
} as const

const known = new Set<string>([
  ...["reads", "authorizer", "origins", "serviceLevel", "logRetentionDays", "tags", "code"],
  ...Object.keys(bounds)
])

/** Pages of this machine may come by plain HTTP, others not. */
const LOCAL = /^(localhost|127\.0\.0\.1|\[::1\])$/

const originFault = (origin: unknown, i: number): ReadonlyArray<string> => {
  const field = `origins[${i}] is ${JSON.stringify(origin)}`
  if (typeof origin !== "string" || origin.includes("*") || !URL.canParse(origin) || new URL(origin).origin !== origin)
    return [
      `${field}; set the origin of a page as a browser sends it, such as https://wall.example.com, without a path.`
    ]
  const { protocol, hostname } = new URL(origin)
  return protocol === "https:" || (protocol === "http:" && LOCAL.test(hostname))
    ? []
    : [`${field}; set https, or http on localhost.`]
}

const POOL = /^arn:[\w-]+:cognito-idp:[\w-]+:\d{12}:userpool\/\S+$/

const authorizerFaults = (authorizer: unknown): ReadonlyArray<string> => {
  if (authorizer === "iam") return []
  const { userPoolArns, scopes = [], ...others } = (authorizer ?? {}) as Partial<CognitoAuthorizer>
  if (!Array.isArray(userPoolArns) || userPoolArns.length === 0)
    return [`authorizer is ${JSON.stringify(authorizer)}; set "iam", or { userPoolArns } with at least one user pool.`]
  return [
    // A scope under another name would let in whoever signs in.
    ...Object.keys(others).map((name) => `authorizer.${name} is unknown; there are userPoolArns, scopes.`),
    ...userPoolArns.flatMap((arn, i) =>
      arn === undefined || arn === null || (typeof arn === "string" && !POOL.test(arn))
        ? [`authorizer.userPoolArns[${i}] is ${JSON.stringify(arn)}; set the ARN of a user pool of Cognito.`]
        : []
    ),
    ...(Array.isArray(scopes) && scopes.every((scope) => typeof scope === "string" && scope !== "")
      ? []
      : [`authorizer.scopes is ${JSON.stringify(scopes)}; set a list of scopes, such as ["wall/read"].`])
  ]
}

const readsFaults = (reads: unknown): ReadonlyArray<string> =>
  ["prefix", "readPolicyArn", "noticesTopicArn"].flatMap((field) =>
    [undefined, null, ""].includes((reads as Readonly<Record<string, null>> | undefined)?.[field])
      ? [`reads.${field} is missing; set reads to a GenesysProjections, or to the outputs of one.`]
      : []
  )

const isRecord = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const ruleFaults = (field: string, rule: unknown): ReadonlyArray<string> => {
  if (!isRecord(rule)) return [`${field} is ${JSON.stringify(rule)}; set an object, such as { target: 0.9 }.`]
  return Object.entries(rule).flatMap(([name, value]) => {
    if (!Object.hasOwn(serviceLevelRule, name))
      return [`${field}.${name} is unknown; there are ${Object.keys(serviceLevelRule).join(", ")}.`]
    if (typeof serviceLevelRule[name as keyof ServiceLevelRule] === "boolean")
      return typeof value === "boolean" ? [] : [`${field}.${name} is ${JSON.stringify(value)}; set true or false.`]
    const most = name === "target" ? 1 : Number.MAX_SAFE_INTEGER
    return typeof value === "number" && value >= 0 && value <= most
      ? []
      : [
          `${field}.${name} is ${JSON.stringify(value)}; set a ${most === 1 ? "share from 0 to 1" : "number of seconds"}.`
        ]
  })
}

/** Lambda takes 4 KiB of environment; what the function needs besides has the rest. */
const MOST_BYTES = 3_072

const serviceLevelFaults = (serviceLevel: unknown): ReadonlyArray<string> => {
  if (!isRecord(serviceLevel))
    return [`serviceLevel is ${JSON.stringify(serviceLevel)}; set an object, such as { target: 0.9 }.`]
  const { queues = {}, ...others } = serviceLevel as ServiceLevel
  if (!isRecord(queues))
    return [`serviceLevel.queues is ${JSON.stringify(queues)}; set an object with rules by the ids of queues.`]
  const bytes = Buffer.byteLength(JSON.stringify(serviceLevel))
  return [
    ...ruleFaults("serviceLevel", others),
    ...Object.entries(queues).flatMap(([id, rule]) => ruleFaults(`serviceLevel.queues.${id}`, rule)),
    ...(bytes > MOST_BYTES
      ? [
          `serviceLevel has ${bytes} bytes as JSON, and Lambda takes ${MOST_BYTES}; name fewer queues, and let the rule for all say what most have.`
        ]
      : [])
  ]
}

/** A stream that ends before its second reading would be a client that connects anew all the time. */
const paceFaults = ({
  pollSeconds = bounds.pollSeconds[2],
  streamSeconds = bounds.streamSeconds[2]
}: ReadApiArgs): ReadonlyArray<string> =>
  streamSeconds < pollSeconds * 2
    ? [
        `streamSeconds is ${streamSeconds}, and pollSeconds ${pollSeconds}; a stream reads at least twice: set streamSeconds to ${pollSeconds * 2} or more.`
      ]
    : []

/** What is wrong with the arguments, one sentence each. */
export const argFaults = (args: ReadApiArgs): ReadonlyArray<string> => {
  if (!isRecord(args)) return [`they are ${JSON.stringify(args)}; set at least reads and authorizer.`]
  const { reads, authorizer, origins = [], serviceLevel = {}, logRetentionDays = 30 } = args
  return [
    ...Object.keys(args).flatMap((name) =>
      known.has(name)
        ? []
        : [`${name} is no argument; there are ${[...known].filter((one) => one !== "code").join(", ")}.`]
    ),
    ...readsFaults(reads),
    ...authorizerFaults(authorizer),
    ...(Array.isArray(origins)
      ? [
          ...origins.flatMap(originFault),
          ...(new Set(origins).size < origins.length ? ["origins has one of them twice; remove it."] : [])
        ]
      : [`origins is ${JSON.stringify(origins)}; set a list.`]),
    ...serviceLevelFaults(serviceLevel),
    ...Object.entries(bounds).flatMap(([name, [least, most, usual]]) => {
      const value = args[name as keyof typeof bounds] ?? usual
      return Number.isInteger(value) && value >= least && value <= most
        ? []
        : [`${name} is ${JSON.stringify(value)}; set a whole number from ${least} to ${most}.`]
    }),
    ...paceFaults(args),
    ...(LOG_RETENTION_DAYS.includes(logRetentionDays)
      ? []
      : [`logRetentionDays is ${JSON.stringify(logRetentionDays)}; set one of ${LOG_RETENTION_DAYS.join(", ")}.`])
  ]
}

/** The arguments with what is not given. */
export const withDefaults = (args: ReadApiArgs) => ({
  reads: args.reads,
  authorizer: args.authorizer,
  origins: args.origins ?? [],
  pollSeconds: args.pollSeconds ?? bounds.pollSeconds[2],
  streamSeconds: args.streamSeconds ?? bounds.streamSeconds[2],
  mostStreams: args.mostStreams ?? bounds.mostStreams[2],
  mostRequests: args.mostRequests ?? bounds.mostRequests[2],
  requestsPerSecond: args.requestsPerSecond ?? bounds.requestsPerSecond[2],
  logRetentionDays: args.logRetentionDays ?? 30
})
