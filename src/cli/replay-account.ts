import { addCounts, dollarsOf, noCounts, type ReplayCounts } from "../pipeline/replay/budget.ts"
import type { Difference, ReplayPlan } from "../pipeline/replay/plan.ts"
import type { Checkpoint } from "../pipeline/replay/record.ts"
import { dollars, number } from "./cost.ts"

/** All segments together. `state`: `done`, or what the first is that is not. */
export interface Account {
  readonly state: Checkpoint["state"]
  readonly counts: ReplayCounts
  readonly dollars: number
  readonly differences: ReadonlyArray<Difference>
}

export const accountOf = (segments: Iterable<Pick<Checkpoint, "state" | "counts" | "differences">>): Account => {
  const all = [...segments]
  const counts = all.reduce((sum, segment) => addCounts(sum, segment.counts), noCounts)
  return {
    state: all.find(({ state }) => state !== "done")?.state ?? "done",
    counts,
    dollars: dollarsOf(counts),
    differences: all.flatMap(({ differences }) => differences)
  }
}

export const whyStopped: Readonly<Record<Exclude<Account["state"], "done">, string>> = {
  budget: "the budget is spent: give more of it, with the same --id",
  deadline: "time was up: the same --id goes on",
  running: "not all of it was begun: the same --id goes on",
  stopped: "it was asked to stop: the same --id goes on"
}

/** What to do about an event that a fold refuses; `refused` is what it says of it. */
export const refusalText = (refused: string): string => `${refused} with --park; the same --id goes on`

export const resultText = (
  { counts, dollars: price }: Account,
  { write, generation }: ReplayPlan
): ReadonlyArray<string> => [
  `${number(counts.scanned)} events read, ${number(counts.folded)} of them folded${counts.parked > 0 ? `, ${number(counts.parked)} parked` : ""}`,
  write
    ? `${number(counts.rows)} rows and ${number(counts.summaries)} summaries written to ${generation}`
    : `${number(counts.rows)} rows of ${generation} compared: ${counts.differences === 0 ? "all as the store says" : `${number(counts.differences)} differ`}${counts.unsettled > 0 ? `; ${number(counts.unsettled)} left out, for they changed just now` : ""}`,
  `${number(counts.readUnits)} read units, ${number(counts.writeUnits)} write units, ${dollars(price)}`
]
