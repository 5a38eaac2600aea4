import type { EngineClock } from "aws-in-process"
import type { ConnectionSettings } from "../../store/connection.ts"
import type { Captured } from "../capture.ts"
import type { Lags } from "../counters.ts"
import type { Names } from "../names.ts"
import type { RowChange, StateDocument } from "../tables.ts"
import { type Judgement, serviceLevelOf } from "../thresholds.ts"
import type { Today } from "../today.ts"
import type { Snapshot } from "../view/snapshot.ts"
import { bundleAssets } from "./assets.ts"
import type { Board, Figures } from "./board.ts"
import { makeCards, makeChanges } from "./cards.ts"
import { type Days, makeDays } from "./day.ts"
import { makeDetails } from "./details.ts"
import { makeDynamoDbProxy } from "./dynamodb-proxy.ts"
import { type History, makeHistory } from "./history.ts"
import { makeHub } from "./hub.ts"
import { ADDRESS, listen } from "./port.ts"
import { makeSamples } from "./samples.ts"
import { type Behind, makeServer } from "./server.ts"

/** What the wallboard shows, and how it asks for more. */
export interface Shown {
  readonly captured: Captured
  /** The machine's time, by which the page is told what is new. */
  readonly machine: EngineClock
  readonly operator: ConnectionSettings
  readonly reader: ConnectionSettings
  readonly figures: () => Omit<Snapshot, "agents" | "queues">
  readonly document: () => StateDocument
  readonly names: () => Names
  /** What happened in the queues today; absent where the stack does not fold it. */
  readonly today?: Today
  readonly judgement: Judgement
  readonly lags: Lags
  readonly parked: () => Readonly<Record<string, number>>
}

export interface Wallboard {
  /** Where it is, such as `http://127.0.0.1:8787`. */
  readonly address: string
  /** Takes what a row became, for the history of its agent or queue, at that time (epoch ms). */
  readonly note: (change: RowChange, at: number) => void
  /** Begins to show a stack. */
  readonly show: (shown: Shown) => void
  /** Says goodbye to every page, and lets go of the port. Does nothing the second time. */
  readonly close: () => Promise<void>
}

/** How often at most pages are told what is new, and how often a sample is taken. */
const TICK_MS = 250
const TICKS_A_SAMPLE = 4

/** Pages may take this share of the machine's time. */
const SHARE = 1 / 20

const unlessZero = (counts: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))

/** Shows a stack on its pages until the returned function is called. */
const broadcast = (shown: Shown, past: { readonly history: History; readonly days: Days }) => {
  const { captured, machine, operator, reader, document, names, today, judgement, lags } = shown
  const settleWindowMs = Number(captured.outputs.settleWindowSeconds) * 1_000
  const ruleOf = (queueId: string) => serviceLevelOf(judgement, queueId, names().get(queueId))
  const todayOf = (queueId: string) => (today === undefined ? {} : { today: today.of(queueId, ruleOf(queueId)) })
  const [cardsOf, samples] = [makeCards(todayOf), makeSamples()]
  let parked = unlessZero(shown.parked())
  const figures = (): Figures => ({
    ...shown.figures(),
    settleWindowMs,
    parked,
    ...(today === undefined ? {} : { day: { since: today.since(), timeZone: today.timeZone } })
  })
  const board = (): string => {
    const { agents, queues, members } = cardsOf(document())
    return JSON.stringify({
      figures: figures(),
      agents,
      queues,
      members: Object.fromEntries(members),
      settings: judgement,
      names: Object.fromEntries(names()),
      samples: samples.all()
    } satisfies Board)
  }
  const hub = makeHub(board)
  const details = makeDetails(captured, operator, {
    ...past,
    today: (agentId) => (today === undefined ? {} : { today: today.ofAgent(agentId) }),
    quarters: (queueId) => (today === undefined ? {} : { quarters: today.quarters(queueId, ruleOf(queueId)) })
  })
  let changes = makeChanges()
  let ticks = 0
  let cancel = () => {}

  const tick = () => {
    const began = machine.now()
    const isSample = ticks++ % TICKS_A_SAMPLE === 0
    // It lists whole buckets.
    if (isSample) parked = unlessZero(shown.parked())
    const present = figures()
    const { perSecond, late } = present.counters
    const counts = { perSecond, late, parked: Object.values(parked).reduce((sum, count) => sum + count, 0) }
    const sample = isSample ? [samples.take(present.run.now, lags, counts)] : []
    if (hub.size() > 0) hub.publish(JSON.stringify(changes(present, cardsOf(document()), names(), sample)))
    cancel = machine.at(machine.now() + Math.max(TICK_MS, (machine.now() - began) / SHARE), tick)
  }
  tick()

  let assets: ReturnType<Behind["assets"]> | undefined
  const behind: Behind = {
    // One that failed is tried again with the next request.
    assets: () => {
      assets ??= bundleAssets().catch((error: unknown) => {
        assets = undefined
        throw error
      })
      return assets
    },
    listen: (response) => {
      if (hub.size() === 0) {
        // Nobody was told of changes meanwhile: they are counted from the board on that the first one gets.
        changes = makeChanges()
        changes(figures(), cardsOf(document()), names(), [])
      }
      hub.add(response)
    },
    details: details.of,
    dynamodb: makeDynamoDbProxy(reader)
  }
  return {
    behind,
    close: async () => {
      cancel()
      hub.close()
      await details.close()
    }
  }
}

/** Opens the wallboard on the named port, or near the default one: see `listen`. Rejects with `PortRefused`. */
export const openWallboard = async (port?: number): Promise<Wallboard> => {
  let shows: ReturnType<typeof broadcast> | undefined
  const server = makeServer(() => shows?.behind)
  const address = `http://${ADDRESS}:${await listen(server, port)}`
  // What it serves keeps the process alive as long as it should.
  server.unref()
  const [history, days] = [makeHistory(), makeDays()]
  return {
    address,
    note: (change, at) => {
      history.note(change, at)
      days.note(change)
    },
    show: (shown) => {
      shows = broadcast(shown, { history, days })
    },
    close: async () => {
      if (!server.listening) return
      const gone = new Promise((resolve) => server.close(resolve))
      await shows?.close()
      server.closeIdleConnections()
      // Whoever does not take the goodbye is not waited for.
      setImmediate(() => server.closeAllConnections())
      await gone
    }
  }
}
