import type { QueueLine } from "./snapshot.ts"

/** A customer who waits longer than this, ms, deserves a look, and longer than that one, help. */
export const LONG_WAIT = [30_000, 120_000] as const

export const waitingOf = ({ waiting }: QueueLine): number =>
  Object.values(waiting).reduce((sum, number) => sum + number, 0)

/** Where somebody waits, the longest first; then the busiest. */
export const byNeed = (a: QueueLine, b: QueueLine): number =>
  (a.oldestWaitingSince ?? Number.POSITIVE_INFINITY) - (b.oldestWaitingSince ?? Number.POSITIVE_INFINITY) ||
  b.interacting - a.interacting ||
  (a.queueId < b.queueId ? -1 : 1)

export const byId = (a: QueueLine, b: QueueLine): number => (a.queueId < b.queueId ? -1 : 1)
