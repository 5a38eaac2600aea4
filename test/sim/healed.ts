import { seededRandom } from "aws-in-process/random"
import { runVirtual } from "aws-in-process/run-virtual"
import { Effect, Layer } from "effect"
import { reconcile, type SweepReport } from "../../src/pipeline/reconcile/sweep.ts"
import type { OrganisationOptions } from "../../src/simulator/api/organisation.ts"
import { tell } from "../../src/simulator/truth.ts"
import type { Delivery } from "../../src/simulator/wire.ts"
import { Deadline } from "../../src/store/deadline.ts"
import { memoryDirectory } from "../../src/store/memory/directory.ts"
import { memoryStreamSink } from "../../src/store/memory/hand-over.ts"
import { makeCore } from "../support/core.ts"
import { arrival, arrivalsOf, START } from "../support/history.ts"
import { simulatedOrganisation } from "../support/simulated.ts"
import { comparedIn, differencesOf, documentOf, rowsOf } from "../support/truth.ts"

export interface HealedDay {
  readonly seed: number
  readonly agents: number
  readonly queues: number
  /** Events a second. */
  readonly rate: number
  readonly minutes: number
  /** The share of events that is lost. */
  readonly lose: number
  /** The share that arrives twice, and the share that arrives up to five minutes late. */
  readonly twice?: number
  readonly late?: number
  readonly api?: Partial<OrganisationOptions>
}

const TICK_MS = 5_000
const MINUTE = 60_000

/** An invocation ends after this long, as that of a function does. */
const INVOCATION_MS = 5 * MINUTE

/** Beginning with nothing, a day whose events are lost in part, on the core with its stores in memory; and sweeps of the simulated organisation. */
export const healing = (day: HealedDay) => {
  const { seed, agents, queues, rate, lose, twice = 0, late = 0, api = {} } = day
  const core = makeCore()
  const { clock } = core
  const world = simulatedOrganisation(
    { seed, agents, queues, rate, lose, chaos: 0, lived: 10 * MINUTE },
    { seed, ...api },
    300,
    clock
  )
  const { centre, activity } = world
  const { next: chance } = seededRandom(seed)
  const directory = memoryDirectory()
  const sink = memoryStreamSink()
  const delayed: Array<Delivery> = []
  let sent = 0
  let delivered = 0
  let stands = false

  const comes = (deliveries: ReadonlyArray<Delivery>) => {
    for (const delivery of deliveries) {
      if (chance() < twice) delayed.push({ ...delivery, at: delivery.at + MINUTE * chance() })
      delayed.push(chance() < late ? { ...delivery, at: delivery.at + 5 * MINUTE * chance() } : delivery)
    }
  }

  /** What reaches the stream by `now`: the centre's events with their mishaps, and what sweeps have sent. */
  const arriving = (now: number) => {
    if (!stands) comes(centre.until(now))
    delayed.sort((a, b) => a.at - b.at)
    const due = delayed.findIndex(({ at }) => at > now)
    const here = delayed.splice(0, due === -1 ? delayed.length : due)
    const snapshots = sink.records().slice(sent)
    sent += snapshots.length
    delivered += here.length
    return [...arrivalsOf(here), ...snapshots.map(({ data }) => arrival(data, now))]
  }

  const tick = async () => {
    const now = clock.now()
    const arrivals = arriving(now)
    if (arrivals.length > 0) await core.deliver(arrivals)
    const bodies = core.queue.take(now)
    if (bodies.length > 0) await core.settle(bodies)
  }

  /** Lets the time pass with all that happens in it. */
  const pass = async (ms: number) => {
    for (const end = clock.now() + ms; clock.now() < end; ) {
      clock.advanceTo(Math.min(end, clock.now() + TICK_MS))
      await tick()
    }
  }

  const layer = Layer.mergeAll(directory.layer, sink.layer, world.layer)

  const invocation = (start: boolean): Promise<SweepReport> =>
    core.run(
      reconcile({ start, by: "test" }).pipe(
        Effect.provideService(Deadline, clock.now() + INVOCATION_MS),
        Effect.provide(layer)
      )
    )

  /** Sweeps, invocation after invocation, until one is whole. The time that it takes passes, and the day goes on in it. */
  const sweep = async () => {
    let running = true
    const beat = () => {
      if (!running) return
      void activity.track(tick())
      clock.at(clock.now() + TICK_MS, beat)
    }
    clock.at(clock.now() + TICK_MS, beat)
    const began = clock.now()
    const reports: Array<SweepReport> = []
    while (reports.at(-1)?.state !== "complete") {
      let ended = false
      const report = invocation(reports.length === 0).finally(() => {
        ended = true
      })
      report.catch(() => {})
      await runVirtual(clock, { pending: activity.pending, until: () => ended, limit: 2 * INVOCATION_MS })
      reports.push(await report)
    }
    running = false
    await tick()
    const whole = reports.at(-1)?.last
    if (whole === undefined) throw new Error("a whole sweep is remembered by nobody")
    return { counts: whole.counts, invocations: reports.length, took: clock.now() - began }
  }

  return {
    ...world,
    core,
    directory,
    pass,
    sweep,
    /** Lets nothing more happen in the contact centre, whoever asks; what it has published still arrives. */
    stand: () => {
      stands = true
      world.server.stand()
      comes(centre.drain())
    },
    /** Sessions that go on and are shown as over: what a sweep ended wrongly (`snapshot`), and what a rule did. */
    falseEnds: async () => {
      const going = new Set([
        ...centre.population.agents.flatMap(({ work }) => [...work].map(({ sessionId }) => sessionId)),
        ...centre.population.queues.flatMap(({ waiting }) => [...waiting.keys()])
      ])
      const rows = await core.run(rowsOf(["agents", "queues"]))
      return rows
        .filter(({ row, columns }) => columns.phase === "ended" && going.has(row.replace("session#", "")))
        .map(({ entity, row, columns: { endedBy } }) => ({ entity, row, endedBy: String(endedBy) }))
    },
    /** What the tables show in another way than it is, of how many things. */
    wrong: async () => {
      const truth = tell(centre.population, clock.now(), true)
      const differences = differencesOf(await core.run(documentOf), truth)
      return { differences, compared: comparedIn(truth) }
    },
    figures: () => ({ delivered, lost: centre.lost(), snapshots: sink.records().length }),
    elapsed: () => clock.now() - START
  }
}
