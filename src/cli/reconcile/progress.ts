import { iso } from "../../domain/stamp.ts"
import {
  type ByFacet,
  type Checkpoint,
  type Reconciled,
  type Refused,
  type Sweep,
  totalOf
} from "../../pipeline/reconcile/checkpoint.ts"
import { number } from "../screen.ts"

const count = (of: number, one: string, many = `${one}s`): string => `${number(of)} ${of === 1 ? one : many}`

/** `presence 2, member 1`: the most first. */
const byFacet = (counts: ByFacet): string =>
  Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([facet, times]) => `${facet} ${number(times)}`)
    .join(", ")

/** How long a sweep took: `16 seconds`, `17 minutes`. */
export const durationText = (ms: number): string =>
  ms < 120_000 ? count(Math.max(1, Math.round(ms / 1_000)), "second") : count(Math.round(ms / 60_000), "minute")

const lastText = ({ began, ended, counts }: Reconciled): string => {
  const corrected = totalOf(counts.corrected)
  const facets = corrected === 0 ? "" : ` (${byFacet(counts.corrected)})`
  return (
    `last reconciled ${iso(began)} in ${durationText(ended - began)}: ${count(counts.agents, "agent")}, ` +
    `${count(counts.queues, "queue")}, ${count(corrected, "fact")} corrected${facets}, ` +
    `${count(counts.closed, "session")} closed, ${count(counts.requests, "request")}`
  )
}

const kinds: Readonly<Record<string, string>> = {
  session: "sessions of agents",
  wait: "waits in queues",
  member: "members of queues"
}

const refusedText = ({ kind, missing, known }: Refused): string =>
  `it closed nothing: ${number(missing)} of ${number(known)} ${kinds[kind] ?? kind} that the rows have are in no answer, which is too much ` +
  "to believe. Does the OAuth client see all divisions? If they are over indeed, give npx projections reconcile --accept-missing"

const doing: Readonly<Record<Sweep["phase"], string>> = {
  agents: "agents",
  queues: "queues",
  inactive: "users who were deactivated",
  deleted: "users who were deleted",
  presences: "names of presences",
  wrapupCodes: "names of wrap-up codes",
  divisions: "names of divisions",
  missing: "what no answer has listed"
}

const done = ({ phase, counts, totals }: Sweep): string => {
  if (phase !== "agents" && phase !== "queues") return ""
  const total = totals[phase]
  return total === undefined ? `, ${number(counts[phase])}` : `, ${number(counts[phase])} of ${number(total)}`
}

/** What is known of sweeps, in a line or some. */
export const sweepLines = ({ sweep, last, wanted, failure }: Checkpoint): ReadonlyArray<string> => [
  last === undefined ? "never reconciled" : lastText(last),
  ...(last?.refused === undefined ? [] : [refusedText(last.refused)]),
  ...(sweep === undefined
    ? []
    : [`a sweep is under way since ${iso(sweep.began)}: ${doing[sweep.phase]}${done(sweep)}`]),
  ...(wanted === undefined
    ? []
    : [`a sweep was asked for at ${iso(wanted.at)} by ${wanted.by}: it begins within a minute`]),
  ...(failure === undefined ? [] : [`it gave up at ${iso(failure.at)}, and tries again: ${failure.message}`])
]
