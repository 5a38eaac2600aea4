import { ABSENT, type Explanation, NAME, PAGES, SPEED, stays } from "./explanation.ts"

/** Survivors of the client of Genesys, the reader and the stores. */
export const edges: ReadonlyArray<Explanation> = [
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
    "401 → 402 in: status = 401": "a refusal has a status; the compiler does not know that",
    "body === undefined → false in: body: JSON.stringify(body)": ABSENT
  }),
  ...stays("src/genesys-api/http.ts", {
    '"projections/read/Fetch" → ""': NAME
  }),
  ...stays("src/genesys-api/organisation-fields.ts", {
    "0 → 1 in: conversationSummary.read(": "nothing that is read here depends on when it came",
    "0 → 1 in: station.read(": "nothing that is read here depends on when it came",
    ...Object.fromEntries(
      [
        'typeof value === "object" && value !== null && !Array.isArray(value) → (typeof value === "object" && value !== null) || !Array.isArray(value)',
        'typeof value === "object" && value !== null → (typeof value === "object") || (value !== null)',
        "isObject(body.conversationSummary) → true",
        "isObject(body.station) → true"
      ].map((change) => [change, "what is no object says nothing, as the topics read it"])
    ),
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
    "0 → 1 in: let began = 0": "the first request sets it",
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
  ...stays("src/read/connect.ts", {
    "0 → 1 in: : 0": "the names alone count",
    '"local" → ""': "nobody checks the secret on this machine; a test holds the name beside it, which reads the same"
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
  ...stays("src/read/intervals.ts", {
    "1 → 2 in: start - 1": "both are in the quarter of an hour before",
    "1 → 2 in: end - 1": "both are in the quarter of an hour before",
    "2 → 3 in: { concurrency: 2 }": SPEED
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
    "0 → 1 in: remember: 0": "what is read in one millisecond of a fixture is the same",
    "region === undefined → false in: ...(region": ABSENT,
    "endpoint === undefined → false in: ...(endpoint": ABSENT,
    "credentials === undefined → false in: ...(credentials": ABSENT,
    "4 → 5 in: Timeout: timeoutMs / 4": "how many attempts fit into the time of a call is a matter of speed",
    "timeoutMs / 4 → timeoutMs * 4 in: connectionTimeout":
      "no machine that a test may ask leaves a connection unanswered; the whole call ends in its time"
  }),
  ...stays("src/read/reports.ts", {
    "86_400_000 → 86400001": "both ends are at quarters of an hour, which 35 ms more do not reach"
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
