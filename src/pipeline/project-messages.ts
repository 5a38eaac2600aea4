import { Effect, Result } from "effect"
import type { Delta } from "../domain/delta.ts"
import { addHistograms, emptyHistogram } from "../domain/histogram.ts"
import { decodeSettlement, type SettleMessage } from "../store/settle-queue.ts"
import { StoreError } from "../store/store-error.ts"
import { type ProjectReport, projectDeltas } from "./project.ts"
import { settledBy } from "./watermark.ts"

/**
 * What a batch of settle messages came to. `failed` lists the positions that must be delivered again. `through`: up to which event time
 * it has settled things (see `settledBy`), which a batch of which something failed does not say.
 */
export interface MessagesReport extends ProjectReport {
  readonly messages: number
  readonly failed: ReadonlyArray<number>
  readonly through?: number
}

interface Message extends SettleMessage {
  readonly at: number
}

const nothing: ProjectReport = {
  deltas: 0,
  rows: 0,
  unchanged: 0,
  revisions: 0,
  conflicts: 0,
  retired: 0,
  summaries: 0,
  parked: 0,
  inferredEnds: 0,
  settleLag: emptyHistogram
}

const add = (a: ProjectReport, b: ProjectReport): ProjectReport => ({
  deltas: a.deltas + b.deltas,
  rows: a.rows + b.rows,
  unchanged: a.unchanged + b.unchanged,
  revisions: a.revisions + b.revisions,
  conflicts: a.conflicts + b.conflicts,
  retired: a.retired + b.retired,
  summaries: a.summaries + b.summaries,
  parked: a.parked + b.parked,
  inferredEnds: a.inferredEnds + b.inferredEnds,
  settleLag: addHistograms(a.settleLag, b.settleLag)
})

/** A delta that code trips over fails its message like any other. Its name only: what a defect says could quote a value. */
const attempt = (deltas: ReadonlyArray<Delta>, mend: boolean) =>
  projectDeltas(deltas, mend).pipe(
    Effect.catchDefect((defect) => {
      const reason = defect instanceof Error ? defect.name : "defect"
      return new StoreError({ store: "projection store", operation: "project", reason, retryable: false })
    }),
    Effect.result
  )

/**
 * Projects the deltas of all messages of a batch as one. Should that fail, each message is tried by itself, so that a bad one
 * takes no neighbour with it; whatever was written before is merged again, which changes nothing. `mend`: one of them may have been received
 * before, by an invocation that crashed between two writes.
 */
export const projectMessages = Effect.fnUntraced(function* (bodies: ReadonlyArray<string>, mend: boolean) {
  const failed: Array<number> = []
  const messages: Array<Message> = []
  for (const [at, body] of bodies.entries()) {
    const decoded = Result.try(() => decodeSettlement(body))
    if (Result.isSuccess(decoded)) messages.push({ at, ...decoded.success })
    else {
      failed.push(at)
      yield* Effect.logWarning("a settle message is not one")
    }
  }
  const whole = yield* attempt(
    messages.flatMap(({ deltas }) => deltas),
    mend
  )
  let report: ProjectReport
  if (Result.isSuccess(whole)) report = whole.success
  else {
    yield* Effect.logWarning(whole.failure.message)
    report = nothing
    for (const { at, deltas } of messages) {
      const alone = messages.length === 1 ? whole : yield* attempt(deltas, true)
      if (Result.isSuccess(alone)) report = add(report, alone.success)
      else failed.push(at)
    }
  }
  const through = failed.length === 0 ? settledBy(messages) : undefined
  return {
    ...report,
    messages: bodies.length,
    failed: failed.sort((a, b) => a - b),
    ...(through === undefined ? {} : { through })
  } satisfies MessagesReport
})
