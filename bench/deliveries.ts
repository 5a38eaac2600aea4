import { SIMULATED_SOURCE } from "../src/local/partner.ts"
import { makeSimulator } from "../src/simulator/simulator.ts"

/** Events per second of the organisation that is simulated. */
export const RATE = 1_000

/** The first events of a simulated organisation that begins its day at `start` (epoch ms). */
export const deliveries = (count: number, start: number, seed = 1) => {
  const centre = makeSimulator({ seed, agents: 300, queues: 20, rate: RATE, chaos: 0, start, source: SIMULATED_SOURCE })
  return Array.from({ length: count }, centre.next)
}

/** When that day begins where it does not matter. */
export const MORNING = Date.parse("2026-05-06T08:00:00.000Z")
