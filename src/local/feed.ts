import { virtualClock } from "aws-in-process/clock"
import { Effect, Layer } from "effect"
import { defaultLimits } from "../genesys/limits.ts"
import { quarantine } from "../store/aws/quarantine.ts"
import { S3 } from "../store/aws/s3.ts"
import { Connection } from "../store/connection.ts"
import { Quarantine } from "../store/quarantine.ts"
import type { StateDocument } from "../wallboard/document.ts"
import { captureDev } from "./capture-dev.ts"
import { type Counters, makeMeter } from "./counters.ts"
import { type LeftOut, makeLeftOut } from "./left-out.ts"
import { type Line, linesOf, WrongForm, wrongForm } from "./lines.ts"
import { deliver, SIMULATED_SOURCE, sourceOf, whyDropped } from "./partner.ts"
import { startStack } from "./stack.ts"
import { readState } from "./tables.ts"
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

type Accounted = Pick<Counters, "received" | "appended" | "duplicates" | "conflicts" | "quarantined" | "unrouted">

/**
 * What became of a file of events. `received` is what append was given; `droppedByRule` never came so far. `leftOut` names the lines that were not
 * appended, or of which a table cannot hold everything, and `parked` counts what was given up and waits for people, by place.
 */
export interface FeedResult {
  readonly document: { readonly events: Accounted & { readonly droppedByRule: number } } & StateDocument
  readonly leftOut: ReadonlyArray<LeftOut>
  readonly parked: Readonly<Record<string, number>>
}

/** Lines that are under way at a time: enough for full batches, and a bound on memory. */
const IN_FLIGHT = 20_000

/** After so long a heartbeat of a quiet stack has been folded: it beats once a minute, and then the settle window passes. */
const HEARTBEAT_MS = 90_000

/** The lines up to the first that names a partner, which is the source that the rule of this run takes. */
const readAhead = async (file: string, lines: AsyncGenerator<Line>) => {
  const ahead: Array<Line> = []
  while (ahead.length < IN_FLIGHT) {
    const { done, value } = await lines.next()
    if (done) break
    const wrong = ahead.length === 0 ? wrongForm(value) : undefined
    if (wrong !== undefined) throw new WrongForm({ message: `--events: ${file} ${wrong}` })
    ahead.push(value)
    const source = sourceOf(value.text)
    if (source !== undefined) return { ahead, source }
  }
  return { ahead, source: SIMULATED_SOURCE }
}

/**
 * Feeds a file of envelopes, one per line, through the bus, the stream and both functions in the file's order, on engine time that
 * runs as fast as the machine. Returns what became of the lines, and what stands in the tables when everything has settled. Rejects with
 * `WrongForm`.
 */
export const feed = async (options: FeedOptions): Promise<FeedResult> => {
  const { file, now, seed, chaos, path } = options
  const lines = linesOf(file)
  const { ahead, source } = await readAhead(file, lines)
  const captured = await captureDev({ genesysEventSource: source })
  const bucket = String(captured.outputs.quarantineBucketName)
  const clock = virtualClock(now)
  const meter = makeMeter()
  const stack = await startStack({ captured, clock, seed, chaos, path, bulk: true, onLog: meter.read })
  const leftOut = makeLeftOut(() => [
    ...stack.s3.listAll(bucket, "quarantine/"),
    ...stack.s3.listAll(bucket, "parked/append/")
  ])
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
        Effect.provide(quarantine(bucket).pipe(Layer.provide(S3.layer))),
        Effect.provideService(Connection, stack.operator)
      )
    )
  try {
    let fed = 0
    const feedLine = async (line: Line) => {
      const way = deliver(stack, line.text)
      if (way === "dropped") {
        leftOut.drop(line, whyDropped(line.text, source))
        return
      }
      leftOut.fed(line)
      if (way === "refused") {
        await keep(line.text)
        meter.counters.received++
        meter.counters.quarantined++
      }
      if (++fed % IN_FLIGHT === 0) await runUntil(clock, stack, () => stack.backlog().stream < IN_FLIGHT / 2)
    }
    for (const line of ahead) await feedLine(line)
    for await (const line of lines) await feedLine(line)
    await runUntil(clock, stack)
    // Events of the past move no watermark: the next heartbeat says that all is settled.
    const settled = clock.now() + HEARTBEAT_MS
    await runUntil(clock, stack, () => clock.now() >= settled && stack.quiet())
    const { received, appended, duplicates, conflicts, quarantined, unrouted } = meter.counters
    const events = { received, appended, duplicates, conflicts, quarantined, unrouted }
    return {
      document: {
        events: { ...events, droppedByRule: leftOut.dropped() },
        ...(await readState(captured, stack))
      },
      leftOut: leftOut.all(),
      parked: stack.parked()
    }
  } finally {
    await stack.stop()
  }
}
