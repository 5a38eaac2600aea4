import { makeActivity } from "aws-in-process"
import { effectClock, type VirtualClock, virtualClock } from "aws-in-process/clock"
import { seededRandom } from "aws-in-process/random"
import { runVirtual } from "aws-in-process/run-virtual"
import { Effect, Layer, Random } from "effect"
import { Fetch } from "../../src/genesys-api/http.ts"
import type { Organisation } from "../../src/genesys-api/organisation.ts"
import { layerOrganisation } from "../../src/genesys-api/organisation-layer.ts"
import { asFetch } from "../../src/local/organisation.ts"
import { SIMULATED_SOURCE } from "../../src/local/partner.ts"
import { makeOrganisation, type OrganisationOptions, SIMULATED_CLIENT } from "../../src/simulator/api/organisation.ts"
import { makeSimulator, type SimulatorOptions } from "../../src/simulator/simulator.ts"
import { START } from "./history.ts"

/** A contact centre in the middle of its day with its API, and a client of that API, all on a virtual clock that begins at `START`. */
export const simulatedOrganisation = (
  options: Partial<SimulatorOptions> = {},
  api: Partial<OrganisationOptions> = {},
  requestsPerMinute = 300,
  clock: VirtualClock = virtualClock(START)
) => {
  const activity = makeActivity()
  const centre = makeSimulator({
    seed: 7,
    agents: 40,
    queues: 6,
    rate: 20,
    chaos: 0,
    start: START,
    lived: 240_000,
    source: SIMULATED_SOURCE,
    ...options
  })
  const server = makeOrganisation({ centre, seed: 7, ...api })
  const fetch = asFetch(server, clock.now)
  const { next } = seededRandom(7)
  const layer = Layer.mergeAll(
    layerOrganisation({ domain: "mypurecloud.de", credentials: async () => SIMULATED_CLIENT, requestsPerMinute }),
    Layer.succeed(Fetch, (...request) => activity.track(fetch(...request))),
    Layer.succeed(Random.Random, {
      nextDoubleUnsafe: next,
      nextIntUnsafe: () => Math.floor(next() * Number.MAX_SAFE_INTEGER)
    }),
    effectClock(clock)
  )

  /** Runs it in as much virtual time as it takes, an hour at most unless `limit` (ms) says otherwise. */
  const run = async <A, E>(effect: Effect.Effect<A, E, Organisation>, limit = 3_600_000): Promise<A> => {
    let ended = false
    const result = Effect.runPromise(effect.pipe(Effect.provide(layer))).finally(() => {
      ended = true
    })
    // Whoever waits for the clock learns of a failure first.
    result.catch(() => {})
    await runVirtual(clock, { pending: activity.pending, until: () => ended, limit })
    return result
  }

  return { clock, activity, centre, server, layer, run }
}
