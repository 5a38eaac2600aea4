import { type Assets, bundleAssets } from "./assets.ts"
import type { Board, Figures, Sample } from "./board.ts"
import { makeCards, makeChanges } from "./cards.ts"
import { type Days, makeDays } from "./day.ts"
import type { StateDocument } from "./document.ts"
import { type History, makeHistory } from "./history.ts"
import { makeHub } from "./hub.ts"
import type { Names } from "./names.ts"
import { ADDRESS, listen } from "./port.ts"
import type { RowChange } from "./row-change.ts"
import { type Behind, makeServer } from "./server.ts"
import { type Judgement, serviceLevelOf } from "./thresholds.ts"
import type { Today } from "./today.ts"

/** The machine's time, epoch ms, and what is called once it has come. `at` returns what cancels it. */
export interface MachineClock {
  readonly now: () => number
  readonly at: (time: number, call: () => void) => () => void
}

/** What the wall remembers of the rows that were written since it began. */
export interface Past {
  readonly history: Pick<History, "of">
  readonly days: Pick<Days, "of">
}

/** What the wall shows of a stack, and how it asks for more. */
export interface Shown extends Pick<Behind, "dynamodb" | "api"> {
  readonly machine: MachineClock
  readonly figures: () => Figures
  readonly document: () => StateDocument
  readonly names: () => Names
  /** What happened in the queues today; absent where the stack does not fold it. */
  readonly today?: Today
  readonly judgement: Judgement
  /** The samples so far, and one more, which is taken once a second; absent where nobody counts events. */
  readonly samples?: { readonly all: () => ReadonlyArray<Sample>; readonly take: () => Sample }
  /** Makes what answers what is known of an agent or queue; see `Behind`. */
  readonly details: (past: Past) => Behind["details"]
  /** Lets go of what the details needed. */
  readonly close: () => Promise<void>
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

/** By what the service level of a queue is judged, by its id or its name. */
export const ruleBy = (judgement: Judgement, names: () => Names) => (queueId: string) =>
  serviceLevelOf(judgement, queueId, names().get(queueId))

/** Shows a stack on its pages until it is closed. */
const broadcast = (shown: Shown, past: Past) => {
  const { machine, figures, document, names, today, judgement, samples } = shown
  const ruleOf = ruleBy(judgement, names)
  const cardsOf = makeCards(
    (queueId) => (today === undefined ? {} : { today: today.of(queueId, ruleOf(queueId)) }),
    (agentId) => (today === undefined ? {} : { handledToday: today.ofAgent(agentId).handled })
  )
  const board = (): string => {
    const { agents, queues, members } = cardsOf(document())
    return JSON.stringify({
      figures: figures(),
      agents,
      queues,
      members: Object.fromEntries(members),
      settings: judgement,
      names: Object.fromEntries(names()),
      samples: samples?.all() ?? []
    } satisfies Board)
  }
  const hub = makeHub(board)
  let changes = makeChanges()
  let ticks = 0
  let cancel = () => {}

  const tick = () => {
    const began = machine.now()
    const added = ticks++ % TICKS_A_SAMPLE === 0 && samples !== undefined ? [samples.take()] : []
    if (hub.size() > 0) hub.publish(JSON.stringify(changes(figures(), cardsOf(document()), names(), added)))
    cancel = machine.at(machine.now() + Math.max(TICK_MS, (machine.now() - began) / SHARE), tick)
  }
  tick()

  let assets: Promise<Assets> | undefined
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
      return hub.add(response)
    },
    details: shown.details(past),
    ...(shown.dynamodb === undefined ? {} : { dynamodb: shown.dynamodb }),
    ...(shown.api === undefined ? {} : { api: shown.api })
  }
  return {
    behind,
    close: async () => {
      cancel()
      hub.close()
      await shown.close()
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
