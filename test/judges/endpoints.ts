/** Where the engines of this run listen, as `test/judges/setup.ts` has found or started them. Absent: the suites of that engine are skipped. */
export const endpoints = {
  dynoxide: process.env.JUDGE_DYNOXIDE,
  ministack: process.env.JUDGE_MINISTACK
} as const

/** Of the captured stack, and so of everything here. */
export const REGION = "eu-central-1"

/**
 * The engine that stands in for a service: one by itself (`JUDGE_SQS=http://...`), dynoxide for DynamoDB, else MiniStack, which has all
 * of them.
 */
export const endpointOf = (service: Service): string | undefined =>
  process.env[`JUDGE_${service.toUpperCase()}`] ??
  (service === "dynamodb" ? (endpoints.dynoxide ?? endpoints.ministack) : endpoints.ministack)

export type Service = "dynamodb" | "s3" | "sqs" | "kinesis" | "sns" | "states"
