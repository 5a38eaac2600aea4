import type { QueueLine } from "./snapshot.ts"

export const waitingOf = ({ waiting }: Pick<QueueLine, "waiting">): number =>
  Object.values(waiting).reduce((sum, number) => sum + number, 0)

/** Where somebody waits, the longest first; then the busiest. */
export const byNeed = (a: QueueLine, b: QueueLine): number =>
  (a.oldestWaitingSince ?? Number.POSITIVE_INFINITY) - (b.oldestWaitingSince ?? Number.POSITIVE_INFINITY) ||
  b.interacting - a.interacting ||
  (a.queueId < b.queueId ? -1 : 1)

export const byId = (a: QueueLine, b: QueueLine): number => (a.queueId < b.queueId ? -1 : 1)
