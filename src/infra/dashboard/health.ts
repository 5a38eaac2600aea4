import {
  type Metric,
  ofFunction,
  ofMapping,
  ofQueue,
  ofReplication,
  ofRule,
  ofStream,
  ofTable,
  own,
  type Watched
} from "../metric.ts"
import type { Line, Section } from "./chart.ts"

const line = (label: string, metric: Metric<string>): Line => ({ label, metric })

const each = (resources: Readonly<Record<string, string>>, metric: (resource: string) => Metric<string>) =>
  Object.entries(resources).map(([name, resource]) => line(name, metric(resource)))

export const flowSection = (on: Watched<string>): Section => ({
  question: "Is it flowing?",
  reading: "What goes in on the left must come out on the right: matched, put, received, finished, folded.",
  charts: [
    {
      title: "Bus to stream",
      lines: [
        line("matched", ofRule(on, "MatchedEvents")),
        line("put into the stream", ofStream(on.stream, "IncomingRecords")),
        line("given up", ofRule(on, "FailedInvocations"))
      ]
    },
    {
      title: "Append",
      lines: [
        line("received", own(on, "append", "received")),
        line("appended", own(on, "append", "appended")),
        line("duplicates", own(on, "append", "duplicates")),
        line("quarantined", own(on, "append", "quarantined")),
        line("done with", own(on, "append", "progress"))
      ]
    },
    {
      title: "Project",
      lines: [
        line("messages sent", ofQueue(on.settle, "NumberOfMessagesSent")),
        line("received", own(on, "project", "received")),
        line("done with", own(on, "project", "progress"))
      ]
    }
  ]
})

export const lateSection = (
  on: Watched<string>,
  promises: {
    readonly settleWindowSeconds: number
    readonly streamRetentionHours: number
    /** When the alarms of these functions ring. */
    readonly slowMs: { readonly append: number; readonly project: number }
  }
): Section => {
  // Invocations of replay, reconcile, archive and audit last for minutes on purpose, and would hide the others.
  const { replay: _, reconcile: __, archive: ___, audit: ____, ...live } = on.functions
  return {
    question: "Is it late?",
    reading: "An update is visible soon after its settle window. Ages grow where something waits.",
    charts: [
      {
        title: "Event time to visible",
        unit: "ms",
        lines: [
          line("half", own(on, "project", "settleLag", "p50")),
          line("19 of 20", own(on, "project", "settleLag", "p95")),
          line("worst", own(on, "project", "settleLag", "Maximum"))
        ],
        marks: [{ label: "settle window", value: promises.settleWindowSeconds * 1_000 }]
      },
      {
        title: "Publication to stored",
        unit: "ms",
        lines: [
          line("half", own(on, "append", "eventLag", "p50")),
          line("19 of 20", own(on, "append", "eventLag", "p95"))
        ]
      },
      {
        title: "What waits",
        unit: "s",
        lines: [
          { ...line("stream", ofFunction(on.functions.append, "IteratorAge", "Maximum")), id: "age", hidden: true },
          { label: "stream", expression: "age / 1000" },
          line("settle queue", ofQueue(on.settle, "ApproximateAgeOfOldestMessage", "Maximum"))
        ]
      },
      {
        title: "Invocations, 19 of 20",
        unit: "ms",
        lines: each(live, (fn) => ofFunction(fn, "Duration", "p95")),
        marks: [
          { label: "alarm of append", value: promises.slowMs.append },
          { label: "alarm of project", value: promises.slowMs.project }
        ]
      },
      {
        title: "Late and ahead",
        lines: [
          line("late events", own(on, "append", "late")),
          line("clocks ahead", own(on, "append", "future")),
          line("revisions", own(on, "project", "revisions")),
          line("inferred ends", own(on, "project", "inferredEnds"))
        ]
      },
      {
        title: "Refused and retried",
        lines: [
          ...each(on.tables, (table) => ofTable(table, "WriteThrottleEvents")),
          ...each(on.functions, (fn) => ofFunction(fn, "Throttles")),
          line("stream", ofStream(on.stream, "WriteProvisionedThroughputExceeded")),
          line("retries of append", own(on, "append", "retries"))
        ]
      },
      ...(on.copy === undefined
        ? []
        : [
            {
              title: "Copies to the second region",
              unit: "ms",
              lines: [line("19 of 20", ofRule(on.copy, "IngestionToInvocationSuccessLatency", "p95"))]
            }
          ])
    ]
  }
}

