import type { Columns } from "../domain/projection.ts"
import { defaultTopics } from "../genesys/aliases.ts"
import { capture } from "./capture.ts"
import { makeCentre } from "./centre/centre.ts"
import { unknownTopics } from "./centre/topics.ts"
import { makeMeter, quantile } from "./counters.ts"
import { realClock, virtualClock } from "./engine/clock.ts"
import { runVirtual } from "./engine/run-virtual.ts"
import { deliver, SIMULATED_SOURCE } from "./partner.ts"
import { startStack } from "./stack.ts"
import { makeStateReader } from "./tables.ts"
import { render } from "./view/render.ts"
import { plainLine, summaryText } from "./view/report.ts"
import { makeScreen, wantsColour } from "./view/screen.ts"
import type { AgentLine, QueueLine, Snapshot } from "./view/snapshot.ts"

export interface LiveOptions {
  /** Events per second. */
  readonly rate: number
  readonly agents: number
  readonly queues: number
  readonly seed: number
  readonly chaos: number
  /** Where tables and buckets are kept. */
  readonly path: string
  /** Ms of engine time; without it the run goes on until it is stopped. */
  readonly duration?: number
}

/** How often the clock is moved to the machine's time, and how often a frame is drawn at most. */
const PULSE_MS = 10
const FRAME_MS = 250

/** Reading the tables for the view may take this share of the machine's time. */
const VIEW_SHARE = 1 / 20

/** Engine time after which a run that is still not quiet never will be. */
const PATIENCE_MS = 7 * 24 * 3_600_000

/** The span over which the rate of events is shown. */
const RATE_SPAN_MS = 5_000

/** Counts by the time at which they stood, for a rate over the last seconds. */
const makeRate = () => {
  const seen: Array<readonly [at: number, count: number]> = []
  return (now: number, count: number): number => {
    seen.push([now, count])
    while (seen.length > 2 && (seen[1]?.[0] ?? now) <= now - RATE_SPAN_MS) seen.shift()
    const [at, before] = seen[0] ?? [now, count]
    return now > at ? ((count - before) * 1_000) / (now - at) : 0
  }
}

const time = (iso: unknown): number | undefined => (typeof iso === "string" ? Date.parse(iso) : undefined)
const ifSet = <K extends string, V>(key: K, value: V | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { readonly [key in K]?: V }

const agentLine = (agent: Columns): AgentLine => ({
  agentId: String(agent.agentId),
  state: String(agent.state),
  ...ifSet("since", time(agent.since)),
  ...ifSet("presence", agent.presence as string | undefined),
  ...ifSet("routingStatus", agent.routingStatus as string | undefined),
  sessions: (agent.sessions as ReadonlyArray<unknown>).length
})

const queueLine = (queue: Columns): QueueLine => {
  const waiting = queue.waiting as ReadonlyArray<Columns>
  const media = new Map<string, number>()
  for (const { mediaType } of waiting) media.set(String(mediaType), (media.get(String(mediaType)) ?? 0) + 1)
  const oldest = waiting.map(({ since }) => time(since) ?? 0).sort((a, b) => a - b)[0]
  return {
    queueId: String(queue.queueId),
    members: (queue.members as ReadonlyArray<unknown>).length,
    waiting: Object.fromEntries(media),
    interacting: (queue.interacting as ReadonlyArray<unknown>).length,
    ...ifSet("oldestWaitingSince", oldest)
  }
}

/**
 * Runs the stack with a simulated contact centre in real time and shows what it does, until the duration is over or `stopped`
 * resolves. Then the faults end, the rest is worked off at the speed of the machine, and a summary is written.
 */
export const live = async (options: LiveOptions, stopped: Promise<unknown>): Promise<void> => {
  const { rate, agents, queues, seed, chaos, path, duration } = options
  const machine = realClock()
  const start = machine.now()
  const captured = await capture("dev", {
    genesysEventSource: SIMULATED_SOURCE,
    // Whoever subscribes to a topic that nothing folds yet stores it all the same.
    topics: chaos > 0 ? [...defaultTopics, ...unknownTopics] : [...defaultTopics]
  })
  const clock = virtualClock(machine.now())
  const meter = makeMeter()
  const stack = await startStack({ captured, clock, seed, chaos, path, onLog: meter.read })
  const centre = makeCentre({ seed, agents, queues, rate, chaos, start: machine.now(), source: SIMULATED_SOURCE })
  const perSecond = makeRate()
  const output = process.stdout
  const screen = output.isTTY ? makeScreen(output) : undefined
  const colour = wantsColour(output)

  const readState = makeStateReader(captured, stack.operator)
  let state = await readState()
  const snapshot = (): Snapshot => {
    const { received, appended, duplicates, conflicts, quarantined, unrouted, late, revisions } = meter.counters
    const [p50, p99] = [quantile(meter.lags, 0.5), quantile(meter.lags, 0.99)]
    const now = clock.now()
    return {
      run: { now, elapsed: now - start, rate, seed, stack: "dev" },
      counters: {
        ...{ received, appended, duplicates, conflicts, quarantined, unrouted, late, revisions },
        perSecond: perSecond(now, received)
      },
      ...(p50 === undefined || p99 === undefined ? {} : { settleLag: { p50, p99 } }),
      backlog: stack.backlog(),
      agents: state.agents.map(agentLine),
      queues: state.queues.map(queueLine)
    }
  }

  let running = true
  const wait = (ms: number) => new Promise<void>((resolve) => machine.at(machine.now() + ms, resolve))
  const sendAll = () => {
    const delivery = centre.next()
    clock.at(delivery.at, () => {
      if (!running) return
      deliver(stack, delivery.line)
      sendAll()
    })
  }
  const pulse = setInterval(() => clock.advanceTo(machine.now()), PULSE_MS)
  const show = async () => {
    while (running) {
      const began = machine.now()
      state = await readState()
      if (screen === undefined) output.write(`${plainLine(snapshot())}\n`)
      else screen.draw((size) => render(snapshot(), size, colour))
      const took = machine.now() - began
      await Promise.race([wait(Math.max(screen === undefined ? 1_000 : FRAME_MS, took / VIEW_SHARE)), stopped])
    }
  }

  screen?.start()
  try {
    sendAll()
    const ended = duration === undefined ? stopped : Promise.race([stopped, wait(duration)])
    const shown = show()
    await ended
    running = false
    await shown
  } finally {
    running = false
    clearInterval(pulse)
    screen?.stop()
  }
  stack.calm()
  await runVirtual(clock, { pending: stack.pending, until: stack.quiet, limit: PATIENCE_MS })
  state = await readState()
  output.write(`${summaryText(snapshot(), colour)}\n`)
  await stack.stop()
}
