import type { ServerResponse } from "node:http"
import { EVENTS } from "./board.ts"

/** After how many ms a browser connects again. */
const RETRY_MS = 1_000

const message = (event: string, data: string) => `event: ${event}\ndata: ${data}\n\n`

/**
 * Those who listen on `/events`. `board` gives all that there is, as JSON. Whoever has not taken the last message yet gets no more of them,
 * and the whole board once there is room: nothing piles up for a slow one.
 */
export const makeHub = (board: () => string) => {
  const clients = new Map<ServerResponse, { behind: boolean }>()
  return {
    size: (): number => clients.size,
    add: (response: ServerResponse): void => {
      clients.set(response, { behind: false })
      response.on("close", () => clients.delete(response))
      response.write(`retry: ${RETRY_MS}\n\n${message(EVENTS.board, board())}`)
    },
    /** Sends a change, as JSON. */
    publish: (change: string): void => {
      let whole: string | undefined
      const text = message(EVENTS.change, change)
      for (const [response, client] of clients) {
        if (response.writableLength > 0) client.behind = true
        else if (client.behind) {
          whole ??= message(EVENTS.board, board())
          response.write(whole)
          client.behind = false
        } else response.write(text)
      }
    },
    /** Says that the run is over, and ends every stream. */
    close: (): void => {
      for (const response of clients.keys()) response.end(message(EVENTS.end, "{}"))
      clients.clear()
    }
  }
}
