import type { Ending, Snapshot } from "../../wallboard/view/snapshot.ts"
import { census } from "./census.ts"
import { count, duration, type Line, lag, paint, rate, span, type Tone, wrap } from "./text.ts"

const lagText = ({ settleLag }: Snapshot): string =>
  settleLag === undefined ? "nothing has settled yet" : `p50 ${lag(settleLag.p50)} p99 ${lag(settleLag.p99)}`

const backlogText = ({ backlog }: Snapshot): string =>
  `${count(backlog.stream)} in the stream, ${count(backlog.settleQueue)} to settle`

const censusText = ({ agents }: Snapshot): string =>
  agents.length === 0
    ? "no agents yet"
    : census(agents)
        .map((part) => part.map(({ text }) => text).join(""))
        .join(", ")

const workText = ({ queues }: Snapshot): string => {
  const waiting = queues.flatMap((queue) => Object.values(queue.waiting)).reduce((sum, number) => sum + number, 0)
  const interacting = queues.reduce((sum, queue) => sum + queue.interacting, 0)
  const sum = (name: "alerting" | "wrapup") => queues.reduce((total, queue) => total + queue[name], 0)
  return `${count(waiting)} waiting, ${count(sum("alerting"))} alerting, ${count(interacting)} in conversation, ${count(sum("wrapup"))} in wrap-up`
}

/** One line for a log that nobody watches live, written once a second. */
export const plainLine = (snapshot: Snapshot): string => {
  const { run, counters } = snapshot
  const mishaps = (["duplicates", "conflicts", "quarantined", "unrouted", "late", "revisions"] as const)
    .filter((name) => counters[name] > 0)
    .map((name) => `, ${name} ${count(counters[name])}`)
    .join("")
  return [
    `${duration(run.elapsed)}  ${rate(counters.perSecond)} events/s`,
    `received ${count(counters.received)}, appended ${count(counters.appended)}${mishaps}`,
    `lag ${lagText(snapshot)}`,
    backlogText(snapshot),
    `agents: ${censusText(snapshot)}`,
    `queues: ${workText(snapshot)}`
  ].join(" | ")
}

const NAME_WIDTH = 14
const COUNT_WIDTH = 12
const STATES_WIDTH = 62

/** What the engine did to the functions' calls and to the functions, and the simulated centre to its events, in words. A kind that is not listed is shown by its name. */
const FAULTS: { readonly [kind: string]: string } = {
  stale: "reads that missed the last write",
  throttle: "calls refused for their rate",
  throttleEntry: "single entries of calls refused",
  loseAnswer: "answers lost after the work was done",
  slow: "answers delayed",
  partial: "answers cut short",
  crashes: "crashes of functions",
  timeouts: "functions out of time",
  lost: "events that were lost before anybody received them"
}

/** Where events are that append never accounted for; the other places hold what was received, or no events at all. */
const BESIDE_THE_BOOKS: ReadonlySet<string> = new Set(["feed-dlq", "failures", "quarantine/parked"])

/** The end of a run: what came in and where it went, and whether the books balance. Several lines, without a final line feed. */
export const summaryText = (snapshot: Snapshot, ending: Ending, colour: boolean): string => {
  const { run, counters, backlog } = snapshot
  const row = (name: string, value: Line): Line => [span(`  ${name.padEnd(NAME_WIDTH)}`, "dim"), ...value]
  const share = (value: number): string => {
    if (counters.received === 0 || value === 0) return ""
    const percent = (100 * value) / counters.received
    return percent < 0.05 ? "<0.1 %" : `${percent.toFixed(1)} %`
  }
  const figure = (name: string, value: number, tone: Tone = "plain", note = ""): Line =>
    row(name, [
      span(count(value).padStart(COUNT_WIDTH), value === 0 ? "dim" : tone),
      span(`${share(value).padStart(9)}   ${note}`.trimEnd(), "dim")
    ])

  const accounted = counters.appended + counters.duplicates + counters.conflicts + counters.quarantined
  const missing = counters.received - accounted
  const books: Line =
    missing === 0
      ? [span("balanced", "good"), span(": these four add up to what was received", "dim")]
      : backlog.stream > 0 && missing > 0
        ? [span(`${count(missing)} still on their way`, "warn")]
        : [span(`not balanced: received ${count(counters.received)}, accounted for ${count(accounted)}`, "bad")]

  const { sent, sentFor, parked, faults } = ending
  const beside = Object.entries(parked).some(([place, value]) => value > 0 && BESIDE_THE_BOOKS.has(place))
  const mean = sentFor === 0 ? 0 : (1_000 * sent) / sentFor
  /** One line for each that is not zero; none where all are. */
  const tally = (name: string, counts: { readonly [key: string]: number }, tone: Tone, words = (key: string) => key) =>
    Object.entries(counts)
      .filter(([, value]) => value > 0)
      .map(([key, value], i) =>
        row(i === 0 ? name : "", [span(count(value).padStart(COUNT_WIDTH), tone), span(`   ${words(key)}`, "dim")])
      )
  const states =
    snapshot.agents.length === 0 ? [[span("none seen")]] : wrap(census(snapshot.agents), ", ", STATES_WIDTH)
  const lines: ReadonlyArray<Line> = [
    [
      span(`${duration(sentFor)} on stack ${run.stack}`, "strong"),
      span(`: ${rate(mean)} events/s of ${run.rate} asked for, seed ${run.seed}`)
    ],
    [],
    row("received", [span(count(counters.received).padStart(COUNT_WIDTH), "strong")]),
    figure("appended", counters.appended, "good"),
    figure("duplicates", counters.duplicates),
    figure("conflicts", counters.conflicts, "bad", "same id, other content"),
    figure("quarantined", counters.quarantined, "warn", "kept raw, with the reason"),
    row("books", books),
    ...(beside ? [row("", [span("what is parked below was never received, and is not among them", "warn")])] : []),
    [],
    figure("unrouted", counters.unrouted, "plain", "stored; no projection folds them"),
    figure("late", counters.late, "warn", "arrived after the settle window"),
    figure("revisions", counters.revisions, "warn", "changed what was visible already"),
    row("settle lag", [span(lagText(snapshot), "strong")]),
    row("left behind", [span(backlogText(snapshot), backlog.stream + backlog.settleQueue > 0 ? "warn" : "plain")]),
    ...tally("parked", parked, "warn", (place) => `in ${place}, for people to look at`),
    ...tally("faults", faults, "plain", (kind) => FAULTS[kind] ?? kind),
    [],
    ...states.map((line, i) => row(i === 0 ? `agents ${count(snapshot.agents.length)}` : "", line)),
    row(`queues ${count(snapshot.queues.length)}`, [span(workText(snapshot))])
  ]
  return lines.map((line) => paint(line, colour)).join("\n")
}
