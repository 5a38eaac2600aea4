import { ABSENT, type Explanation, NAME, PAGES, SPEED, stays } from "./explanation.ts"

const KEYED = "an item has its key; the compiler does not know that"
const SIGN = "only the sign of the order counts"
const DIFFERENT = "the keys of a list are different"
const COLLECTED = "nobody looks at what is collected then"
const NO_KEY = "neither text is a key of what is looked for"
const SPREAD = "any spread over the segments will do"
const MATCHED = "a text that matches has its parts; the compiler does not know that"

/** What differs in a few lines of the same make. */
const each = (files: ReadonlyArray<string>, change: string, because: string): ReadonlyArray<Explanation> =>
  files.flatMap((file) => stays(`src/store/${file}.ts`, { [change]: because }))

/** Survivors of the stores. */
export const stores: ReadonlyArray<Explanation> = [
  ...each(["aws/directory", "aws/entity-eraser", "aws/event-eraser", "aws/row-eraser"], "16 → 17", SPEED),
  ...each(["archive-objects", "aws/erasure-journal"], "8 → 9 in: IN_FLIGHT", SPEED),
  ...each(["aws/entity-index"], "8 → 9 in: REMOVED_AT_ONCE", SPEED),
  ...each(["aws/event-windows"], "8 → 9 in: OBJECTS_IN_FLIGHT", SPEED),
  ...each(["aws/event-bus"], "4 → 5 in: CALLS_AT_ONCE", SPEED),
  ...each(["aws/hand-over"], "how.atOnce ?? 1 → how.atOnce && 1", SPEED),
  ...each(["aws/hand-over"], "1 → 2 in: how.atOnce ?? 1", SPEED),
  ...each(
    ["aws/entity-eraser", "aws/entity-index", "aws/erasure-journal", "aws/event-eraser"],
    "true → false in: discard: true",
    COLLECTED
  ),
  ...each(["aws/rejected-events"], "1_000 → 1001", PAGES),
  ...each(["archive-lines", "aws/failed-batches", "aws/rejected-events"], "a.key < b.key → a.key <= b.key", DIFFERENT),
  ...each(["archive-lines", "aws/failed-batches", "aws/rejected-events"], "1 → 2 in: a.key < b.key", SIGN),
  ...each(["cold-source"], "a.list < b.list → a.list <= b.list", DIFFERENT),
  ...each(["cold-source"], "1 → 2 in: a.list < b.list", SIGN),
  ...each(["memory/projection-store"], "a.row < b.row → a.row <= b.row", "the rows of an entity are different"),
  ...each(["memory/projection-store"], "1 → 2 in: a.row < b.row", SIGN),
  ...each(["memory/entity-index"], "a.eventId < b.eventId → a.eventId <= b.eventId", DIFFERENT),
  ...each(["memory/entity-index"], "1 → 2 in: a.eventId < b.eventId", SIGN),
  ...stays("src/store/archive-lines.ts", {
    "published < least → published <= least": "of two equal times either is the least",
    "published > greatest → published >= greatest": "of two equal times either is the greatest"
  }),
  ...stays("src/store/archive-objects.ts", {
    '`Archive.${operation}` → ""': NAME,
    "Result.isSuccess(events) → true": "a failure has no success, which is undefined as well"
  }),
  ...stays("src/store/archive.ts", {
    '"" → "mutant" in: const [day = ""': "the time of a stamp has both parts; the compiler does not know that",
    '"" → "mutant" in: const [, day = ""': "what does not match has no hour, whatever its day"
  }),
  ...stays("src/store/aws/archive.ts", {
    '"" → "mutant" in: ETag = ""': "S3 gives every object a tag; the compiler does not know that"
  }),
  ...stays("src/store/aws/attribute.ts", { "9.99e125 → 9.99e+125": "it is the same number" }),
  ...stays("src/store/aws/batch-get.ts", {
    "onRefused?.(key, why) → onRefused(key, why)": "only where somebody is told are keys told apart"
  }),
  ...stays("src/store/aws/dead-letters.ts", {
    '"" → "mutant" in: Buffer.byteLength(Body)': "a message has a body; the compiler does not know that"
  }),
  ...stays("src/store/aws/directory-item.ts", {
    '"" → "mutant" in: Date.parse(': "neither text is a time",
    "id?.S → id.S in: Buffer.from(JSON": KEYED,
    "listed?.S → listed.S": KEYED
  }),
  ...stays("src/store/aws/directory-reads.ts", { "cursor === undefined → false": ABSENT }),
  ...stays("src/store/aws/directory.ts", {
    "true → false in: NULL: true": KEYED,
    "ids.filter(isDirectoryId) → ids": "who reads the entries leaves out such ids as well"
  }),
  ...stays("src/store/aws/entity-eraser.ts", { '"" → "mutant" in: entity = { S: "" }': KEYED }),
  ...stays("src/store/aws/entity-index.ts", {
    "at?.S?.slice(at.S.indexOf(MARK) + 1) → at?.S.slice(at.S.indexOf(MARK) + 1)":
      "a key is a text; the compiler does not know that",
    "at?.S?.slice(0, at.S.indexOf(MARK)) → at?.S.slice(0, at.S.indexOf(MARK))":
      "a key is a text; the compiler does not know that",
    '"" → "mutant" in: Date.parse(at': "neither text is a time",
    '"" → "mutant" in: item.entity?.S ?? ""': "neither text names a projection and an entity",
    '"" → "mutant" in: entity: entity ??': KEYED,
    "at?.S → at.S in: ${at?.S}": KEYED,
    "entity?.S → entity.S in: ${at?.S}": KEYED
  }),
  ...stays("src/store/aws/erasure-journal.ts", { '"" → "mutant" in: Key = ""': "what is listed has a key" }),
  ...stays("src/store/aws/event-eraser.ts", {
    "item.id?.S → item.id.S": KEYED,
    '"" → "mutant" in: item.id?.S ?? ""': KEYED
  }),
  ...stays("src/store/aws/event-item.ts", {
    "clock > greatest → clock >= greatest": "of two equal clocks either is the greatest",
    '"body" → ""': "the bound is any that lies below DynamoDB's by more than the two counts may differ",
    "itemBytes(columns) + BODY → itemBytes(columns) - BODY":
      "the bound is any that lies below DynamoDB's by more than the two counts may differ",
    "others + bytes > MAX_ITEM_BYTES → (others + bytes) >= MAX_ITEM_BYTES":
      "the bound is any that lies below DynamoDB's by more than the two counts may differ",
    "item.id?.S → item.id.S": KEYED,
    '"" → "mutant" in: item.id?.S ?? ""': KEYED,
    "item.topic?.S → item.topic.S": "a stored event has a topic; the compiler does not know that",
    "item.published?.N → item.published.N": "a stored event has a publication; the compiler does not know that"
  }),
  ...stays("src/store/aws/event-store.ts", {
    "item.id?.S → item.id.S": KEYED,
    "overflows.length === 0 → false": "of no keys nothing is asked",
    "present.size === 0 → false": "of no keys nothing is asked",
    "written.set(id, item) → ": "an item that is not kept is made again"
  }),
  ...stays("src/store/aws/event-windows.ts", {
    "answer.LastEvaluatedKey?.id?.S → answer.LastEvaluatedKey?.id.S": KEYED,
    '"" → "mutant" in: ttl?.AttributeName': "neither text is the column of a window"
  }),
  ...stays("src/store/aws/export-lines.ts", {
    "begun.length === 0 → false": "nothing and the rest are the rest"
  }),
  ...stays("src/store/aws/export-source.ts", {
    "bucket === undefined || key === undefined → (bucket === undefined) && (key === undefined)": MATCHED,
    "0 → 1 in: let characters = 0": PAGES
  }),
  ...stays("src/store/aws/failed-batches.ts", {
    "0 → 1 in: since = 0": "no batch is as old as that",
    '"" → "mutant" in: Key = ""': NO_KEY
  }),
  ...stays("src/store/aws/faults.ts", { "0 → 1 in: status ?? 0": "neither is the status of a server that is broken" }),
  ...stays("src/store/aws/metered.ts", { '"askForConsumedCapacity" → ""': NAME }),
  ...stays("src/store/aws/retry.ts", {
    "now + Duration.toMillis(duration) <= until → (now + Duration.toMillis(duration)) < until":
      "a pause is drawn by chance, and does not end at that very moment"
  }),
  ...stays("src/store/aws/pack-body.ts", {
    "clock?.N → clock.N": "a stored event has a clock; the compiler does not know that",
    '"" → "mutant" in: clock?.N ?? ""': "a stored event has a clock; the compiler does not know that",
    "writeUnits(others + compressed.length) === 1 → false":
      "it spares short bodies the deflating, which saves nothing more",
    "compressed.length < Buffer.byteLength(text) → compressed.length <= Buffer.byteLength(text)":
      "of two forms of one size either will do",
    "compressed.length < bytes → compressed.length <= bytes": "of two forms of one size either will do",
    "body?.B → body.B in: decompress(": "what has a number is there; the compiler does not know that"
  }),
  ...each(["aws/pack", "aws/packed-registers"], "units === 1 → false", "of one unit none can be saved"),
  ...stays("src/store/aws/packed-registers.ts", {
    "0 → 1 in: all[1] ?? 0": "what is cut off before its ids is refused either way"
  }),
  ...stays("src/store/aws/packing.ts", { "0 → 1 in: let room": "it is set before it is read" }),
  ...stays("src/store/aws/partner-sources.ts", {
    '"" → "mutant" in: Arn = ""': "neither text names an account",
    '"" → "mutant" in: account = ""': "neither text is an account",
    "false → true in: unsure: false before:  }": "nobody asks whether a call that only reads took effect"
  }),
  ...stays("src/store/aws/projection-store.ts", {
    "item[tableOf(projection).key]?.S → item[tableOf(projection).key].S": KEYED,
    "item.row?.S → item.row.S": KEYED,
    "item[table.key]?.S → item[table.key].S": KEYED,
    "writes.length === 0 → false": "of no keys nothing is asked",
    "results[i]?.fault?.reason → results[i].fault?.reason":
      "each statement has an outcome; the compiler does not know that",
    "results[i]?.unsure → results[i].unsure": "each statement has an outcome; the compiler does not know that",
    "results[i]?.fault → results[i].fault": "each statement has an outcome; the compiler does not know that",
    '"" → "mutant" in: LOST.has(': "neither text is the name of a fault",
    'outcomes.set(write, "conflict") → ': "a write without an outcome is in conflict as well",
    '"conflict" → "" in: outcomes.get(write)': "each write has an outcome; the compiler does not know that",
    "index === undefined → false in: const sort": "only rows of the index are asked for by a part of their name",
    '"row" → "" in: const sort': "only rows of the index are asked for by a part of their name"
  }),
  ...stays("src/store/aws/rejected-events.ts", {
    '"" → "mutant" in: Key = ""': NO_KEY,
    '"" → "mutant" in: last ?? ""': NO_KEY,
    "named === undefined → false": "only what has a name is asked for; the compiler does not know that",
    "0 → 1 in: since = 0": "nothing arrived in the first millisecond of 1970",
    "-1 → 1 in: parseRejectedKey(key)": "what has no name is left out all the same",
    "1 → 2 in: parseRejectedKey(key)": "what has no name is left out all the same",
    "0 → 1 in: parseRejectedKey(last": "nobody looks for what arrived before that"
  }),
  ...stays("src/store/aws/retry.ts", {
    "25 → 26": "how long is waited between tries is a matter of pace",
    "1_000 → 1001": "how long is waited between tries is a matter of pace",
    "30_000 → 30001": "how long is tried where nobody waits for the end is a matter of pace",
    "(yield* References.TracerEnabled) → true": "a span that nobody collects takes time, and nothing else"
  }),
  ...stays("src/store/aws/row-item.ts", {
    "item.version?.N → item.version.N": "a stored row has a version; the compiler does not know that",
    "true → false in: NULL: true": "a column that is named is there; the compiler does not know that"
  }),
  ...stays("src/store/aws/settle-queue.ts", {
    "1_024 → 1025": "ten messages of the greatest size are smaller than a call",
    '"ServiceUnavailable" → ""': "what is left over has another reason by then"
  }),
  ...stays("src/store/aws/table-sizes.ts", {
    "0 → 1 in: TableSizeBytes = 0 before:  }": "a table with items has bytes"
  }),
  ...stays("src/store/aws/use-log.ts", {
    '"" → "mutant" in: Key.split("/")[2]': "neither text is a time",
    '"" → "mutant" in: transformToString': "neither text is a record",
    '"" → "mutant" in: Key = ""': NO_KEY
  }),
  ...stays("src/store/aws/whole-source.ts", {
    '"STANDARD" → ""': "it is the class of what is written, and nothing is"
  }),
  ...stays("src/store/cold-source.ts", {
    "0 → 1 in: since ?? 0": "no event was published in the first millisecond of 1970",
    "listed.clear() → ": "it keeps no more than one list; another one is asked for either way",
    "cursor === undefined → false": "what is no text is the place of nothing",
    '`${segment}/${segments}` → ""': "an object that is another segment's is read anew"
  }),
  ...each(["connection"], '"projections/Connection" → ""', NAME),
  ...each(["counters"], '"projections/RetryStatistics" → ""', NAME),
  ...each(["counters"], '"projections/CapacityUsed" → ""', NAME),
  ...each(["deadline"], '"projections/Deadline" → ""', NAME),
  ...stays("src/store/content.ts", {
    "FIELDS.filter((name) => Object.hasOwn(envelope, name)) → FIELDS": ABSENT
  }),
  ...stays("src/store/memory/archive.ts", {
    "0 → 1 in: let writes": "any name of a version will do that no other has",
    "++writes → --writes": "any name of a version will do that no other has",
    "[...kept.keys()].filter((key) => key.startsWith(prefix)).sort() → [...kept.keys()].filter((key) => key.startsWith(prefix))":
      "who reads keys puts what is under them in order"
  }),
  ...stays("src/store/memory/dead-letters.ts", {
    "0 → 1 in: let ids": "any id will do that no other has",
    "ids++ → ids--": "any id will do that no other has",
    "-1 → 1": "a text that is split has a first part; the compiler does not know that",
    "1 → 2 in: id ?? -1": "a text that is split has a first part; the compiler does not know that"
  }),
  ...stays("src/store/memory/directory.ts", {
    '"0" → ""': "both are the number 0",
    "(sweeps.get(kind)?.began ?? 0) < began → (sweeps.get(kind)?.began ?? 0) <= began":
      "of two sweeps of one time either is the last"
  }),
  ...stays("src/store/memory/entity-index.ts", {
    '"0" → ""': "both are the number 0",
    "Math.imul(sum, 31) + (char.codePointAt(0) ?? 0) → Math.imul(sum, 31) - (char.codePointAt(0) ?? 0)": SPREAD,
    "31 → 32": SPREAD,
    "0 → 1 in: Math.imul(sum, 31)": SPREAD
  }),
  ...stays("src/store/memory/event-source.ts", {
    "0 → 1 in: let hash": SPREAD,
    "0 → 1 in: let i = 0": SPREAD,
    "Math.imul(hash, 31) + id.charCodeAt(i) → Math.imul(hash, 31) - id.charCodeAt(i)": SPREAD,
    "31 → 32": SPREAD
  }),
  ...stays("src/store/memory/event-store.ts", {
    "0 → 1 in: received: left?.received": "nobody is told when what is erased had arrived"
  }),
  ...stays("src/store/memory/projection-store.ts", {
    "0 → 1 in: char.codePointAt(0)": SPREAD,
    '"" → "mutant" in: rowKey({ projection': "any row will do to name an entity",
    "parts === undefined → false": ABSENT
  }),
  ...stays("src/store/partition-key.ts", {
    'Result.isFailure(parsed) || typeof parsed.success !== "object" → Result.isFailure(parsed) && (typeof parsed.success !== "object")':
      "what is no object has no fields either"
  }),
  ...stays("src/store/settle-queue.ts", {
    "known !== undefined → false": "a text that is not kept is made again",
    "texts.set(delta, text) → ": "a text that is not kept is made again"
  })
]
