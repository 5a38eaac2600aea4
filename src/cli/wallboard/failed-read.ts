import { Data, Effect } from "effect"
import type { ReadError } from "../../read/errors.ts"

/** A read of a table that failed. `reason` is AWS's name of the failure. The message says what to do. */
export class FailedRead extends Data.TaggedError("FailedRead")<{
  readonly table: string
  readonly reason: string
  readonly message: string
}> {}

/** Failures that other rights, or another sign-in, put right. */
const RIGHTS = /AccessDenied|NotAuthorized/i
const CREDENTIALS = /Token|Signature|UnrecognizedClient|InvalidAccessKey|CredentialsProvider/i

const messageOf = (error: ReadError, table: string, policy: string): string => {
  if (error._tag !== "ReaderError") return error.message
  const { op, reason } = error
  if (RIGHTS.test(reason))
    return `these credentials may not use dynamodb:${op} on ${table}: attach the policy ${policy} to the role or user that you sign in as`
  if (CREDENTIALS.test(reason)) return `AWS does not accept these credentials (${reason}): sign in again`
  if (reason === "ResourceNotFoundException")
    return `there is no table ${table} in this region: are these the outputs of the stack as it is deployed now?`
  return `${table} could not be read (${op}: ${reason})`
}

/** Makes the error of a read say which table or stream it was, and what to do. `policy` is the one that the read needs. */
export const failedReads = (policy: string) => (table: string) =>
  Effect.mapError(
    (error: ReadError) =>
      new FailedRead({
        table,
        reason: error._tag === "ReaderError" ? error.reason : error._tag,
        message: messageOf(error, table, policy)
      })
  )
