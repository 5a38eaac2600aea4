import type { Mutant } from "./mutants.ts"
import { mutantsIn, type Room } from "./rooms.ts"

/** A mutant that no test can kill, or that none should, and why. `original` and `replacement` are as the report shows them. */
export interface Explanation {
  readonly file: string
  readonly original: string
  readonly replacement: string
  /** A part of the line that it begins in, which tells it from others that read the same. */
  readonly within: string
  readonly because: string
}

/** By the change, as the report shows it, with a part of its line after `in:` where several read the same: why it stays. */
const stays = (file: string, reasons: Readonly<Record<string, string>>): ReadonlyArray<Explanation> =>
  Object.entries(reasons).map(([change, because]) => {
    const [what = "", within = ""] = change.split(" in: ")
    const [original = "", replacement = ""] = what.split(" → ")
    return { file, original, replacement, within, because }
  })

const SPEED = "how many are under way at a time is a matter of speed"
const NAME = "it is a name, by which nothing is decided"
const ABSENT = "what is undefined is taken for what is absent; the compiler tells them apart"
const ALIKE = "both ways come to the same; which is taken is a matter of speed"
const KEPT = "a day that is not kept is asked for again; how many are kept is a matter of speed"
const PAGES = "a page may have any size, and who reads goes on until there is no cursor"

