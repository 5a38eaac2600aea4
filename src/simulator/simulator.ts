import { changeMembership, logOn } from "./agents.ts"
import { arrive } from "./conversations.ts"
import { allMedia, type Population } from "./model.ts"
import { makePopulation } from "./population.ts"
import { closeHalfHours, flush } from "./queues.ts"
import { makeIds, makeRandom } from "./random.ts"
import { makeEmissionRate } from "./rate.ts"
import { type Truth, tell } from "./truth.ts"
import { type Delivery, MIN_DELAY_MS, MOST_LOST, makeWire } from "./wire.ts"
import type { World } from "./world.ts"

export interface SimulatorOptions {
  readonly seed: number
  /** 1 to 20,000. */
  readonly agents: number
  /** 1 and more. */
  readonly queues: number
  /** Records a second on average, mishaps included; 0.1 to 2,000. */
  readonly rate: number
  /** 0 (nothing goes wrong) to 1 (`chaosRates`). */
  readonly chaos: number
  /** The share of events that are lost, 0 to `MOST_LOST` (default 0). They count towards the rate; the day is the same as without losses. */
  readonly lose?: number
  /** When somebody begins to listen, epoch ms. */
  readonly start: number
  /** For how long (ms) the day went on before `start` with nobody listening: what arrived then is in no delivery (default 0). */
  readonly lived?: number
  /** For how long (ms) of that, up to `start`, nothing happened (default 0). */
  readonly rested?: number
  /** Envelope `source`, such as `aws.partner/genesys.com/cloud/<organisation>/<suffix>`. */
  readonly source: string
  readonly account?: string
  readonly region?: string
}

/**
 * A contact centre that lives on its own clock, decided by its options alone. It holds no more than its agents, its queues, the
 * conversations that go on and the records on their way, so it can run for ever.
 */
export interface Simulator {
  /** The next delivery, in order of delivery time. There always is one. The day goes on no further than it must. */
  readonly next: () => Delivery
  /** Lets the day go on until `at` (epoch ms) and no further. What was delivered by then stays to be taken. */
  readonly advanceTo: (at: number) => void
  /** Advances to `at` and takes what was delivered by then, in order. */
  readonly until: (at: number) => ReadonlyArray<Delivery>
  /** Who works here, as they stand: for those who ask rather than listen. */
  readonly population: Population
  /** Envelope `source`. */
  readonly source: string
  /** Publishes outstanding queue numbers and returns everything on its way, in order, while the contact centre stands still. */
  readonly drain: () => ReadonlyArray<Delivery>
  /** What is so at the simulator's present time. After `drain` nothing of it is undelivered. */
  readonly truth: () => Truth
  /** Events that were lost so far. */
  readonly lost: () => number
  /** How much the simulation holds at the moment. */
  readonly held: () => { readonly conversations: number; readonly tasks: number; readonly inFlight: number }
}

/** Measured: records that one conversation brings with it, and the seconds of an agent's whole attention that it takes. */
const RECORDS_PER_CONVERSATION = 24
const ATTENTION_S = 150
/** The share of their time on queue that agents are kept busy when the rate asks for it. */
const OCCUPANCY = 0.8
const RECORDS_PER_LOG_ON = 9

const bounded = (name: string, value: number, low: number, high: number): void => {
  if (!(value >= low && value <= high)) throw new RangeError(`${name} must be from ${low} to ${high}, not ${value}`)
}

/** Throws `RangeError` for options out of their bounds. */
export const makeSimulator = (options: SimulatorOptions): Simulator => {
  const { seed, agents, queues, rate, chaos, start, source } = options
  const { lose = 0, lived = 0, rested = 0, account = "444455556666", region = "eu-west-1" } = options
  bounded("agents", agents, 1, 20_000)
  bounded("queues", queues, 1, 5_000)
  bounded("rate", rate, 0.1, 2_000)
  bounded("chaos", chaos, 0, 1)
  bounded("lose", lose, 0, MOST_LOST)
  bounded("lived", lived, 0, 86_400_000)
  bounded("rested", rested, 0, lived)

  const born = start - lived
  const population = makePopulation(seed, agents, queues, born)
  const wire = makeWire({ seed, start, heardFrom: start, chaos, lose, source, account, region })
  const wantedArrivals = (0.8 * rate) / RECORDS_PER_CONVERSATION
  const possibleArrivals = (OCCUPANCY * agents) / ATTENTION_S
  const firstPace = Math.max(1, wantedArrivals / possibleArrivals)
  const pace = makeEmissionRate(born, rate, firstPace, wire.emitted)
  const random = makeRandom(`${seed}:world`)
  const world: World = {
    random,
    seldom: makeRandom(`${seed}:seldom`),
    id: makeIds(`${seed}:${start}:world`),
    population,
    pace,
    publish: wire.publish,
    after: (seconds, task) => pace.after(1_000 * seconds, task),
    leisure: Math.max(1, (0.04 * agents) / rate),
    conversations: 0,
    onQueue: 0
  }

  // The morning: everybody logs on, many at first and then fewer, within about half of the rate.
  const morning = Math.max(5, (firstPace * agents * RECORDS_PER_LOG_ON) / (0.5 * rate))
  for (const agent of population.agents) {
    const turn = (agent.number + random.next()) / (agents + 1)
    world.after(-Math.log(1 - turn) * morning, () => logOn(world, agent))
  }

  const arrivals = (): void => {
    const possible = (OCCUPANCY * Math.max(world.onQueue, 0.5)) / ATTENTION_S
    world.after(random.wait(1 / Math.min(wantedArrivals, possible)), arrivals)
    arrive(world)
  }
  world.after(1, arrivals)

  const administration = (): void => {
    world.after(random.wait((3_600 / agents) * Math.min(agents, 12) * world.leisure), administration)
    changeMembership(world)
  }
  world.after(60, administration)

  const close = closeHalfHours(world)
  const advance = (): void => {
    pace.advance()
    close()
  }

  const next = (): Delivery => {
    for (;;) {
      const due = wire.due()
      // Whatever is published from then on is delivered at least MIN_DELAY_MS after it.
      if (due !== undefined && due < pace.horizon() + MIN_DELAY_MS) return wire.take() as Delivery
      advance()
    }
  }

  const advanceTo = (at: number): void => {
    while (pace.horizon() <= at) advance()
  }

  const until = (at: number): ReadonlyArray<Delivery> => {
    advanceTo(at)
    const taken: Array<Delivery> = []
    for (let due = wire.due(); due !== undefined && due <= at; due = wire.due()) taken.push(wire.take() as Delivery)
    return taken
  }

  const drain = (): ReadonlyArray<Delivery> => {
    for (const queue of population.queues) for (const _ of allMedia) flush(world, queue)
    const rest: Array<Delivery> = []
    for (let delivery = wire.take(); delivery !== undefined; delivery = wire.take()) rest.push(delivery)
    return rest
  }

  if (lived > 0) advanceTo(start - rested)
  if (rested > 0) pace.rest(start - pace.now())

  return {
    next,
    advanceTo,
    until,
    population,
    source,
    drain,
    truth: () => tell(population, pace.now()),
    lost: wire.lost,
    held: () => ({ conversations: world.conversations, tasks: pace.tasks(), inFlight: wire.inFlight() })
  }
}
