import { ABSENT, ALIKE, type Explanation, KEPT, stays } from "./explanation.ts"

const NAMED = "an event that decodes has the name of its topic; the compiler does not know that"

/** Survivors of the projections, the domain and the contract with Genesys. */
export const core: ReadonlyArray<Explanation> = [
  ...stays("projections/agent-intervals.ts", {
    "true → false in: endedAt: true": "that it is there says that the session ended, and not what it is",
    "disconnectType === undefined → false": ABSENT,
    "one < other → one <= other": "no two changes of one time have one word",
    "1 → 2 in: one < other": "only the sign of the order counts"
  }),
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
    "1 → 2 in: let before = -1": "it is any number below that of the generations that are written",
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
  ...stays("src/genesys/erasure.ts", {
    "Result.isSuccess(decoded) && Result.isSuccess(decoded.success) → true":
      "a failure has no success, and the decoder throws at no JSON",
    "Result.isSuccess(decoded) && Result.isSuccess(decoded.success) → Result.isSuccess(decoded) || Result.isSuccess(decoded.success)":
      "a failure has no success, and the decoder throws at no JSON",
    'isObject(detail) && typeof detail.topicName === "string" → true': NAMED,
    'isObject(detail) && typeof detail.topicName === "string" → isObject(detail) || (typeof detail.topicName === "string")':
      NAMED,
    '"" → "mutant" in: isObject(detail) && typeof': NAMED,
    "rest === undefined → false": "nothing decodes as no event either"
  }),
  ...stays("src/genesys/limits.ts", {
    "i < value.length → i <= value.length": "behind the last element stands nothing, which breaks no limit"
  }),
  ...stays("src/genesys/presence.ts", {
    "[word, word] → []": "it spares most words the rewriting, which finds the same"
  }),
  ...stays("src/genesys/redact.ts", {
    "names.in(value) → true": "where the name does not stand nothing is cut"
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
  })
]
