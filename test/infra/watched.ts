import type { Watched } from "../../src/infra/metric.ts"

/** A stack with everything that an alarm or a chart is about, but for a second region. */
export const watched: Watched<string> = {
  stack: "prod",
  bus: "bus",
  rule: "rule",
  stream: "stream",
  ruleDlq: "rule-dlq",
  settle: "settle",
  settleDlq: "settle-dlq",
  redriveDlq: "redrive-dlq",
  replayMachine: "replay-machine",
  appendMapping: "uuid",
  functions: { append: "append-fn", project: "project-fn", redrive: "redrive-fn", replay: "replay-fn" },
  logGroups: { append: "append-logs", project: "project-logs", redrive: "redrive-logs", replay: "replay-logs" },
  tables: { events: "events-table", "agents-v2": "agents-table" }
}
