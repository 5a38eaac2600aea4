import type { Alarm } from "./alarm.ts"

/** Alarms that tell of one incident together. */
export interface Incident {
  /** What has happened, as one sentence. */
  readonly says: string
  /** The sections of docs/operations.md whose alarms belong to it. */
  readonly sections: ReadonlyArray<string>
  /** The incident that this one is a consequence of: nobody is told of it while that one lasts. */
  readonly after?: string
}

/** By name. Something that goes on for days must not hide what is worse, so these are apart by how bad they are. */
export const incidents: Readonly<Record<string, Incident>> = {
  lost: {
    says: "Events are being lost, or will be soon.",
    sections: ["delivery-lost", "records-lost", "stream-expiring", "events-lost"]
  },
  stopped: {
    says: "Something on the way of an event has stopped or fails.",
    sections: [
      "source-silent",
      "delivery-failed",
      "append-stalled",
      "project-stalled",
      "copy-failed",
      "function-errors",
      "records-given-up"
    ]
  },
  slow: {
    says: "Updates are late, or capacity is short.",
    after: "stopped",
    sections: [
      "iterator-age",
      "settle-backlog",
      "settle-lag",
      "function-slow",
      "copy-latency",
      "function-throttles",
      "table-throttles",
      "stream-throttles",
      "retry-storm"
    ]
  },
  parked: {
    says: "Something has left the way of an event and waits to be brought back.",
    sections: [
      "rule-dlq-depth",
      "rule-dlq-age",
      "copy-dlq-depth",
      "settle-dlq-depth",
      "settle-dlq-age",
      "redrive-dlq-depth",
      "reconcile-dlq-depth",
      "audit-dlq-depth",
      "quarantined",
      "quarantine-rate",
      "conflicts",
      "parked",
      "parked-updates",
      "breaker-open"
    ]
  },
  drift: {
    says: "Genesys Cloud sends something else than before.",
    sections: ["new-topic", "schema-drift", "late-events", "future-clocks"]
  },
  reconcile: {
    says: "The projections are not compared with Genesys Cloud, or what it answers is not believed.",
    sections: ["reconcile-late", "closings-refused"]
  },
  archive: {
    says: "Old events are not archived as they should be, and stay in the event table.",
    sections: ["archive-late", "archive-unconfirmed", "archive-gap", "archive-dlq-depth"]
  },
  "archive-copy": {
    says: "The copy of the archive in another account is not whole.",
    sections: ["archive-copy-failed", "archive-copy-late"]
  },
  untrue: {
    says: "Rows are not what the events say.",
    sections: ["rows-differ"]
  },
  replay: {
    says: "A replay does not go on to its end.",
    sections: ["replay-failed", "replay-stuck"]
  }
}

/** The sections that a stack with `alarms: essential` has: something is lost, has stopped, or waits for a person. */
const essential: ReadonlySet<string> = new Set([
  "delivery-lost",
  "records-lost",
  "stream-expiring",
  "source-silent",
  "append-stalled",
  "project-stalled",
  "function-errors",
  "records-given-up",
  "rule-dlq-depth",
  "copy-dlq-depth",
  "settle-dlq-depth",
  "redrive-dlq-depth",
  "reconcile-dlq-depth",
  "archive-unconfirmed",
  "archive-dlq-depth",
  "archive-copy-failed",
  "events-lost",
  "reconcile-late",
  "closings-refused",
  "rows-differ",
  "quarantined",
  "parked",
  "parked-updates",
  "replay-failed"
])

export const isEssential = ({ section }: Alarm): boolean => essential.has(section)
