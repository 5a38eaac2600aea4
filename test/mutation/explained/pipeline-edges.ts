import { ABSENT, ALIKE, type Explanation, NAME, PAGES, SPEED, stays } from "./explanation.ts"

const LONG_AGO = "nothing that is compared is of the first millisecond of 1970"
const NO_TIE = "an event is published after what it tells, so that no id decides between two"
const WHENEVER = "when an event came changes nothing of what is left of it"
const UNKNOWN = "what is not known is neither earlier nor later; the compiler wants it asked"

/** Survivors of sweeps, replays and erasures. */
export const pipelineEdges: ReadonlyArray<Explanation> = [
  ...stays("src/pipeline/reconcile/agents.ts", {
    "name === undefined → false": ABSENT,
    "email === undefined → false": ABSENT,
    "division === undefined → false": ABSENT,
    "team === undefined → false in: ...(team": ABSENT,
    "status === undefined → false in: agentId: user.id": ABSENT
  }),
  ...stays("src/pipeline/reconcile/queues.ts", {
    "4 → 5": SPEED,
    "name === undefined → false": ABSENT,
    "division === undefined → false": ABSENT,
    "0 → 1 in: asked: first ?? 0": "the first page is read in any case; the compiler does not know that"
  }),
  ...stays("src/pipeline/reconcile/look.ts", {
    "4 → 5": SPEED,
    "rows === undefined → false": "rows are read for all that are compared; the compiler does not know that"
  }),
  ...stays("src/pipeline/reconcile/held.ts", { "32 → 33": SPEED }),
  ...stays("src/pipeline/reconcile/compare-agent.ts", {
    '"" → "mutant" in: const stamp = { clock: at': NO_TIE,
    "register?.stamp.clock → register.stamp.clock": "a zero that is the same was told; the compiler does not know that",
    "0 → 1 in: mayEnd(media, register?.stamp.clock ?? 0)":
      "a zero that is the same was told; the compiler does not know that",
    "user?.asked → user.asked": "it is asked of what a user said; the compiler does not know that",
    "0 → 1 in: user?.asked ?? 0": "it is asked of what a user said; the compiler does not know that"
  }),
  ...stays("src/pipeline/reconcile/compare-queue.ts", {
    "0 → 1 in: asOf(row)?.clock": LONG_AGO,
    "row.startsWith(MEMBER) → true": "what is no row of a member names nobody who has joined",
    "membershipOf(row)?.joined → membershipOf(row).joined in: name.startsWith(MEMBER)":
      "the row of a member tells of a membership; the compiler does not know that"
  }),
  ...stays("src/pipeline/reconcile/compare-sessions.ts", {
    'typeof value === "string" → true': "the columns of ids are texts or absent; the compiler does not know that",
    "(segment.value as { readonly state?: unknown } | null)?.state → (segment.value as { readonly state?: unknown } | null).state":
      "a segment has a value; the compiler does not know that",
    '0 → 1 in: sessionFact(row, "start")?.stamp.clock': LONG_AGO,
    '"" → "mutant" in: eventId: ""': NO_TIE,
    "0 → 1 in: const { phase, endedAt = 0": LONG_AGO,
    "heard !== undefined && began !== undefined → (heard !== undefined) || (began !== undefined)": UNKNOWN,
    '0 → 1 in: row.get("end")?.stamp.clock ?? 0': LONG_AGO
  }),
  ...stays("src/pipeline/reconcile/compare-waits.ts", {
    "conversationId === undefined → false": ABSENT,
    'row.get("acd")?.stamp.clock → row.get("acd").stamp.clock':
      "what has not ended by itself has begun; the compiler does not know that",
    '0 → 1 in: row.get("acd")?.stamp.clock ?? 0':
      "what has not ended by itself has begun; the compiler does not know that",
    '"" → "mutant" in: sessionRow(sessionId ?? "")': "what names no session is left out by the next line",
    "mediaType === undefined → false": ABSENT,
    "direction === undefined → false": ABSENT,
    "heard !== undefined && since !== undefined → (heard !== undefined) || (since !== undefined)": UNKNOWN,
    "0 → 1 in: const isEnded": LONG_AGO,
    "0 → 1 in: presumed.flatMap": LONG_AGO
  }),
  ...stays("src/pipeline/reconcile/kept.ts", {
    "items.at(-1)?.push(one) → items.at(-1).push(one)":
      "there is a last item at any time; the compiler does not know that",
    "items.at(-1)?.length → items.at(-1).length": "there is a last item at any time; the compiler does not know that",
    "0 → 1 in: last: items.at(-1)?.length ?? 0": "there is a last item at any time; the compiler does not know that"
  }),
  ...stays("src/pipeline/reconcile/names.ts", { "name === undefined → false": ABSENT }),
  ...stays("src/pipeline/reconcile/send.ts", {
    '"" → "mutant" in: partitionKeyOf(body) ?? ""':
      "a statement has a topic and so a key; the compiler does not know that"
  }),
  ...stays("src/pipeline/reconcile/step.ts", {
    '"" → "mutant" in: missing: ""':
      "what is missing fills 64 items at most, far fewer than the pages that a list may have",
    "next === undefined → false in: ...looked, pending": ABSENT,
    "0 → 1 in: const { phase, pages = 0 } = sweep":
      "the first page is far from the bound, by whichever number it is counted"
  }),
  ...stays("src/pipeline/replay/budget.ts", {
    "0 → 1 in: sum[name] ?? 0": "the counts that are added to have every name; the compiler does not know that",
    '"projections/ReplayBounds" → ""': NAME,
    "due > now → due >= now": ALIKE
  }),
  ...stays("src/pipeline/replay/fold.ts", {
    "topic === undefined → false":
      "an event that is refused while it is folded has a topic; the compiler does not know that",
    '"" → "mutant" in: topic === undefined':
      "an event that is refused while it is folded has a topic; the compiler does not know that",
    "true → false in: discard: true": "nobody looks at what is collected then"
  }),
  ...stays("src/pipeline/replay/segment.ts", {
    "held.cursor === undefined → false": ABSENT,
    "page.cursor === undefined → false in: ...(page.cursor": ABSENT
  }),
  ...stays("src/pipeline/replay/write.ts", {
    "projection.summary?.reads(row) → projection.summary.reads(row)":
      "who refuses a summary has one; the compiler does not know that"
  }),
  ...stays("src/pipeline/replay/verify.ts", {
    "ofEntity.size === 0 → true": ALIKE,
    "order > 0 → order >= 0": "equal stamps are compared before, by their values",
    "0 → 1 in: Math.max(0, ...rows.flatMap": LONG_AGO,
    "0 → 1 in: asOf(folded ?? emptyRow)?.clock ?? 0": LONG_AGO
  }),
  ...stays("src/pipeline/replay/replay.ts", { "16 → 17": SPEED }),
  ...stays("src/pipeline/reconcile/sweep.ts", {
    "early > 0 → early >= 0": "what is due at this moment is looked at now or after the next page, with one result",
    "0 → 1 in: early > 0": "what is due at this moment is looked at now or after the next page, with one result",
    "0 → 1 in: Math.max(0, early)": "a millisecond later it is due as well",
    '`${now}-${(yield* Random.next).toString(36).slice(2)}` → ""': NAME,
    "(yield* Random.next).toString(36).slice(2) → (yield* Random.next).toString(36)": NAME,
    "2 → 3 in: const holder": NAME,
    "false → true in: if (Option.isNone(found)) return false":
      "where no time is left to look again, none is left for the step that follows",
    '"all" → "" in: look(deadline': "neither waits for what is not due, nor leaves it"
  }),
  ...stays("src/pipeline/erase/rows.ts", {
    "8 → 9": SPEED,
    "true → false in: concurrency: 8": "nobody looks at what is collected then"
  }),
  ...["erase", "events", "held"].flatMap((file) =>
    stays(`src/pipeline/erase/${file}.ts`, {
      "true → false in: discard: true": "nobody looks at what is collected then"
    })
  ),
  ...stays("src/pipeline/erase/held.ts", {
    "8 → 9": SPEED,
    '"event" → ""': "what is neither a batch nor a record is taken for an event",
    "more → true": "one more page has no keys, and ends it",
    "keys.at(-1)?.key → keys.at(-1).key": "a page that is not the last has keys; the compiler does not know that",
    'parseRejectedKey(key.replace(/^redriven\\//, ""))?.received ?? 0 → parseRejectedKey(key.replace(/^redriven\\//, ""))?.received && 0':
      WHENEVER,
    '"" → "mutant" in: parseRejectedKey(': WHENEVER,
    "0 → 1 in: parseRejectedKey(": WHENEVER,
    "handed?._tag → handed._tag": "what is handed over has an outcome; the compiler does not know that"
  }),
  ...stays("src/pipeline/erase/archive.ts", {
    '"unchecked" → ""': "whatever is said, it is read without a look at its list; the compiler wants this word"
  }),
  ...stays("src/pipeline/erase/erase.ts", {
    "500 → 501": PAGES,
    '"" → "mutant" in: name = "", email = ""': "neither text names anybody"
  }),
  ...stays("src/pipeline/erase/bytes.ts", {
    "erasure?.left?.envelope → erasure.left?.envelope":
      "an event that names the person has an erasure; the compiler does not know that"
  })
]
