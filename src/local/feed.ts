import { createReadStream } from "node:fs"
import { createInterface } from "node:readline"
import { agents } from "../../projections/agents.ts"
import { queues } from "../../projections/queues.ts"
import { generation } from "../domain/projection.ts"
import type { Captured } from "./capture.ts"
import { capture } from "./capture.ts"
import { type Counters, makeMeter } from "./counters.ts"
import { stateDocument } from "./document.ts"
import { virtualClock } from "./engine/clock.ts"
import { runVirtual } from "./engine/run-virtual.ts"
import { deliver, SIMULATED_SOURCE, sourceOf } from "./partner.ts"
import { startStack } from "./stack.ts"
import { makeTableReader } from "./tables.ts"

export interface FeedOptions {
  /** A path, or `-` for standard input. */
  readonly file: string
  /** Engine time at which the feed begins, epoch ms. */
  readonly now: number
  readonly seed: number
  readonly chaos: number
  /** Where tables and buckets are kept. */
  readonly path: string
}

/** What became of a file of events. `refused`: lines that were too large even for the stream, kept nowhere. */
export interface FeedResult {
  readonly document: {
    readonly events: Pick<Counters, "received" | "appended" | "duplicates" | "conflicts" | "quarantined" | "unrouted">
  } & ReturnType<typeof stateDocument>
  readonly parked: Readonly<Record<string, number>>
}

/** Lines that are under way at a time: enough for full batches, and a bound on memory. */
const IN_FLIGHT = 20_000

/** Engine time after which a feed that is still not quiet will never be: longer than any retry, delay or dead letter takes. */
const PATIENCE_MS = 7 * 24 * 3_600_000

async function* linesOf(file: string): AsyncGenerator<string> {
  const input = file === "-" ? process.stdin : createReadStream(file)
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }))
    if (line.trim() !== "") yield line
}

/** Scans the projection tables of a stack into one document of agents and queues. */
export const readState = async (captured: Captured, stack: Awaited<ReturnType<typeof startStack>>) => {
  const read = makeTableReader(stack.observer)
  const tables = captured.outputs.projectionTables as Readonly<Record<string, { readonly name: string }>>
  const rowsOf = (projection: typeof agents) => read(tables[generation(projection)]?.name ?? "", projection.key)
  return stateDocument(await rowsOf(agents), await rowsOf(queues))
}

/**
 * Feeds a file of envelopes, one per line, through the bus, the stream and both functions in the file's order, on engine time that
 * runs as fast as the machine, and answers what stands in the tables when everything has settled.
 */
export const feed = async (options: FeedOptions): Promise<FeedResult> => {
  const { file, now, seed, chaos, path } = options
  const lines = linesOf(file)
  const first = await lines.next()
  const genesysEventSource = (first.done ? undefined : sourceOf(first.value)) ?? SIMULATED_SOURCE
  const captured = await capture("dev", { genesysEventSource })
  const clock = virtualClock(now)
  const meter = makeMeter()
  const stack = await startStack({ captured, clock, seed, chaos, path, bulk: true, onLog: meter.read })
  const run = (until: () => boolean) =>
    runVirtual(clock, {
      pending: stack.pending,
      until,
      limit: PATIENCE_MS,
      waiting: () => JSON.stringify(stack.backlog())
    })
  try {
    let fed = 0
    const feedLine = async (line: string) => {
      deliver(stack, line)
      if (++fed % IN_FLIGHT === 0) await run(() => stack.backlog().stream < IN_FLIGHT / 2)
    }
    if (!first.done) await feedLine(first.value)
    for await (const line of lines) await feedLine(line)
    await run(stack.quiet)
    const { received, appended, duplicates, conflicts, quarantined, unrouted } = meter.counters
    return {
      document: {
        events: { received, appended, duplicates, conflicts, quarantined, unrouted },
        ...(await readState(captured, stack))
      },
      parked: stack.parked()
    }
  } finally {
    await stack.stop()
  }
}
