import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import type { Context } from "aws-lambda"
import type { ProxyEvent, ResponseStream } from "../../src/http/lambda.ts"
import { eventOf } from "../../src/local/gateway.ts"

/** A handler that `awslambda.streamifyResponse` takes. */
export type Handler = (event: ProxyEvent, stream: ResponseStream, context: Context) => Promise<void>

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
