import { setFlagsFromString } from "node:v8"
import { realClock, virtualClock } from "aws-in-process/clock"
import { defaultTopics } from "../genesys/aliases.ts"
import { unknownTopics } from "../simulator/topics.ts"
import { defaultJudgement, type Judgement } from "../wallboard/thresholds.ts"
import { timeZoneHere } from "../wallboard/time-zone.ts"
import { waitLimits } from "../wallboard/view/limits.ts"
import { agentLine, isShown, queueLine } from "../wallboard/view/lines.ts"
import type { Ending, Snapshot } from "../wallboard/view/snapshot.ts"
import { openWallboard } from "../wallboard/wallboard.ts"
import { captureDev } from "./capture-dev.ts"
import { sweepSettings } from "./centre.ts"
import { followChanges } from "./changes.ts"
import type { Consumer } from "./consumer.ts"
import { makeMeter, makeRate, quantile } from "./counters.ts"
import { followNames } from "./names.ts"
import { openLive } from "./opened.ts"
import { listenToOperator } from "./operator-line.ts"
import { deliver, SIMULATED_SOURCE } from "./partner.ts"
import { projectFile, STACK } from "./stack-config.ts"
import { followState } from "./tables.ts"
import { followAgentsToday, followToday } from "./today.ts"
import { runUntil } from "./until.ts"
import type { Progress } from "./view/progress.ts"
import { render } from "./view/render.ts"
import { plainLine, summaryText } from "./view/report.ts"
import { makeScreen, wantsColour } from "./view/screen.ts"
import { shownOf } from "./wallboard/shown.ts"

export interface LiveOptions {
  /** Events per second. */
  readonly rate: number
  readonly agents: number
  readonly queues: number
  readonly seed: number
  readonly chaos: number
  /** The share of events that are lost before anybody receives them; by default `LOST` of the chaos. */
  readonly lose?: number
  /** Where tables and buckets are kept. */
  readonly path: string
  /** Whether somebody named that folder, and may so reach the run by it. */
  readonly kept: boolean
  /** Whether there is a wallboard, and the port on which somebody wants it. */
  readonly wallboard?: { readonly port?: number }
  /** What is long, and what is the service level; the defaults unless given. */
  readonly judgement?: Judgement
  /** Whose day the wallboard shows; that of this machine unless given. */
  readonly timeZone?: string
  /** Who is called with the changes of rows. What it prints is shown in place of the view. */
  readonly changes?: Consumer
  /** Ms of engine time; without it the run goes on until it is stopped. */
  readonly duration?: number
}

/** The share of events that are lost at chaos 1. */
const LOST = 0.01

/** How often the clock is moved to the machine's time. */
const PULSE_MS = 10

/** How often at most a frame is drawn on a terminal, and a line written elsewhere. */
const FRAME_MS = 250
const LINE_MS = 1_000

/** The view may take this share of the machine's time. */
const VIEW_SHARE = 1 / 20

/** A run of days grows by little: the heap is collected before it is twice as large. A short one has no time for that. */
const FLAT_HEAP = "--heap-growing-percent=50"

/**
 * Runs the stack with a simulated contact centre in real time and shows what it does, until the duration is over or `stopped`
 * resolves. Then the faults end, the rest is worked off at the speed of the machine, and a summary is written.
 */
