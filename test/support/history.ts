import { iso } from "../../src/domain/stamp.ts"
import { SIMULATED_SOURCE } from "../../src/local/partner.ts"
import type { Arrival } from "../../src/pipeline/append.ts"
import { makeSimulator, type SimulatorOptions } from "../../src/simulator/simulator.ts"
import type { Delivery } from "../../src/simulator/wire.ts"
import { noise, routingEvent } from "../store/events.ts"

export const START = Date.parse("2026-05-06T08:00:00.000Z")

/** The first `count` deliveries of the contact centre simulator and what was on its way then, in order of delivery. */
export const historyOf = (count: number, options: Partial<SimulatorOptions> = {}): ReadonlyArray<Delivery> => {
  const centre = makeSimulator({
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

/** The agent of `statusLine`. */
export const AGENT = "6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58"

/** The line of an event that says that an agent's routing status is `status` since `clock` (epoch ms). */
export const statusLine = (id: string, status: string, clock: number, published = clock): string => {
  const { envelope } = routingEvent(
    id,
    { routingStatus: { status, startTime: iso(clock) } },
    { source: SIMULATED_SOURCE }
  )
  const detail = { ...(envelope.detail as object), timestamp: iso(published) }
  return JSON.stringify({ ...envelope, detail })
}

/** The line of an event whose body no item of DynamoDB can hold, not even deflated. `seed`: another body. */
export const bigLine = (id: string, seed = 1): string => {
  const envelope = JSON.parse(statusLine(id, "IDLE", START))
  envelope.detail.eventBody.extra = noise(900_000, seed)
  return JSON.stringify(envelope)
}
