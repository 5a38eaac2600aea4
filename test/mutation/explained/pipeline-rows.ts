import { ALIKE, type Explanation, NAME, SPEED, stays } from "./explanation.ts"

const LONG_AGO = "nothing that is compared is of the first millisecond of 1970"
const KEPT_LONG = "both seconds are long ago, and keep no tombstone"
const TYPED = "it is there; the compiler does not know that"
const STANDS = "what follows for other rows stands there, or whoever changed it writes it: merging it changes nothing"
const LATER = "what is left over is of this stage, and no later stage takes what is not its own"

/** What of sources that are read again does not stand there. */
const UNSURE = `again.filter((update) => {
        const into = written.get(updateKey(update))
        return into !== undefined && !follows(update, into)
      })`

/** Survivors of what is merged into rows, and of what follows from them. */
export const pipelineRows: ReadonlyArray<Explanation> = [
  ...stays("src/pipeline/merge.ts", {
    "0 → 1 in: const latest = Math.max": LONG_AGO,
    "2 → 3 in: const half = Math.ceil": "where a row is parted says how often it is tried, and not what stands alone",
    "0 → 1 in: keepUntil = 0": KEPT_LONG,
    "2 → 3 in: { concurrency: 2 }": SPEED
  }),
  ...stays("src/pipeline/change-row.ts", {
    "merged !== before → true": "in a row that is the same no register is another, and none is checked",
    "derived.length === 0 → false": ALIKE,
    "0 → 1 in: of.tombstoneSeconds, keepUntil": LONG_AGO,
    "false → true in: const counted": "without a summary nothing is summarised, whatever is counted",
    "of.summary?.of → of.summary.of": "what is counted has a summary; the compiler does not know that",
    "of.inferredEnd?.(row, before) → of.inferredEnd(row, before)": TYPED,
    "0 → 1 in: return writeOf({ ...key": KEPT_LONG
  }),
  ...stays("src/pipeline/derive.ts", {
    "0 → 1 in: keepUntil = 0": KEPT_LONG,
    "derived.length > 0 → true": ALIKE,
    "derived.length > 0 → derived.length >= 0": ALIKE,
    "links.filter(({ target }) => names.has(generation(target))) → links":
      "what is needed is asked for by rows of the stage, and kept for those alone",
    "needed.filter((update) => wanted.has(rowKey(update))) → needed": STANDS,
    "own.length === 0 && derived.length === 0 → false": ALIKE,
    "sources.length > 0 && rows > 0 → true": STANDS,
    "sources.length > 0 && rows > 0 → (sources.length > 0) || (rows > 0)": STANDS,
    "sources.length > 0 → sources.length >= 0": ALIKE,
    "rows > 0 → rows >= 0": STANDS,
    "again.filter((update) => wanted.has(rowKey(update))) → again": STANDS,
    "followers.length === 0 → false": ALIKE,
    "false → true in: updatedSources(changed":
      "of what has changed an update is told, so that it is looked up in either case",
    "found.filter((update) => !isOfStage(update)) → found": LATER,
    "pending.filter((update) => !isOfStage(update)) → pending": LATER,
    [`${UNSURE} → again`]: STANDS,
    "self.length > 0 → true": ALIKE,
    "self.length > 0 → self.length >= 0": ALIKE
  }),
  ...stays("src/pipeline/project.ts", {
    "Number(version) < p.version → Number(version) <= p.version":
      "what has the version of one that is listed is listed",
    "named.has(name) || live.includes(projection) → true": "nothing is on its way into what is neither named nor live",
    "0 → 1 in: reduceDeltas(current)": KEPT_LONG
  }),
  ...stays("src/pipeline/refused.ts", {
    '"" → "mutant" in: const nameOf': "any row serves, as long as it is the same for all",
    "0 → 1 in: received: Math.max(0": LONG_AGO
  }),
  ...stays("src/pipeline/live-projections.ts", { '"projections/LiveProjections" → ""': NAME }),
  ...stays("src/pipeline/replay/write.ts", {
    "isAhead → true in: const told":
      "what is looked up for projections that are not among those which are merged is written nowhere",
    "isAhead → true in: isAhead ? reached": "what nothing is told of is not written, though it is among the projections"
  })
]
