import { makeOrganisation, SIMULATED_CLIENT } from "../simulator/api/organisation.ts"
import { makeSimulator } from "../simulator/simulator.ts"
import { asFetch } from "./organisation.ts"
import { SIMULATED_SOURCE } from "./partner.ts"
import type { ConfigValue } from "./stack-config.ts"

/** The name of the secret that holds the OAuth client of the simulated organisation. */
const SECRET = "genesys/simulated"

/**
 * What a stack on this machine has set so that it sweeps the simulated organisation: once a minute, and with all the requests that the
 * organisation grants, for nobody else asks it.
 */
export const sweepSettings: Readonly<Record<string, ConfigValue>> = {
  genesysCredentialsSecret: SECRET,
  genesysDomain: "mypurecloud.com",
  reconcileSchedule: "rate(1 minute)",
  reconcileShare: 100
}

/** With which event somebody asks for a sweep. */
export const SWEEP = { reconcile: "start", by: "npm start" } as const

/** For how long (ms) the contact centre has been open when the stack begins to listen: the first picture is not empty. */
const LIVED_MS = 600_000

export interface CentreOptions {
  readonly seed: number
  readonly agents: number
  readonly queues: number
  /** Events a second. */
  readonly rate: number
  readonly chaos: number
  readonly lose: number
  /** 0 to 1: how often the API of the organisation fails, or says less than it was asked; the chaos unless given. */
  readonly faults?: number
  /** For how long (ms) before `start` nothing happened (default 0). */
  readonly rested?: number
  /** Epoch ms. */
  readonly start: number
}

/** The simulated contact centre in the middle of its day, and its organisation as the stack asks it. `now` is epoch ms. */
export const openCentre = ({ faults, ...centre }: CentreOptions, now: () => number) => {
  const { seed, chaos } = centre
  const simulator = makeSimulator({ ...centre, lived: LIVED_MS, source: SIMULATED_SOURCE })
  const organisation = makeOrganisation({ centre: simulator, seed, faults: faults ?? chaos })
  return {
    simulator,
    organisation,
    genesys: { fetch: asFetch(organisation, now), secrets: { [SECRET]: JSON.stringify(SIMULATED_CLIENT) } }
  }
}
