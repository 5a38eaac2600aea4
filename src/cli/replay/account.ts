import { addCounts, dollarsOf, noCounts, type ReplayCounts } from "../../pipeline/replay/budget.ts"
import type { Difference, ReplayPlan } from "../../pipeline/replay/plan.ts"
import type { Checkpoint } from "../../pipeline/replay/record.ts"
import { partly } from "../exit.ts"
import { dollars, number } from "../text.ts"

/** All segments together. `state`: `done`, or the state of the first segment that is not. */
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

const whyStopped: Readonly<Record<Exclude<Account["state"], "done">, string>> = {
  budget: "the budget is spent: resume it with the same --id and a higher limit",
  deadline: "the time was up: resume it with the same --id",
  running: "some segments have not begun: resume it with the same --id",
  stopped: "it was asked to stop: resume it with the same --id"
}

/** How a replay ended that stopped before its end. Undefined for one that is done. */
export const stoppedEnd = (id: string, state: Account["state"]) =>
  state === "done" ? undefined : partly(`${id} stopped: ${whyStopped[state]}`)

/** What to do about an event that a fold refuses; `refused` is what the pipeline says about it. */
export const refusalText = (refused: string): string => `${refused} with --park; then resume it with the same --id`

/** Results in lines. */
export const accountLines = (
  { counts, dollars: price }: Account,
  { write, generation }: ReplayPlan
): ReadonlyArray<string> => [
  `${number(counts.scanned)} events read, ${number(counts.folded)} of them folded${counts.parked > 0 ? `, ${number(counts.parked)} parked` : ""}`,
  write
    ? `${number(counts.rows)} rows and ${number(counts.summaries)} summaries written to ${generation}`
    : `${number(counts.rows)} rows of ${generation} compared: ${counts.differences === 0 ? "all match the event store" : `${number(counts.differences)} differ`}${counts.unsettled > 0 ? `; ${number(counts.unsettled)} left out, because they changed just now` : ""}`,
  `${number(counts.readUnits)} read units, ${number(counts.writeUnits)} write units, ${dollars(price)}`
]
