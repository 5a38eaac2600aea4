/** Where the engines of this run listen, as `test/judges/setup.ts` has found or started them. Absent: the suites of that engine are skipped. */
export const endpoints = {
  dynoxide: process.env.JUDGE_DYNOXIDE,
  ministack: process.env.JUDGE_MINISTACK
} as const

/** The engine that stands in for a service: one by itself (`JUDGE_SQS=http://...`), else MiniStack, which has all of them. */
export const endpointOf = (service: Service): string | undefined =>
  process.env[`JUDGE_${service.toUpperCase()}`] ?? endpoints.ministack

export type Service = "dynamodb" | "s3" | "sqs" | "kinesis" | "sns" | "states"
