import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { Context } from "aws-lambda"
import type { ProxyEvent, ResponseStream, WithHead } from "../../src/http/lambda.ts"

/** A handler that `awslambda.streamifyResponse` takes. */
export type Handler = (event: ProxyEvent, stream: ResponseStream, context: Context) => Promise<void>

const manyOf = (pairs: Iterable<readonly [string, string]>): Readonly<Record<string, ReadonlyArray<string>>> => {
  const many: Record<string, Array<string>> = {}
  for (const [name, value] of pairs) many[name] = [...(many[name] ?? []), value]
  return many
}

/** The event that API Gateway makes of a request, for the resources `/changes` and `/{proxy+}`. */
export const eventOf = (request: Pick<IncomingMessage, "method" | "url" | "headersDistinct">): ProxyEvent => {
  const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost")
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

/** Serves a handler on a port of this machine as API Gateway and Lambda do. `remainingMs`: how long an invocation may take. */
export const serveGateway = async (handler: Handler, remainingMs = 900_000) => {
  const running = new Set<Promise<void>>()
  const server = createServer((request, response) => {
    const context = { awsRequestId: "r", getRemainingTimeInMillis: () => remainingMs } as Context
    const run = handler(eventOf(request), response as unknown as ResponseStream, context)
    running.add(run)
    void run.finally(() => running.delete(run))
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Invocations that have not ended. */
    running: () => running.size,
    close: () => {
      server.closeAllConnections()
      return new Promise((done) => server.close(done))
    }
  }
}