/** Survivors that stay. `test/mutation/mutants.test.ts` fails where one of them is no mutant any more. */
export const explained: ReadonlyArray<Explanation> = [
  ...stays("projections/connection.ts", {
    "began === undefined → false": "a wait without an end has a beginning; the compiler does not know that"
  }),
  ...stays("projections/conversation-sessions.ts", {
    '(start ?? connected ?? end ?? terminated ?? session.fact("seen")) === undefined → false':
      "other sessions name no agent and no queue of one, so that nothing follows from them as such",
    "0 → 1 in: ?? connected?.stamp.clock ?? 0": "no session is as old as that",
    "id === undefined → false": "a conversation has no rows but those of sessions"
  }),
  ...stays("projections/conversations.ts", {
    "0 → 1 in: const at =": "what no snapshot told is compared with nothing",
    "0 → 1 in: const signs =": "no event and no snapshot is as old as that"
  }),
  ...stays("projections/fact.ts", {
    "at < 0 → at <= 0": "no fact has an empty name",
    "0 → 1 in: if (at < 0)": "no fact has an empty name",
    "compareStamps(stamp, held.stamp) > 0 → compareStamps(stamp, held.stamp) >= 0":
      "an event tells one fact of a name, and stamps of different events are different"
  }),
  ...stays("projections/observation.ts", {
    "a < b → a <= b": "the names of an object are different",
    "1 → 2 in: a < b ? -1 : 1": "only the sign of the order counts"
  }),
  ...stays("projections/presumed.ts", {
    "sessionIdOf(row) === undefined → false":
      "nothing began in the row of the agent's state, so that no end of it is presumed"
  }),
  ...stays("projections/queue-figures.ts", { "value > 0 → value >= 0": "no time at all counts as 0 either way" }),
  ...stays("projections/queue-intervals.ts", {
    "late → true": "what is not late is taken for what says nothing of it",
    "0 → 1 in: KEY_LENGTH": "the names of all intervals are as long",
    "value === null → true in: value: value === null":
      "a start tells no outcome, and of which medium it is in both places"
  }),
  ...stays("projections/queues.ts", {
    'row.get("acd")?.stamp.clock → row.get("acd").stamp.clock':
      "a wait without an end has a beginning; the compiler does not know that"
  }),
  ...stays("projections/remembered.ts", {
    '"back still" → ""': "it is any name that no register has, and is replaced before anything is stored",
    "row !== STATE_ROW → false": "it spares rows of sessions the search, which finds nothing in them"
  }),
  ...stays("src/domain/delta.ts", {
    "8 → 9": ALIKE,
    "deltas.length <= FEW → true": ALIKE,
    "deltas.length <= FEW → false": ALIKE,
    "deltas.length <= FEW → deltas.length < FEW": ALIKE,
    "deltas.length <= FEW → deltas.length > FEW": ALIKE
  }),
  ...stays("src/domain/directory.ts", {
    "1 → 2 in: const order": "only the sign of the order counts"
  }),
  ...stays("src/domain/fold-event.ts", {
    "deltas.length > 1 → true": "it spares most events the reduction, which leaves one delta as it is",
    "deltas.length > 1 → deltas.length >= 1": "it spares most events the reduction, which leaves one delta as it is"
  }),
  ...stays("src/domain/heartbeat.ts", {
    "1_000_000_000_000 → 1000000000001": "only the number of its digits counts",
    "raw.byteLength !== BYTES → false": "it spares most records the pattern, which says the same"
  }),
  ...stays("src/domain/histogram.ts", {
    "1 → 2 in: Math.max(1, ms)": "durations of 1 ms and of 2 ms are rounded to the same 10 ms",
    "0 → 1 in: Counts[i] ?? 0": "there is a count for each value; the compiler does not know that"
  }),
  ...stays("src/domain/metrics.ts", {
    '"" → "mutant" in: .filter((word)': "an empty word adds nothing to the name"
  }),
  ...stays("src/domain/projection.ts", {
    "deltas.length > 1 → true": "it spares most events the reduction, which leaves one delta as it is",
    "deltas.length > 1 → deltas.length >= 1": "it spares most events the reduction, which leaves one delta as it is"
  }),
  ...stays("src/domain/row.ts", {
    "1 → 2 in: const order =": "only the sign of the order counts",
    "register < found[0] → register <= found[0]": "the names of a row's registers are different",
    "order > 0 → order >= 0": "the order of two registers is never 0",
    "compareStamps(stamp, greatest) > 0 → compareStamps(stamp, greatest) >= 0": "of equal stamps either is the greatest"
  }),
  ...stays("src/domain/settle.ts", {
    "cuts.length === 0 → true": "it sets the list that is there already"
  }),
  ...stays("src/domain/stages.ts", {
    "one.version < lowest.version → one.version <= lowest.version": "versions of one projection are different",
    "0 → 1 in: Math.max(0,": "only the order of the depths counts, and not where it begins",
    "1 → 2 in: 1 + depth(": "only the order of the depths counts, and not how far apart they are"
  }),
  ...stays("src/domain/stamp.ts", {
    "1 → 2 in: (a.eventId < b.eventId": "only the sign of the order counts",
    "60 → 61": "there is no sixtieth minute or second",
    "1_000 → 1001 in: padded": "no second has a thousandth millisecond",
    "4_096 → 4097": KEPT,
    "known !== undefined → false": KEPT,
    "days.size === MOST_DAYS → true": KEPT,
    "days.size === MOST_DAYS → false": KEPT,
    "days.size === MOST_DAYS → days.size !== MOST_DAYS": KEPT,
    "days.clear() → ": KEPT,
    "days.set(day, text) → ": KEPT
  }),
  ...stays("src/domain/tables.ts", {
    "target !== of → false": "what follows for others is found now, or in their own turn",
    "20 → 21 in: MAX_ROUNDS": "the bound is any number that no real derivation needs",
    "0 → 1 in: let round = 0": "the bound is any number that no real derivation needs"
  }),
  ...stays("src/domain/writable.ts", {
    "6 → 7 in: JSON_BYTES_A_UNIT": ALIKE,
    "8 → 9 in: UNITS_A_VALUE": ALIKE,
    "text.length * 3 > bytes → (text.length * 3) >= bytes": ALIKE,
    "3 → 4 in: text.length * 3": ALIKE,
    "3 → 4 in: 3 * UNITS_A_VALUE": ALIKE,
    "(units + register.length) * JSON_BYTES_A_UNIT <= MAX_UPDATE_BYTES → false": ALIKE,
    "(units + register.length) * JSON_BYTES_A_UNIT <= MAX_UPDATE_BYTES → ((units + register.length) * JSON_BYTES_A_UNIT) < MAX_UPDATE_BYTES":
      ALIKE,
    "value.isWellFormed() → false": "what is well formed is not changed by making it so",
    "fields[i]?.[0] → fields[i][0]": "there is a field for each; the compiler does not know that",
    "fields[i]?.[1] → fields[i][1]": "there is a field for each; the compiler does not know that"
  }),
  ...stays("src/genesys/decoder.ts", {
    "Result.isFailure(decoded) → true": "what is no envelope fails to decode as one; the compiler does not know that"
  }),
  ...stays("src/genesys/limits.ts", {
    "i < value.length → i <= value.length": "behind the last element stands nothing, which breaks no limit"
  }),
  ...stays("src/genesys/presence.ts", {
    "[word, word] → []": "it spares most words the rewriting, which finds the same"
  }),
  ...stays("src/genesys/time.ts", {
    "1e11 → 100000000001": "as seconds and as milliseconds the bound is out of range",
    "Math.abs(value) < SECONDS_BELOW → Math.abs(value) <= SECONDS_BELOW":
      "as seconds and as milliseconds the bound is out of range",
    "1_000_000 → 1000001": "it is any number that no digits beside it make up for",
    "(hours * 60 + minutes) * (sign === DASH ? -1 : 1) → (hours * 60 + minutes) / (sign === DASH ? -1 : 1)":
      "a number divided by 1 or -1 is the number multiplied by it"
  }),
  ...stays("src/genesys/tolerant.ts", {
    "is(value) → false": "it spares sound values the copy, which says the same"
  }),
  ...stays("src/genesys/topics/activity.ts", {
    "presence?.modifiedDate → presence.modifiedDate": "what has a value is there; the compiler does not know that",
    "routingStatus?.startTime → routingStatus.startTime": "what has a value is there; the compiler does not know that"
  }),
  ...stays("src/genesys/topics/audit.ts", {
    '"" → "mutant" in: const letters': "no property, action or entity has either name"
  }),
  ...stays("src/genesys/topics/queue-observations.ts", {
    "slash < 0 → slash <= 0": "what begins with a slash has no start either way",
    "0 → 1 in: if (slash < 0)": "what begins with a slash has no start either way"
  }),
  ...stays("src/genesys/topics/queue-users.ts", {
    '"" → "mutant" in: const removes': "neither text says that something is removed"
  }),
  ...stays("src/genesys/topics/routing-status.ts", {
    "body.routingStatus?.startTime → body.routingStatus.startTime":
      "what has a value is there; the compiler does not know that"
  }),
  ...stays("src/genesys-api/api.ts", { "2 → 3 in: concurrency: 2": SPEED }),
  ...stays("src/genesys-api/call-failed.ts", {
    '"" → "mutant" in: path.split("?")[0]': "a text that is split has a first part; the compiler does not know that"
  }),
  ...stays("src/genesys-api/calls.ts", {
    "failure.retryAfterMs ?? 0 → failure.retryAfterMs && 0":
      "who would wait past the deadline fails before the next request, too",
    "0 → 1 in: waits++ >= WAITS": "who is told to wait is told how long; the compiler does not know that",
    '"notFound" → "" in: unknownAgent': "a line gives on what the API says of an agent; only decisions judge it"
  }),
  ...stays("src/genesys-api/client.ts", {
    "401 → 402 in: status = 401": "a refusal has a status; the compiler does not know that"
  }),
  ...stays("src/genesys-api/http.ts", {
    '"projections/read/Fetch" → ""': NAME
  }),
  ...stays("src/genesys-api/organisation-fields.ts", {
    "0 → 1 in: conversationSummary.read(": "nothing that is read here depends on when it came",
    "0 → 1 in: station.read(": "nothing that is read here depends on when it came",
    'facet.facet === "conversations" → true': "a summary has no other facets; the compiler does not know that",
    '"" → "mutant" in: const [tongue = ""': "a text that is split has a first part; the compiler does not know that",
    "Object.hasOwn(labels, key) → true": "what every object inherits is no text"
  }),
  ...stays("src/genesys-api/organisation-memory.ts", {
    '"0" → ""': "both are the number 0",
    ...Object.fromEntries(
      ["users", "routing/queues", "presence/definitions", "routing/wrapupcodes", "authorization/divisions"].map(
        (path) => [`"GET /api/v2/${path}" → ""`, "only a list of members can be one of nothing, and fail"]
      )
    )
  }),
  ...["pace", "rate-limiter"].flatMap((file) =>
    stays(`src/genesys-api/${file}.ts`, {
      "held.until < now + bounded → held.until <= (now + bounded)": "of two waits that end at once either may be named"
    })
  ),
  ...stays("src/genesys-api/pace.ts", {
    '"rateLimited" → "" in: until: 0': "nobody is kept back until something is held"
  }),
  ...stays("src/genesys-api/rate-limiter.ts", {
    "oldest + 1 → oldest - 1": "the places of a ring may be taken in either direction"
  }),
  ...stays("src/genesys-api/secret.ts", {
    '"" → "mutant" in: SecretString': "neither text is JSON, and both are no credentials"
  }),
  ...stays("src/genesys-api/token.ts", { '"token" → "" in: flights("token"': "one key is as good as another" }),
  ...stays("src/read/answer.ts", {
    "1 → 2 in: one < other ? -1": "only the sign of the order counts",
    "idOf(a) < idOf(b) → idOf(a) <= idOf(b)": "the ids in an answer are different",
    "2 → 3 in: { concurrency: 2 }": SPEED
  }),
  ...stays("src/read/change-record.ts", {
    "image?.[name] → image[name]": "it is called with an image; the compiler does not know that",
    '"" → "mutant" in: eventSourceARN = ""': "neither text is the ARN of a stream",
    "IMAGES[eventName]?.includes(name) → IMAGES[eventName].includes(name)":
      "the name of the event was checked; the compiler does not know that",
    '"" → "mutant" in: const generation =': "neither text is the name of a generation",
    '"" → "mutant" in: textIn(Keys, key ?? "")': "where no key is named, there is none of any name"
  }),
  ...stays("src/read/changes.ts", {
    "Object.hasOwn(readers, projection) → true": "what every object inherits names no generation",
    "Object.hasOwn(columns, name) → true": "what every object inherits is no column",
    "after?.closed → after.closed": "what has neither image is told before; the compiler does not know that"
  }),
  ...stays("src/read/critical.ts", {
    "projection === undefined || ours === undefined → (projection === undefined) && (ours === undefined)":
      "what is not there has no time",
    "since === undefined → false in: value === undefined ? undefined": ABSENT,
    "projected?.since → projected.since": "what the projection decides is there; the compiler does not know that",
    '"presence" → "" in: decidedBy ??': "Genesys states a presence, so that something decides",
    "2 → 3 in: { concurrency: 2 }": SPEED
  }),
  ...stays("src/read/directory-memory.ts", {
    '"memory-directory" → ""': NAME,
    '"0" → ""': "both are the number 0",
    "0 → 1 in: at: 0": "nobody is told when the name of a test was asked for"
  }),
  ...stays("src/read/list.ts", {
    "division === undefined → false in: ...(division": ABSENT,
    "team === undefined → false in: ...(team": ABSENT,
    "name === undefined → false in: ...(name": ABSENT,
    "after === undefined → false in: cursor: after": ABSENT
  }),
  ...stays("src/read/member-status.ts", {
    '"" → "mutant" in: presence = ""': "neither text is a presence or a status"
  }),
  ...stays("src/read/memory.ts", {
    'decidedBy === undefined || decidedBy === "outOfOffice" → false': "no fixture says since when either holds",
    'decidedBy === undefined || decidedBy === "outOfOffice" → (decidedBy === undefined) && (decidedBy === "outOfOffice")':
      "no fixture says since when either holds",
    '"outOfOffice" → ""': "no fixture says since when somebody is out of office",
    "revised === undefined → false": ABSENT,
    "one < other → one <= other": "the rows of an entity are different",
    "1 → 2 in: one < other ? -1 : 1": "only the sign of the order counts"
  }),
  ...stays("src/read/names.ts", {
    '"" → "mutant" in: projection = ""': "neither text is the name of a projection",
    "Array.isArray(value) → false": "the entries of a list are those of an object"
  }),
  ...stays("src/read/read-context.ts", {
    "last?.asked.has(name) && fresh(last, now) → false": "what is fresh is found behind the gate, too, a little later"
  }),
  ...stays("src/read/reader.ts", {
    "region === undefined → false in: ...(region": ABSENT,
    "endpoint === undefined → false in: ...(endpoint": ABSENT,
    "credentials === undefined → false in: ...(credentials": ABSENT,
    "4 → 5 in: Timeout: timeoutMs / 4": "how many attempts fit into the time of a call is a matter of speed",
    "timeoutMs / 4 → timeoutMs * 4 in: connectionTimeout":
      "no machine that a test may ask leaves a connection unanswered; the whole call ends in its time"
  }),
  ...stays("src/read/rows.ts", {
    "projection?.key → projection.key": "what is no projection has no name either, which is refused before"
  }),
  ...stays("src/read/tables.ts", {
    '"Query" → "" in: retry(': NAME,
    '"GetItem" → "" in: retry(': NAME
  }),
  ...stays("src/read/view.ts", {
    "time > greatest → time >= greatest": "of two equal times either is the latest"
  }),
  ...["use-log", "event-source", "event-store", "quarantine", "rejected-events"].flatMap((file) =>
    stays(`src/store/aws/${file}.ts`, { "8 → 9 in: OBJECTS_IN_FLIGHT": SPEED })
  ),
  ...["event-store", "quarantine", "statements"].flatMap((file) =>
    stays(`src/store/aws/${file}.ts`, { "true → false in: discard: true": "nobody looks at what is collected then" })
  ),
  ...stays("src/store/aws/batch-get.ts", { "8 → 9 in: CALLS_IN_FLIGHT": SPEED }),
  ...stays("src/store/aws/statements.ts", { "8 → 9 in: CALLS_IN_FLIGHT": SPEED }),
  ...stays("src/store/aws/settle-queue.ts", { "4 → 5 in: CALLS_IN_FLIGHT": SPEED }),
  ...stays("src/store/aws/pack.ts", { "4_096 → 4097": "how much is inflated at a time is a matter of speed" }),
  ...stays("src/store/aws/entity-index.ts", { "1_000 → 1001": PAGES }),
  ...stays("src/store/aws/event-source.ts", { "1_000 → 1001": PAGES }),
  ...stays("src/store/aws/export-source.ts", { "1_000 → 1001": PAGES, "8_000_000 → 8000001": PAGES }),
  ...stays("src/store/memory/entity-index.ts", { "100 → 101": PAGES }),
  ...stays("src/store/memory/projection-store.ts", { "25 → 26": PAGES }),
  ...stays("src/store/aws/event-item.ts", {
    "390 → 391": "the bound is any that lies below DynamoDB's by more than the two counts may differ",
    "1_024 → 1025": "the bound is any that lies below DynamoDB's by more than the two counts may differ"
  })
]

export const isSame = (
  a: Explanation,
  { file, original, replacement, text }: Mutant & { readonly file: string }
): boolean => a.file === file && a.original === original && a.replacement === replacement && text.includes(a.within)

export const isExplained = (mutant: Mutant & { readonly file: string }): boolean =>
  explained.some((explanation) => isSame(explanation, mutant))

/** The ids of those mutants of a room that are explained. */
export const explainedIn = (room: Room): ReadonlyArray<number> =>
  mutantsIn(room)
    .filter(isExplained)
    .map(({ id }) => id)
