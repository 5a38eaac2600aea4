import type { IncomingMessage } from "node:http"
import type { HttpRequest } from "@smithy/types"
import type { RequestHandler } from "aws-in-process"
import { bodyBytes } from "aws-in-process"
import type { ConnectionSettings } from "../../store/connection.ts"
import type { Reply } from "../../wallboard/server.ts"

/** What of a request belongs to the call, and not to the way that it came. */
const ofTheCall = ([name]: readonly [string, unknown]): boolean =>
  name === "content-type" || (name.startsWith("x-amz") && name !== "x-amz-content-sha256")

/** The call was understood, and there is no answer to it here: an error that no SDK tries again. */
const refusal = (code: string, message: string): Reply => ({
  status: 400,
  headers: { "content-type": "application/x-amz-json-1.0" },
  body: Buffer.from(JSON.stringify({ __type: `com.amazon.coral.service#${code}`, message }))
})

/**
 * Returns the answers to calls to DynamoDB as whoever `reader` is, by the wire code that answers the functions. Whose key signed a call does not matter: what
 * it may do is what the policy for readers allows.
 */
export const makeDynamoDbProxy = (reader: ConnectionSettings) => {
  const handler = reader.requestHandler as RequestHandler
  return async ({ headers }: IncomingMessage, body: Uint8Array): Promise<Reply> => {
    try {
      const request = {
        method: "POST",
        protocol: "http:",
        hostname: "127.0.0.1",
        path: "/",
        query: {},
        headers: Object.fromEntries(Object.entries(headers).filter(ofTheCall)),
        body
      } as HttpRequest
      const { response } = await handler.handle(request)
      return { status: response.statusCode, headers: response.headers, body: await bodyBytes(response.body) }
    } catch (error) {
      const { name, message } = error as Error
      return name === "SyntaxError"
        ? refusal("SerializationException", `the body is not JSON: ${message}`)
        : refusal("UnknownOperationException", message)
    }
  }
}
