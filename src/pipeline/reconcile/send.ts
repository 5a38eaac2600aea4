import { createHash } from "node:crypto"
import { Effect } from "effect"
import { type Statement, snapshotEvent } from "../../genesys/snapshot.ts"
import { StreamSink } from "../../store/hand-over.ts"
import { partitionKeyOf } from "../../store/partition-key.ts"
import { StoreError } from "../../store/store-error.ts"

/** 132 bits: an id is written into every row that its event sets, and no two statements share it by chance. */
const hash = (text: string): string => createHash("sha256").update(text).digest("base64url").slice(0, 22)

/** Puts statements on the stream, as the rule puts events there. Fails where the stream does not take all: the page is then done again. */
export const sendStatements = Effect.fnUntraced(function* (statements: ReadonlyArray<Statement>) {
  if (statements.length === 0) return
  const { put } = yield* StreamSink
  const records = statements.map((statement) => {
    const body = JSON.stringify(snapshotEvent(statement, hash))
    return { key: partitionKeyOf(body) ?? "", data: Buffer.from(body) }
  })
  const outcomes = yield* put(records)
  const missed = outcomes.find((outcome) => outcome._tag !== "accepted")
  if (missed !== undefined)
    return yield* new StoreError({
      store: "stream",
      operation: "put",
      reason: missed.reason,
      retryable: missed._tag === "unavailable"
    })
})
