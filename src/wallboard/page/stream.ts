import { applied, type Board, type Change, EVENTS } from "../board.ts"
import { makeBell } from "./bell.ts"
import { deviceNow, heard, heardZone } from "./clock.ts"

/** `lost`: nothing was heard for too long, and it is tried again. `ended`: the run has said goodbye, and the next one is waited for. */
export type Link = "connecting" | "live" | "lost" | "ended"

export interface Received {
  readonly link: Link
  /** When the last message came, by the device's clock; 0 before the first. */
  readonly heardAt: number
  readonly board?: Board
}

/** The run speaks twice a second: whoever has been silent for so long is gone, whatever the connection says. */
const SILENCE_MS = 4_000
const CHECK_MS = 500
const RETRY_MS = 1_000

let received: Received = { link: "connecting", heardAt: 0 }
const { ring, useRing } = makeBell()
let source: EventSource | undefined
let triedAt = 0

const become = (next: Partial<Received>) => {
  received = { ...received, ...next }
  ring()
}

const take = (board: Board) => {
  heard(board.figures.run.now)
  heardZone(board.figures.day?.timeZone)
  become({ link: "live", heardAt: deviceNow(), board })
}

const hangUp = () => {
  source?.close()
  source = undefined
}

const dial = () => {
  hangUp()
  triedAt = deviceNow()
  const own = new EventSource("/events")
  source = own
  own.addEventListener(EVENTS.board, ({ data }) => take(JSON.parse(data) as Board))
  own.addEventListener(EVENTS.change, ({ data }) => {
    if (received.board !== undefined) take(applied(received.board, JSON.parse(data) as Change))
  })
  own.addEventListener(EVENTS.end, () => {
    hangUp()
    become({ link: "ended" })
  })
  own.addEventListener("error", () => {
    if (received.link === "live") become({ link: "lost" })
  })
}

/** Connects, and connects again whenever that is needed. */
export const start = (): void => {
  dial()
  setInterval(() => {
    const at = deviceNow()
    if (received.link === "live" && at - received.heardAt > SILENCE_MS) become({ link: "lost" })
    if (received.link !== "live" && at - triedAt > RETRY_MS && source?.readyState !== EventSource.CONNECTING) dial()
    // One that connects for so long will not.
    else if (received.link !== "live" && at - triedAt > SILENCE_MS) dial()
  }, CHECK_MS)
}

export const useReceived = (): Received => {
  useRing()
  return received
}
