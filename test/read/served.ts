import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { makeDynamoDbProxy } from "../../src/local/wallboard/dynamodb-proxy.ts"
import type { ConnectionSettings } from "../../src/store/connection.ts"

/** The engine behind a port of this machine, as `npm start` serves it. */
export const serve = async (reader: ConnectionSettings) => {
  const door = makeDynamoDbProxy(reader)
  const server = createServer(async (request, response) => {
    const body: Array<Buffer> = []
    for await (const chunk of request) body.push(chunk as Buffer)
    const reply = await door(request, Buffer.concat(body))
    response.writeHead(reply.status, reply.headers).end(reply.body)
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      return new Promise((done) => server.close(done))
    }
  }
}
