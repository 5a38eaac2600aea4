import { Data, Effect } from "effect"
import { canonical, type Json } from "../../domain/json.ts"
import { utf8Bytes } from "../../domain/writable.ts"
import { Control } from "../../store/control.ts"
import { type Discrepancy, discrepancyKey } from "./discrepancy.ts"

/** A discrepancy, and when it was first seen (epoch ms). */
export interface Seen extends Discrepancy {
  readonly seen: number
}

/** What audits have looked at. `readUnits` are DynamoDB's. */
export interface AuditCounts {
  readonly rows: number
  readonly events: number
  readonly entries: number
  readonly readUnits: number
}

/** Where the audit of one table is: from `cursor` on, absent at its beginning, and how often it has been through the whole of it. */
export interface Position {
  readonly cursor?: string
  readonly rounds: number
}

/**
 * What is remembered of audits. Times are epoch ms: `began` is the first audit, `at` the last one. `balance`: read units that may still be
 * spent, negative where the last audit took more than it had. `indexedSince`: from when on the index by entity is known to be there. `suspects` are
 * to be looked at again; `found` are not what the events say. Both hold the first of them only, where `more` says so. `counts` are of all
 * audits together.
 */
export interface AuditCheckpoint {
  readonly began: number
  readonly at: number
  readonly balance: number
  readonly indexedSince?: number
  readonly positions: { readonly [table: string]: Position }
  readonly counts: AuditCounts
  readonly suspects: ReadonlyArray<Seen>
  readonly found: ReadonlyArray<Seen>
  readonly more: boolean
}

/** Under which key of the control table the checkpoint is. */
export const AUDIT_KEY = "audit"

/** Discrepancies that a list names, and bytes that they take: the checkpoint is an item of at most 400 KB. */
const MAX_NAMED = 200
const MAX_NAMED_BYTES = 150_000

export const noAuditCounts: AuditCounts = { rows: 0, events: 0, entries: 0, readUnits: 0 }

export const addAuditCounts = (a: AuditCounts, b: Partial<AuditCounts>): AuditCounts => ({
  rows: a.rows + (b.rows ?? 0),
  events: a.events + (b.events ?? 0),
  entries: a.entries + (b.entries ?? 0),
  readUnits: a.readUnits + (b.readUnits ?? 0)
})

/** A list with others after it, each once, as far as a checkpoint holds them; and whether it holds all. */
export const named = (held: ReadonlyArray<Seen>, others: ReadonlyArray<Seen>) => {
  const all = new Map<string, Seen>()
  for (const one of [...held, ...others]) {
    const key = discrepancyKey(one)
    all.set(key, { ...one, seen: Math.min(one.seen, all.get(key)?.seen ?? one.seen) })
  }
  const kept: Array<Seen> = []
  let bytes = 0
  for (const one of all.values()) {
    bytes += utf8Bytes(JSON.stringify(one))
    if (kept.length === MAX_NAMED || bytes > MAX_NAMED_BYTES) return { kept, more: true }
    kept.push(one)
  }
  return { kept, more: false }
}

/** Somebody else has written the checkpoint since: what this audit found is found again. */
export class AuditOvertaken extends Data.TaggedError("AuditOvertaken") {}

/** What is remembered of audits, undefined before the first, with the version of the item. */
export const readAudit = Effect.gen(function* () {
  const { value, version } = yield* (yield* Control).read(AUDIT_KEY)
  // Nobody else writes this key.
  return { checkpoint: (value ?? undefined) as AuditCheckpoint | undefined, version }
})

/** Writes it over a version. Fails with `AuditOvertaken` where that is not the version any more. */
export const writeAudit = Effect.fnUntraced(function* (checkpoint: AuditCheckpoint, version: number) {
  const control = yield* Control
  const value = JSON.parse(JSON.stringify(checkpoint)) as Json
  if ((yield* control.write(AUDIT_KEY, value, version)) === "written") return
  // After a lost answer the conflict is with one's own write.
  const held = yield* control.read(AUDIT_KEY)
  if (canonical(held.value ?? null) !== canonical(value)) return yield* new AuditOvertaken()
})
