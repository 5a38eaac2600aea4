import { prices } from "../../src/infra/dashboard/prices.ts"

export const EVENTS = 100

/** What the check makes in the account, in the words of who pays for it. */
export const MAKES = [
  "the stack dev under a name of its own: an event bus and its rule, a Kinesis stream of one shard, four Lambda functions,",
  "DynamoDB tables, queues, buckets, a state machine, alarms, a dashboard and the roles of all of them",
  "a role with the policy for readers, which the check takes on",
  `${EVENTS} events of the contact centre simulator, which speak of invented people`
]

/** An hour is more than the check takes, and the least that a shard is billed for. */
const HOURS = 1
const MONTH_HOURS = 730

/** A month of the alarms, metrics and the dashboard of an idle stack dev: docs/costs.md. AWS bills them by the hour. */
const WATCHED_A_MONTH = 15

/** Units of one event, generously: twice a write unit in the store, four in tables and as many in the replay, reads as many. */
const UNITS = 10
/** State transitions of the replays. */
const TRANSITIONS = 500
const TRANSITION = 0.000025
/** Polls of queues and the schedule's ticks in an hour, and what their functions take. */
const REQUESTS = 10_000
const GB_SECONDS = 300

/** List prices in us-east-1, without a free tier. */
export const price = (): { readonly lines: ReadonlyArray<readonly [string, number]>; readonly dollars: number } => {
  const lines = [
    ["Kinesis: a shard for an hour", HOURS * prices.shardHour],
    ["CloudWatch: alarms, metrics, a dashboard for an hour", (HOURS * WATCHED_A_MONTH) / MONTH_HOURS],
    ["DynamoDB: writes and reads", EVENTS * UNITS * (prices.writeUnit + prices.readUnit)],
    ["Lambda: compute and requests", GB_SECONDS * prices.lambdaGbSecond + REQUESTS * prices.lambdaRequest],
    ["SQS: requests", REQUESTS * prices.queueRequest],
    ["Step Functions: state transitions", TRANSITIONS * TRANSITION],
    ["EventBridge: events", EVENTS * prices.event]
  ] as const
  return { lines, dollars: lines.reduce((sum, [, dollars]) => sum + dollars, 0) }
}

/** What is said before anything is made. */
export const announcement = (region: string): ReadonlyArray<string> => {
  const { lines, dollars } = price()
  return [
    `This check makes in your AWS account, in ${region}:`,
    ...MAKES.map((line) => `  ${line}`),
    `It costs about ${dollars.toFixed(2)} dollars, and less than one, at list prices of us-east-1:`,
    ...lines.map(([what, cost]) => `  ${cost.toFixed(4).padStart(8)}  ${what}`),
    "It takes about ten minutes, and takes everything down at its end, also when something fails.",
    "Run it in an account that holds nothing dear, with the rights of an administrator."
  ]
}
