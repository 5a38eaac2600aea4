import { type CentreOptions, makeCentre } from "../../src/local/centre/centre.ts"
import type { Delivery } from "../../src/local/centre/wire.ts"
import { SIMULATED_SOURCE } from "../../src/local/partner.ts"
import type { Arrival } from "../../src/pipeline/append.ts"

export const START = Date.parse("2026-05-06T08:00:00.000Z")

/** The first `count` deliveries of a simulated centre and what was on its way then, in order of delivery. */
export const historyOf = (count: number, options: Partial<CentreOptions> = {}): ReadonlyArray<Delivery> => {
  const centre = makeCentre({
    seed: 1,
    agents: 12,
    queues: 4,
    rate: 100,
    chaos: 0,
    start: START,
    source: SIMULATED_SOURCE,
    ...options
  })
  return [...Array.from({ length: count }, centre.next), ...centre.drain()]
}

export const arrival = (raw: string | Uint8Array, received: number): Arrival => ({
  raw: typeof raw === "string" ? Buffer.from(raw) : raw,
  received
})

/** As the stream hands them over: each with the time of its own delivery. */
export const arrivalsOf = (history: ReadonlyArray<Delivery>): ReadonlyArray<Arrival> =>
  history.map(({ line, at }) => arrival(line, at))
