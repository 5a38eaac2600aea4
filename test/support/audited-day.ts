import { Effect } from "effect"
import { audit } from "../../src/pipeline/audit/audit.ts"
import type { Seen } from "../../src/pipeline/audit/checkpoint.ts"
import { type AuditBounds, AuditLimits } from "../../src/pipeline/audit/settings.ts"
import { type Core, makeCore } from "./core.ts"
import { arrivalsOf, historyOf, START } from "./history.ts"

const HOUR = 3_600_000
const END = Date.UTC(2030, 0)

/** A core with an index by entity that has folded the beginning of a simulated day, three hours after its last event. */
export const makeDay = async (
  options: { readonly seed?: number; readonly chaos?: number; readonly count?: number } = {}
) => {
  const { seed = 1, chaos = 0, count = 300 } = options
  const core = makeCore({ index: (inner) => inner })
  // The index was there before the first event.
  await auditOnce(core)
  const history = arrivalsOf(historyOf(count, { seed, chaos }))
  await core.deliver(history)
  core.clock.advanceTo(Math.max(START, ...history.map(({ received }) => received)) + 60_000)
  await core.settle(core.queue.take(END))
  core.clock.advanceTo(core.clock.now() + 3 * HOUR)
  return core
}

/** One audit that goes through all tables, whatever that costs. */
export const auditOnce = (core: Core, bounds: Partial<AuditBounds> = {}) =>
  core.run(Effect.provideService(audit, AuditLimits, { ...GENEROUS, ...bounds }))

export const GENEROUS = {
  settledMs: 2 * HOUR,
  confirmMs: 600_000,
  readUnitsPerSecond: 1_000_000,
  eventsKeptMs: Number.POSITIVE_INFINITY
}

/** What two audits find, a quarter of an hour apart: what the first sees the second confirms. */
export const auditTwice = async (core: Core, bounds: Partial<AuditBounds> = {}): Promise<ReadonlyArray<Seen>> => {
  await auditOnce(core, bounds)
  core.clock.advanceTo(core.clock.now() + 900_000)
  return (await auditOnce(core, bounds)).checkpoint?.found ?? []
}
