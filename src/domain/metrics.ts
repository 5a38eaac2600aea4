/** The namespace of the stack's own metrics in CloudWatch. */
export const METRIC_NAMESPACE = "GenesysProjections"

/** The dimensions of every metric: the stack (what its names begin with, as in the output `prefix`), and the function that counted (`append`, `project`, `redrive`, `replay`, `reconcile`, `archive`, `audit`). */
export const METRIC_DIMENSIONS = ["stack", "function"] as const

/** What the stack measures about itself, and in which unit. All are sums over a batch, apart from the lags, the age and the breaker. */
export const metricUnits = {
  /** Records or messages that an invocation was handed. */
  received: "Count",
  /** Those that it was done with. Moves while `received` moves, unless something is stuck. */
  progress: "Count",
  appended: "Count",
  duplicates: "Count",
  conflicts: "Count",
  quarantined: "Count",
  unrouted: "Count",
  late: "Count",
  future: "Count",
  revisions: "Count",
  /** Rows that were closed although no event ended them. */
  inferredEnds: "Count",
  /** Calls, and items within calls, that a service refused for want of capacity. */
  throttles: "Count",
  /** Calls, and items within calls, that were tried again for whatever reason. */
  retries: "Count",
  unknownTopics: "Count",
  unknownFields: "Count",
  unknownValues: "Count",
  redriven: "Count",
  parked: "Count",
  /** Requests to the Genesys Cloud API. */
  requests: "Count",
  /** What a sweep of the API told the projections, in events. */
  stated: "Count",
  /** Sessions and waits that a sweep ended. */
  closed: "Count",
  /** Of a whole sweep: what it told that events should have told. */
  corrected: "Count",
  /** Of a whole sweep: what it found missing and has not closed, because so much of one kind is not believed. */
  closingsRefused: "Count",
  /** Rows, events and entries of the index by entity that an audit looked at. */
  audited: "Count",
  /** What is known not to be what the events say. */
  discrepancies: "Count",
  /** Since the last whole sweep began. */
  sweepAge: "Milliseconds",
  /** Hours of a week in which the archive is not as the event table has it. */
  suspects: "Count",
  /** Events that the archive lacked, and has now. */
  missing: "Count",
  /** Since the end of the first week that is not archived, and not confirmed; 0: none is late. */
  archiveAge: "Milliseconds",
  confirmAge: "Milliseconds",
  /** From event time to visible in a projection, of timely updates. */
  settleLag: "Milliseconds",
  /** From publication to stored. */
  eventLag: "Milliseconds",
  /** 1 while the circuit breaker is not closed. */
  breakerOpen: "None"
} as const

export type MetricName = keyof typeof metricUnits

/** Which function measures what. */
export const metricsOf = {
  append: [
    "received",
    "progress",
    "appended",
    "duplicates",
    "conflicts",
    "quarantined",
    "unrouted",
    "late",
    "future",
    "parked",
    "throttles",
    "retries",
    "unknownTopics",
    "unknownFields",
    "unknownValues",
    "eventLag"
  ],
  project: ["received", "progress", "revisions", "inferredEnds", "parked", "throttles", "retries", "settleLag"],
  redrive: ["received", "progress", "redriven", "parked", "throttles", "retries", "breakerOpen"],
  replay: ["progress", "parked", "throttles", "retries"],
  archive: ["suspects", "missing", "throttles", "retries", "archiveAge", "confirmAge"],
  audit: ["audited", "discrepancies", "throttles", "retries"],
  reconcile: ["requests", "stated", "closed", "corrected", "closingsRefused", "throttles", "retries", "sweepAge"]
} as const satisfies Readonly<Record<string, ReadonlyArray<MetricName>>>

export type MeasuringFunction = keyof typeof metricsOf

/**
 * Metrics that are also counted by kind: quarantined by reason, the unknown by topic, what was corrected by facet. A dimension would take a line of its own for
 * each of its values, so the kind is in the name, and only kinds that the code knows have one.
 */
export const metricsByKind: ReadonlyArray<MetricName> = ["quarantined", "unknownFields", "unknownValues", "corrected"]

/** `quarantinedNotJson`; `unknownFieldsUsersActivity` for `v2.users.{id}.activity`. */
export const metricOfKind = (metric: MetricName, kind: string): string =>
  metric +
  kind
    .split(/[^A-Za-z]+/)
    .filter((word) => word !== "" && word !== "v" && word !== "id")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("")
