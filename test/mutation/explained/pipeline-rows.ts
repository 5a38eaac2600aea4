import { ABSENT, ALIKE, type Explanation, NAME, SPEED, stays } from "./explanation.ts"

const LONG_AGO = "nothing that is compared is of the first millisecond of 1970"
const KEPT_LONG = "both seconds are long ago, and keep no tombstone"
const TYPED = "it is there; the compiler does not know that"
const STANDS = "what follows for other rows stands there, or whoever changed it writes it: merging it changes nothing"
const NONE = "nobody asks whether it was kept where there was nothing to keep"
const HALVES = "where they are parted says how often they are asked for, and not what is found"
const FOUND = "it was found a moment ago, and is there; the compiler does not know that"
const CLOSED = "a breaker that is closed takes no account of what there was nothing to try with"
const LATER = "what is left over is of this stage, and no later stage takes what is not its own"

/** What of sources that are read again does not stand there. */
const UNSURE = `again.filter((update) => {
        const into = written.get(updateKey(update))
        return into !== undefined && !follows(update, into)
      })`

/** Survivors of what is merged into rows, and of what follows from them. */
export const pipelineRows: ReadonlyArray<Explanation> = [
  ...stays("src/pipeline/merge.ts", {
    "0 → 1 in: const latest = Math.max before: , held": LONG_AGO,
    "0 → 1 in: const latest = Math.max before: )": LONG_AGO,
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
    "named.has(name) || live.includes(projection) → true": "nothing is on its way into what is neither named nor live"
  }),
  ...stays("src/pipeline/refused.ts", {
    '"" → "mutant" in: const nameOf': "any row serves, as long as it is the same for all",
    "0 → 1 in: received: Math.max(0": LONG_AGO
  }),
  ...stays("src/pipeline/live-projections.ts", { '"projections/LiveProjections" → ""': NAME }),
  ...stays("src/pipeline/replay/write.ts", {
    "isAhead → true in: const how":
      "what is looked up for projections that are not among those which are merged is written nowhere",
    "isAhead → true in: isAhead ? reached": "what nothing is told of is not written, though it is among the projections"
  }),
  ...stays("src/pipeline/append.ts", {
    "decoded.length === 0 → false": "without events nothing is folded into what is live; it saves a read",
    "received === event.received → false": ALIKE,
    "index === undefined → false in: const indexed": "without an index the entries go nowhere",
    "true → false in: refusals.length === 0": NONE,
    "true → false in: ? Effect.succeed(true)": NONE,
    "done.filter(isStored) → done": "nothing but what was stored has been appended; the compiler does not know that"
  }),
  ...stays("src/pipeline/sources.ts", {
    '"" → "mutant" in: const entities': "any row serves, as long as it is the same for all",
    "sourceOf?.(key.row) → sourceOf(key.row)": TYPED,
    "derivation.sourceOf === undefined → false": ALIKE,
    "updated.length === 0 → false": ALIKE,
    "named.length === 0 → false": ALIKE
  }),
  ...stays("src/pipeline/summary-parts.ts", {
    "0 → 1 in: const cost": "a part of one row costs as much to read as one without"
  }),
  ...stays("src/pipeline/lateness.ts", { "cursor === undefined → false": ABSENT }),
  ...stays("src/pipeline/read-events.ts", { "2 → 3 in: const half": HALVES }),
  ...stays("src/pipeline/audit/audit.ts", {
    "0 → 1 in: Math.max(0, since) before: , since)": "a millisecond more of what is saved up reads nothing more",
    "0 → 1 in: Math.max(0, since) before: ) + ": "the first audit has all that may be saved up, whatever is added",
    "0 → 1 in: positions.get(table) ??": TYPED
  }),
  ...stays("src/pipeline/audit/check-row.ts", {
    "false → true in: counted: of.summary?.reads(row)":
      "without a summary there is no index of open rows to compare with",
    "0 → 1 in: deltas, derived: []": KEPT_LONG,
    "0 → 1 in: expiresAt: 0": "a row that has any time to expire at is closed"
  }),
  ...stays("src/pipeline/audit/checkpoint.ts", {
    '"written" → ""': "what was written is read back then, and is the same"
  }),
  ...stays("src/pipeline/audit/look-at-derived.ts", {
    "0 → 1 in: stamp.published ?? 0 before: ) > recent": LONG_AGO,
    "0 → 1 in:     0,": LONG_AGO
  }),
  ...stays("src/pipeline/audit/look-at-rows.ts", {
    "summary === undefined → false": "what is no function throws when it is called, and nothing is wrong then either"
  }),
  ...stays("src/pipeline/audit/mend.ts", {
    "of === undefined → false in: if (of === undefined) return": FOUND,
    "(yield* summaryWrong(of, entity)).length > 0 → true": "a summary that is right is not written again",
    "(yield* summaryWrong(of, entity)).length > 0 → (yield* summaryWrong(of, entity)).length >= 0":
      "a summary that is right is not written again"
  }),
  ...stays("src/pipeline/explain.ts", { "0 → 1 in: asOf: Math.max(0 before: , ...read": LONG_AGO }),
  ...stays("src/pipeline/redrive.ts", {
    'permit === "probe" || done.verdict !== "abandoned" → true': CLOSED,
    '"abandoned" → "" in: permit === "probe"': CLOSED,
    "1_000 → 1001 in: hiddenSeconds":
      "a run of a minute has as many whole seconds by either, and half a minute is added"
  }),
  ...stays("src/pipeline/project-messages.ts", {
    "false → true in: retryable: false": "of this failure nothing is read but its message"
  })
]
