import type { ServerResponse } from "node:http"
import { EVENTS } from "./board.ts"

/** After how many ms a browser connects again. */
const RETRY_MS = 1_000

/** Pages that listen at once. */
export const MOST_CLIENTS = 100

/** Whoever has taken nothing for so many messages, which is a minute at least, is gone: the page connects again. */
export const MOST_MISSED = 240

const message = (event: string, data: string) => `event: ${event}\ndata: ${data}\n\n`

/**
 * Those who listen on `/events`. `board` gives all that there is, as JSON. Whoever has not taken the last message yet gets no more of them,
 * and the whole board once there is room: nothing piles up for a slow one.
 */
export const makeHub = (board: () => string) => {
  const clients = new Map<ServerResponse, { missed: number }>()
  return {
    size: (): number => clients.size,
    /** Returns whether there was room. */
    add: (response: ServerResponse): boolean => {
      if (clients.size >= MOST_CLIENTS) return false
      clients.set(response, { missed: 0 })
      response.on("close", () => clients.delete(response))
      response.write(`retry: ${RETRY_MS}\n\n${message(EVENTS.board, board())}`)
      return true
    },
    /** Sends a change, as JSON. */
    publish: (change: string): void => {
      let whole: string | undefined
      const text = message(EVENTS.change, change)
      for (const [response, client] of clients) {
        if (response.writableLength > 0) {
          if (++client.missed > MOST_MISSED) {
            clients.delete(response)
            response.destroy()
          }
        } else if (client.missed > 0) {
          whole ??= message(EVENTS.board, board())
          response.write(whole)
          client.missed = 0
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
