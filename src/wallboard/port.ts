import type { AddressInfo, Server } from "node:net"

/** Nobody else on the network is to see the tables of this machine. */
export const ADDRESS = "127.0.0.1"

/** Where the wallboard is unless told otherwise, and how many ports from there on are tried. */
export const DEFAULT_PORT = 8_787
const TRIES = 20

/** The port that was named cannot be had. Its message says what to do. */
export class PortRefused extends Error {}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "is taken by another program",
  EACCES: "is not for this user"
}

const listenOn = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, ADDRESS, () => {
      server.off("error", reject)
      resolve((server.address() as AddressInfo).port)
    })
  })

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? ""

/**
 * Listens on the named port, where 0 is any that is free; without one on the default port, or on the next that is free. Returns which it is;
 * rejects with `PortRefused` where the named one cannot be had.
 */
export const listen = async (server: Server, named?: number, first = DEFAULT_PORT): Promise<number> => {
  if (named === undefined)
    for (let port = first; port < first + TRIES; port++)
      try {
        return await listenOn(server, port)
      } catch (error) {
        if (!(codeOf(error) in REASONS)) throw error
      }
  const port = named ?? 0
  try {
    return await listenOn(server, port)
  } catch (error) {
    const reason = REASONS[codeOf(error)]
    if (reason === undefined) throw error
    throw new PortRefused(`--port ${port} ${reason}: name another, 0 for any that is free, or leave it out`)
  }
}
