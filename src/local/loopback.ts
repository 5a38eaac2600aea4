import type { Server } from "node:http"
import type { AddressInfo } from "node:net"

/** A server that is reached from this machine alone. `close` ends its connections too. */
export interface Loopback {
  readonly url: string
  readonly close: () => Promise<void>
}

/** Lets a server listen on 127.0.0.1. `port` 0 is any that is free. Rejects where the port is taken. */
export const listenOnLoopback = async (server: Server, port: number): Promise<Loopback> => {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, "127.0.0.1", resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}
