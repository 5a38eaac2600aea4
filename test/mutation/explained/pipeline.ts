import { ABSENT, ALIKE, type Explanation, NAME, PAGES, SPEED, stays } from "./explanation.ts"

const TYPED = "it is there; the compiler does not know that"
const SIGN = "only the sign of the order counts"
const DIFFERENT = "what is ordered has different names"
const RANGE = "a segment that is not there is passed over"
const ONCE = "the default is made once in a process, and a test that has the module to itself fails with it"
const FUNCTION = "the name of the function that threw is read by people, and each is told in the tests of change-row"
const DESTINED = "a discrepancy of this kind says it; the compiler does not know that"

/** Survivors of the pipeline: archive, audit, and what is folded. Those of reconciling, erasing and replaying are in `pipeline-edges.ts`. */
export const pipeline: ReadonlyArray<Explanation> = [
  ...stays("src/pipeline/archive/archive.ts", {
    "stays < 0 → false": "the newest window is never due: it is not confirmed, or its weeks are not over",
    "0 → 1 in: state.ended ?? 0": "a window leaves only after a pass has ended",
    "all.table[slot]?.items → all.table[slot].items": TYPED,
    "0 → 1 in: all.table[slot]?.items ?? 0), 0)": TYPED,
    "windows.filter((one) => pass.confirm.includes(one.window)) → windows":
      "a pass confirms all that was sealed before it, and what is confirmed stays so",
    "0 → 1 in: left: left ?? 0": "where a window is leaving, its count is there; the compiler does not know that",
    "version++ → version-- in: if (value === undefined)":
      "nothing else is written in the first tick: no window is closed"
  }),
  ...stays("src/pipeline/archive/erasures.ts", {
    "segment < pass.segments → segment <= pass.segments": RANGE
  }),
  ...stays("src/pipeline/archive/segment.ts", {
    "200_000 → 200001": "how many events are held at a time is a matter of memory",
    "wanted.size === 0 → false": ALIKE,
    "8 → 9": SPEED,
    "4 → 5": SPEED,
    "seen.cursor === undefined → false": ABSENT,
    "a.list < b.list → a.list <= b.list": DIFFERENT,
    "1 → 2 in: a.list < b.list": SIGN
  }),
  ...stays("src/pipeline/archive/state.ts", {
    "0 → 1 in: leasedUntil": "a lease until the first millisecond of 1970 is over as well"
  }),
  ...stays("src/pipeline/audit/audit.ts", {
    "index === undefined → false in: const indexedSince": "without an index nobody asks since when it is there"
  }),
  ...stays("src/pipeline/audit/check-row.ts", {
    '"row" → ""': FUNCTION,
    '"merge" → ""': FUNCTION,
    "ours === undefined || theirs === undefined → false":
      "what is undefined has a canonical text of its own; the compiler does not know that",
    "ours === undefined || theirs === undefined → (ours === undefined) && (theirs === undefined)":
      "what is undefined has a canonical text of its own; the compiler does not know that"
  }),
  ...stays("src/pipeline/audit/look.ts", {
    "50 → 51": PAGES,
    "links.some(({ source }) => source === of) → true": "what nobody derives from is looked at, and nothing follows"
  }),
  ...stays("src/pipeline/audit/look-at-derived.ts", {
    '"derived" → "" in: tried(': FUNCTION,
    '"derived.rows" → ""': FUNCTION
  }),
  ...stays("src/pipeline/audit/look-at-rows.ts", {
    '"summary" → "" in: tried(': FUNCTION,
    "registers.get(name)?.stamp.published → registers.get(name).stamp.published": TYPED
  }),
  ...stays("src/pipeline/audit/mend.ts", {
    "entity === undefined → false in: if (entity === undefined) return": DESTINED,
    "row === undefined → false in: if (row === undefined) return": DESTINED,
    "whose === undefined || row === undefined → false": DESTINED,
    "whose === undefined || row === undefined → (whose === undefined) && (row === undefined)": DESTINED,
    "eventId === undefined → false": DESTINED,
    '`${projection}:${entity}` → ""': NAME,
    "false → true in: late: false": "without a window no row is marked as put right, late or not",
    '"all" → "" in: reads: "all"': "nobody reads the source again here",
    "0 → 1 in: mergeDeltas([]": "both seconds are long ago, and keep no tombstone",
    "source?.generation → source.generation": DESTINED,
    "following.length === 0 || source === undefined → false": DESTINED,
    "following.length === 0 || source === undefined → (following.length === 0) && (source === undefined)": DESTINED,
    "index === undefined || entity === undefined || eventId === undefined || received === undefined → false":
      "what has just been found in the index is whole, and the index is there",
    "index === undefined || entity === undefined || eventId === undefined || received === undefined → (index === undefined || entity === undefined || eventId === undefined) && (received === undefined)":
      "what has just been found in the index is whole, and the index is there",
    "index === undefined || entity === undefined || eventId === undefined → (index === undefined || entity === undefined) && (eventId === undefined)":
      "what has just been found in the index is whole, and the index is there",
    "index === undefined || entity === undefined → (index === undefined) && (entity === undefined)":
      "what has just been found in the index is whole, and the index is there",
    "1 → 2 in: segments: 1": "an index is read in one go, whatever is said of segments",
    "of?.summary?.reads(row) → of.summary?.reads(row)": TYPED,
    "of?.summary?.reads(row) → of?.summary.reads(row)": TYPED,
    "index === undefined → false in: ...(index === undefined": ABSENT,
    "held === undefined → false": "a row that was just found to be wrong is there",
    "to !== undefined → true": TYPED
  }),
  ...stays("src/pipeline/audit/recheck.ts", {
    "eventId === undefined → false": DESTINED
  }),
  ...stays("src/pipeline/audit/settings.ts", {
    '"projections/AuditLimits" → ""': NAME,
    "7_200_000 → 7200001": ONCE,
    "600_000 → 600001": ONCE,
    "2 → 3": ONCE
  }),
  ...stays("src/pipeline/redrive-lanes.ts", {
    '"" → "mutant" in: partitionKeyOf(body) ?? ""': "a letter that has no key is not brought back"
  }),
  ...stays("src/pipeline/redrive.ts", {
    "8 → 9": SPEED,
    "true → false in: discard: true": "nobody looks at what is collected then",
    "cases.length > 0 → true": ALIKE,
    "cases.length > 0 → cases.length >= 0": ALIKE,
    "(yield* Random.next).toString(36).slice(2) → (yield* Random.next).toString(36)":
      "any text serves that tells two runs apart",
    "2 → 3 in: toString(36).slice(2)": "any text serves that tells two runs apart",
    "900_000 → 900001": "every run has a deadline that is sooner"
  }),
  ...stays("src/pipeline/diff.ts", {
    "a === undefined || b === undefined → false":
      "what is undefined has a canonical text of its own; the compiler does not know that",
    "a === undefined || b === undefined → (a === undefined) && (b === undefined)":
      "what is undefined has a canonical text of its own; the compiler does not know that",
    "theirs → true": "a name is of one side at least; the compiler does not know that",
    "b → true": "where both are missing, both are tombstones; the compiler does not know that",
    '"b" → "" in: Stream.make': "whatever is not the one side is the other",
    "cursor === undefined → false": ABSENT
  }),
  ...stays("src/pipeline/explain.ts", {
    "of.summary?.of?.(summarised, {}) → of.summary?.of(summarised, {})": TYPED,
    "of.summary?.of?.(summarised, {}) → of.summary.of?.(summarised, {})": TYPED,
    "of.summary?.reads(row) → of.summary.reads(row)": TYPED,
    "revised === undefined → false in: ...(revised === undefined": ABSENT,
    "a.column < b.column → a.column <= b.column": DIFFERENT,
    "a.row < b.row → a.row <= b.row": DIFFERENT,
    "1 → 2 in: a.column < b.column": SIGN,
    "1 → 2 in: a.row < b.row": SIGN
  }),
  ...stays("src/pipeline/fold-entity.ts", {
    "0 → 1 in: const account before: , readUnits": "it is counted after each page, of which there is one at least",
    '"" → "mutant" in: const about': TYPED,
    '"" → "mutant" in: if (isOwn) for': TYPED,
    "true → false in: discard: true": "nobody looks at what is collected then",
    "projections.length > 1 → true": ALIKE,
    "projections.length > 1 → projections.length >= 1": ALIKE
  }),
  ...stays("src/pipeline/folding.ts", { '"projections/Projections" → ""': NAME }),
  ...stays("src/pipeline/indexed-page.ts", {
    "0 → 1 in: arrivals.get(id) ?? 0": "the index tells the arrival of each; the compiler does not know that"
  }),
  ...stays("src/pipeline/provenance.ts", {
    "one === undefined || other === undefined → false":
      "what is undefined has a canonical text of its own; the compiler does not know that",
    "one === undefined || other === undefined → (one === undefined) && (other === undefined)":
      "what is undefined has a canonical text of its own; the compiler does not know that",
    "a.register < b.register → a.register <= b.register": DIFFERENT,
    "1 → 2 in: compareStamps(b, a)": SIGN
  }),
  ...stays("src/pipeline/sources.ts", { "16 → 17": SPEED }),
  ...stays("src/pipeline/refused.ts", {
    "8 → 9": SPEED,
    "true → false in: discard: true": "nobody looks at what is collected then"
  }),
  ...stays("src/pipeline/summarise.ts", {
    "16 → 17": SPEED,
    "8 → 9": SPEED,
    "true → false in: discard: true": "nobody looks at what is collected then",
    "of(projection)?.summary → of(projection).summary": TYPED
  }),
  ...stays("src/pipeline/append.ts", {
    '"projections/EventRetention" → ""': NAME,
    "4 → 5": SPEED
  })
]
