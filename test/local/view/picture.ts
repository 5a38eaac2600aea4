import type { AgentLine, Ending, QueueLine, Snapshot } from "../../../src/wallboard/view/snapshot.ts"

const now = Date.parse("2026-05-06T10:00:00.000Z")

const states = ["On Queue", "Interacting", "Break", "Not Responding", "Offline", "Unknown", "Available", "Pondering"]

const id = (number: number) => `${(0xa0000000 + number).toString(16)}-0000-4000-8000-000000000000`

export const agents = (count: number): ReadonlyArray<AgentLine> =>
  Array.from({ length: count }, (_, i) => {
    const state = states[i % states.length]!
    const known = { since: now - (i + 1) * 7_000, presence: "ON_QUEUE", routingStatus: "IDLE" }
    return { agentId: id(i), state, sessions: i % 3, alerting: 0, wrapup: i % 2, ...(state === "Unknown" ? {} : known) }
  })

export const queues = (count: number): ReadonlyArray<QueueLine> =>
  Array.from({ length: count }, (_, i) => {
    const queue = { queueId: id(i), members: 12, alerting: 1, interacting: i, wrapup: 2 }
    return i % 2 === 0
      ? { ...queue, waiting: { VOICE: 2, CHAT: 1 }, oldestWaitingSince: now - 1_000 * (i + 1) }
      : { ...queue, waiting: {} }
  })

export const snapshot = (changes: Partial<Snapshot> = {}): Snapshot => ({
  run: { now, elapsed: 192_000, rate: 100, seed: 7, stack: "dev" },
  counters: {
    received: 19_200,
    appended: 19_000,
    duplicates: 150,
    conflicts: 1,
    quarantined: 49,
    unrouted: 12,
    late: 3,
    revisions: 2,
    perSecond: 99.84
  },
  settleLag: { p50: 5_120, p99: 6_080 },
  backlog: { stream: 4, settleQueue: 17 },
  agents: agents(24),
  queues: queues(5),
  ...changes
})

export const ending = (changes: Partial<Ending> = {}): Ending => ({
  sent: 19_104,
  sentFor: 191_000,
  parked: { "feed-dlq": 0, failures: 0 },
  faults: { throttle: 0, slow: 0 },
  ...changes
})
