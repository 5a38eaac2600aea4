import type { IncomingMessage, ServerResponse } from "node:http"
import type { ProxyEvent, WithHead } from "../http/lambda.ts"

const manyOf = (pairs: Iterable<readonly [string, string]>): Readonly<Record<string, ReadonlyArray<string>>> =>
  Object.fromEntries(
    [...Map.groupBy(pairs, ([name]) => name)].map(([name, own]) => [name, own.map(([, value]) => value)])
  )

/** The event that API Gateway makes of a request, for the resources `/changes` and `/{proxy+}`. */
export const eventOf = (request: Pick<IncomingMessage, "method" | "url" | "headersDistinct">): ProxyEvent => {
  // Put together, for a path that begins with two slashes would be read as the name of a host.
  const { pathname, searchParams } = new URL(`http://localhost${request.url}`)
  const headers = Object.entries(request.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value) => [name, value] as const)
  )
  return {
    httpMethod: request.method ?? "",
    ...(pathname === "/changes"
      ? { resource: "/changes", pathParameters: null }
      : { resource: "/{proxy+}", pathParameters: { proxy: pathname.slice(1) } }),
    multiValueHeaders: manyOf(headers),
    multiValueQueryStringParameters: searchParams.size === 0 ? null : manyOf(searchParams)
  }
}

/**
 * A stream with a head, as `awslambda.HttpResponseStream.from` makes it: the head leaves with the first piece. A stream that ends without
 * one has none, and the client gets 200: https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/issues/97
 */
export const withHead: WithHead = (stream, { statusCode, headers }) => {
  const response = stream as unknown as ServerResponse
  const put = response.write.bind(response) as (text: string, done: (error?: Error | null) => void) => boolean
  return Object.assign(stream, {
    write: (text: string, done: (error?: Error | null) => void) => {
      if (!response.headersSent) {
        response.writeHead(statusCode, headers)
        response.flushHeaders()
      }
      // A status without a body: Node.js would not say when nothing of it is written.
      return statusCode === 204 || statusCode === 304 ? done() : put(text, done)
    }
  })
}
