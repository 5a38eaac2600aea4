import { SIMULATED_SOURCE } from "../src/local/partner.ts"
import { makeSimulator } from "../src/simulator/simulator.ts"

/** Events per second of the organisation that is simulated. */
export const RATE = 1_000

/** Before anybody listens, ms: twenty thousand events, after which agents have logged on and as many conversations end as begin. */
const LIVED = 20_000

/** Events of a simulated organisation in the middle of its day, from `start` (epoch ms) on. */
export const deliveries = (count: number, start: number, seed = 1) => {
  const centre = makeSimulator({
    seed,
    agents: 300,
    queues: 20,
    rate: RATE,
    chaos: 0,
    start,
    lived: LIVED,
    source: SIMULATED_SOURCE
  })
  return Array.from({ length: count }, centre.next)
}

/** When that is, where it does not matter. */
export const MORNING = Date.parse("2026-05-06T08:00:00.000Z")