export const live = async (options: LiveOptions, stopped: Promise<unknown>, progress: Progress): Promise<void> => {
  const { rate, agents, queues, seed, chaos, lose = chaos * LOST, path, kept, duration, changes } = options
  const { judgement = defaultJudgement, timeZone = timeZoneHere() } = options
  const machine = realClock()
  setFlagsFromString(FLAT_HEAP)
  const wallboard = options.wallboard && (await openWallboard(options.wallboard.port))
  progress.say("Reading what the Pulumi program declares")
  const captured = await captureDev({
    genesysEventSource: SIMULATED_SOURCE,
    // The stack saves invocations by longer batches. Here they cost nothing, and somebody is watching.
    batchWindowSeconds: 1,
    projectionStreams: changes !== undefined,
    ...sweepSettings,
    // Whoever subscribes to a topic that nothing folds yet stores it all the same.
    topics: chaos > 0 ? [...defaultTopics, ...unknownTopics] : [...defaultTopics]
  })
  progress.say("Starting the declared resources and functions")
  const start = machine.now()
  const clock = virtualClock(start)
  const meter = makeMeter()
  const world = { seed, agents, queues, rate, chaos, lose }
  const { simulator, organisation, stack } = await openLive({ ...world, captured, clock, path, onLog: meter.read })
  const state = await followState(captured, stack, (change) => wallboard?.note(change, clock.now()))
  const day = { now: () => clock.now(), timeZone, heardFrom: start }
  const today = wallboard && (await followToday(captured, stack, day))
  const agentToday = wallboard && (await followAgentsToday(captured, stack, day))
  const { names, close: endNames } = followNames(captured, stack, machine)
  const hangUp = kept ? await listenToOperator(path, stack.operator, captured.outputs) : () => {}
  const letGo = async () => {
    hangUp()
    await wallboard?.close()
    await endNames()
    await stack.stop()
  }
  const endChanges =
    changes === undefined
      ? async () => {}
      : await followChanges(changes, captured, stack, machine, (text) => void output.write(text)).catch(
          async (error: unknown) => {
            await letGo()
            throw error
          }
        )
  const perSecond = makeRate()
  const output = process.stdout
  const screen = output.isTTY && changes === undefined ? makeScreen(output) : undefined
  const colour = wantsColour(output)
  let sent = 0

  const figures = (): Omit<Snapshot, "agents" | "queues"> => {
    const { received, appended, duplicates, conflicts, quarantined, unrouted, late, revisions } = meter.counters
    const [p50, p99] = [quantile(meter.lags, 0.5), quantile(meter.lags, 0.99)]
    const now = clock.now()
    return {
      run: {
        now,
        elapsed: now - start,
        rate,
        seed,
        stack: STACK,
        ...(wallboard === undefined ? {} : { address: wallboard.address })
      },
      counters: {
        received,
        appended,
        duplicates,
        conflicts,
        quarantined,
        unrouted,
        late,
        revisions,
        perSecond: perSecond(now, received)
      },
      ...(p50 === undefined || p99 === undefined ? {} : { settleLag: { p50, p99 } }),
      backlog: stack.backlog()
    }
  }
  const named = <A extends object>(line: A, id: string): A & { readonly name?: string } => {
    const name = names().get(id)
    return name === undefined ? line : { ...line, name }
  }
  const snapshot = (): Snapshot => {
    const document = state()
    return {
      ...figures(),
      agents: document.agents.filter(isShown).map((agent) => named(agentLine(agent), String(agent.agentId))),
      queues: document.queues.map((queue) => {
        const line = named(queueLine(queue), String(queue.queueId))
        return { ...line, limits: waitLimits(judgement.thresholds, line.queueId, line.name) }
      })
    }
  }
  const short = (name: string) => name.replace(`${projectFile().name}-${STACK}-`, "")
  const parked = () => Object.fromEntries(Object.entries(stack.parked()).map(([place, held]) => [short(place), held]))
  const shown = shownOf({
    captured,
    machine,
    figures,
    parked,
    lags: meter.lags,
    document: state,
    names,
    judgement,
    ...(today === undefined ? {} : { today }),
    ...(agentToday === undefined ? {} : { agentToday }),
    operator: stack.operator,
    reader: stack.reader,
    onLog: meter.read
  })
  wallboard?.show(shown)

  let running = true
  const wait = (ms: number) => {
    let cancel = () => {}
    const over = new Promise<void>((resolve) => {
      cancel = machine.at(machine.now() + ms, resolve)
    })
    return { over, cancel }
  }
  // No further than the clock is: what somebody asks of the organisation is as it is now.
  const sendDue = () => {
    if (!running) return
    for (const { line } of simulator.until(clock.now())) {
      deliver(stack, line)
      sent++
    }
    clock.at(clock.now() + PULSE_MS, sendDue)
  }
  const pulse = setInterval(() => clock.advanceTo(machine.now()), PULSE_MS)
  const show = async (ended: Promise<unknown>) => {
    while (running) {
      const began = machine.now()
      if (screen !== undefined) screen.draw((size) => render(snapshot(), size, colour))
      else if (changes === undefined) output.write(`${plainLine(snapshot())}\n`)
      const took = machine.now() - began
      const pause = wait(Math.max(screen === undefined ? LINE_MS : FRAME_MS, took / VIEW_SHARE))
      await Promise.race([pause.over, ended])
      pause.cancel()
    }
  }

  progress.clear()
  if (screen === undefined && wallboard !== undefined) output.write(`${wallboard.address} shows the wallboard\n`)
  screen?.start()
  try {
    sendDue()
    const limit = duration === undefined ? undefined : wait(duration)
    const ended = (limit === undefined ? stopped : Promise.race([stopped, limit.over])).then(() => {
      running = false
    })
    await show(ended)
    limit?.cancel()
  } finally {
    running = false
    clearInterval(pulse)
    screen?.stop()
    await wallboard?.close()
  }
  const sentFor = clock.now() - start
  progress.say("Settling what is on its way")
  stack.endSweeps()
  stack.calm()
  organisation.calm()
  organisation.stand()
  await runUntil(clock, stack)
  const crashes = stack.hosts.reduce((sum, host) => sum + host.counts().crashes, 0)
  const timeouts = stack.hosts.reduce((sum, host) => sum + host.counts().timeouts, 0)
  const ending: Ending = {
    sent,
    sentFor,
    parked: parked(),
    faults: { ...stack.faults(), crashes, timeouts, lost: simulator.lost() }
  }
  progress.clear()
  output.write(`${summaryText(snapshot(), ending, colour)}\n`)
  await endChanges()
  await letGo()
}
