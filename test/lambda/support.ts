import type { Context as LambdaContext } from "aws-lambda"

/** What Lambda hands to an invocation, as far as functions look at it. */
export const context = (awsRequestId = "request-1", remaining = 30_000): LambdaContext =>
  ({ awsRequestId, getRemainingTimeInMillis: () => remaining }) as LambdaContext