export const parkedSection = (on: Watched<string>): Section => ({
  question: "Is something parked?",
  reading: "All of these are zero on a good day. docs/operations.md says what each means and what brings it back.",
  charts: [
    {
      title: "Dead letters",
      lines: [
        line("rule", ofQueue(on.ruleDlq, "ApproximateNumberOfMessagesVisible", "Maximum")),
        line("settle", ofQueue(on.settleDlq, "ApproximateNumberOfMessagesVisible", "Maximum"))
      ]
    },
    {
      title: "Quarantine and failures",
      lines: [
        line("quarantined", own(on, "append", "quarantined")),
        line("conflicts", own(on, "append", "conflicts")),
        line("records given up", ofMapping(on.appendMapping, "OnFailureDestinationDeliveredEventCount")),
        line("records lost", ofMapping(on.appendMapping, "DroppedEventCount"))
      ]
    },
    {
      title: "Redrive",
      lines: [
        line("brought back", own(on, "redrive", "redriven")),
        line("parked", own(on, "redrive", "parked")),
        line("breaker not closed", own(on, "redrive", "breakerOpen", "Maximum"))
      ]
    },
    {
      title: "Unknown to this version",
      lines: [
        line("topics", own(on, "append", "unknownTopics")),
        line("fields", own(on, "append", "unknownFields")),
        line("values", own(on, "append", "unknownValues")),
        line("unrouted", own(on, "append", "unrouted"))
      ]
    },
    {
      title: "Failed invocations",
      lines: each(on.functions, (fn) => ofFunction(fn, "Errors"))
    }
  ]
})

const copyCharts = (copy: NonNullable<Watched<string>["archiveCopy"]>) => [
  {
    title: "The copy in the other account",
    lines: [
      line("failed", ofReplication(copy, "OperationsFailedReplication")),
      line("seconds behind", ofReplication(copy, "ReplicationLatency", "Maximum"))
    ]
  }
]

/** Nothing where events stay in the table for ever. */
export const archiveSection = (on: Watched<string>): ReadonlyArray<Section> =>
  on.functions.archive === undefined
    ? []
    : [
        {
          question: "Is what is old archived?",
          reading:
            "Ages below a day and below eight days: each week is archived when it is over, and confirmed a week later.",
          charts: [
            {
              title: "Since the end of the oldest week that is not",
              unit: "ms",
              lines: [
                line("archived", own(on, "archive", "archiveAge", "Maximum")),
                line("confirmed", own(on, "archive", "confirmAge", "Maximum"))
              ]
            },
            {
              title: "Not as the event table has it",
              lines: [
                line("hours", own(on, "archive", "suspects", "Maximum")),
                line("events", own(on, "archive", "missing", "Maximum"))
              ]
            },
            ...(on.archiveCopy === undefined ? [] : copyCharts(on.archiveCopy))
          ]
        }
      ]

const sweepCharts = (on: Watched<string>) => [
  { title: "Corrected by a sweep", lines: [line("facts", own(on, "reconcile", "corrected", "Maximum"))] },
  {
    title: "Since the last whole sweep began",
    unit: "ms",
    lines: [line("age", own(on, "reconcile", "sweepAge", "Maximum"))]
  },
  {
    title: "Sweeps",
    lines: [
      line("requests", own(on, "reconcile", "requests")),
      line("events sent", own(on, "reconcile", "stated")),
      line("sessions closed", own(on, "reconcile", "closed")),
      line("closings refused", own(on, "reconcile", "closingsRefused"))
    ]
  }
]

const auditCharts = (on: Watched<string>) => [
  { title: "Not what the events say", lines: [line("found", own(on, "audit", "discrepancies", "Maximum"))] },
  { title: "Audited", lines: [line("rows, events and entries", own(on, "audit", "audited"))] }
]

/** Nothing where the stack neither sweeps the Genesys Cloud API nor audits itself. */
export const trueSection = (on: Watched<string>): ReadonlyArray<Section> => {
  const { reconcile, audit } = on.functions
  if (reconcile === undefined && audit === undefined) return []
  const readings = [
    ...(reconcile === undefined
      ? []
      : ["What sweeps of the Genesys Cloud API had to correct is what events did not tell: zero on a good day."]),
    ...(audit === undefined ? [] : ["What an audit found is what rows do not have right: zero on every day."])
  ]
  return [
    {
      question: "Is it true?",
      reading: readings.join(" "),
      charts: [...(reconcile === undefined ? [] : sweepCharts(on)), ...(audit === undefined ? [] : auditCharts(on))]
    }
  ]
}
