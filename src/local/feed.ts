import { createReadStream } from "node:fs"
import { virtualClock } from "aws-in-process/clock"
import { Effect, Layer } from "effect"
import { defaultLimits } from "../genesys/limits.ts"
import { quarantine } from "../store/aws/quarantine.ts"
import { S3 } from "../store/aws/s3.ts"
import { Connection } from "../store/connection.ts"
import { Quarantine } from "../store/quarantine.ts"
import { capture } from "./capture.ts"
import { type Counters, makeMeter } from "./counters.ts"
import { deliver, SIMULATED_SOURCE, sourceOf } from "./partner.ts"
import { startStack } from "./stack.ts"
import { readState, type StateDocument } from "./tables.ts"
import { runUntil } from "./until.ts"

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

/** What became of a file of events, and what was given up and waits for people, by place. */
export interface FeedResult {
  readonly document: {
    readonly events: Pick<Counters, "received" | "appended" | "duplicates" | "conflicts" | "quarantined" | "unrouted">
  } & StateDocument
  readonly parked: Readonly<Record<string, number>>
}

/** Lines that are under way at a time: enough for full batches, and a bound on memory. */
const IN_FLIGHT = 20_000

/** After so long a heartbeat of a quiet stack has been folded: it beats once a minute, and then the settle window passes. */
const HEARTBEAT_MS = 90_000

/** The lines of a text file without their ends, be those LF or CRLF. A byte order mark is none of the text. */
async function* linesOf(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  // Nothing else ends a line: JSON may hold a U+2028 as it is.
  const bare = (line: string) => (line.endsWith("\r") ? line.slice(0, -1) : line)
  let rest = ""
  for await (const chunk of file === "-" ? process.stdin : createReadStream(file)) {
    const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split("\n")
    rest = lines.pop() ?? ""
    for (const line of lines) yield bare(line)
  }
  rest += decoder.decode()
  if (rest !== "") yield bare(rest)
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
  const keep = (line: string) =>
    Effect.runPromise(
      Quarantine.use((quarantine) =>
        quarantine.put([
          {
            raw: Buffer.from(line),
            reason: "TooLarge",
            detail: `more than ${defaultLimits.bytes} bytes; no stream carries it, send less`,
            received: clock.now()
          }
        ])
      ).pipe(
        Effect.provide(quarantine(String(captured.outputs.quarantineBucketName)).pipe(Layer.provide(S3.layer))),
        Effect.provideService(Connection, stack.operator)
      )
    )
  try {
    let fed = 0
    const feedLine = async (line: string) => {
      if (deliver(stack, line) === "refused") {
        await keep(line)
        meter.counters.received++
        meter.counters.quarantined++
      }
      if (++fed % IN_FLIGHT === 0) await runUntil(clock, stack, () => stack.backlog().stream < IN_FLIGHT / 2)
    }
    if (!first.done) await feedLine(first.value)
    for await (const line of lines) await feedLine(line)
    await runUntil(clock, stack)
    // Events of the past move no watermark: the next heartbeat says that all is settled.
    const settled = clock.now() + HEARTBEAT_MS
    await runUntil(clock, stack, () => clock.now() >= settled && stack.quiet())
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
