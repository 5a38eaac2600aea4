import type { SeededRandom } from "../random.ts"

/** What a partial fault may ask: random, and whether a fault of a kind happens here (which counts it). */
export interface Chance {
  readonly random: SeededRandom
  readonly happens: (kind: "throttle" | "partial", counted?: "throttleEntry") => boolean
}

// biome-ignore lint/suspicious/noExplicitAny: the shapes are those of many operations
type Json = any

type PartialAnswer = (input: Json, chance: Chance, call: (input: Json) => Promise<Json>) => Promise<Json>

/** Which entries are refused one by one, and those that are left. */
const partition = (entries: ReadonlyArray<Json>, { happens }: Chance) => {
  const refused = entries.map(() => happens("throttle", "throttleEntry"))
  return { refused, passed: entries.filter((_, i) => !refused[i]) }
}

const THROTTLED = { Error: { Code: "ThrottlingError", Message: "Rate exceeded" } }

/** Statements that are refused have not run. The responses are in the order of the statements. */
const batchExecuteStatement: PartialAnswer = async (input, chance, call) => {
  const { refused, passed } = partition(input.Statements, chance)
  const answer = passed.length === 0 ? { Responses: [] } : await call({ ...input, Statements: passed })
  const answers = [...answer.Responses]
  return { ...answer, Responses: refused.map((isRefused) => (isRefused ? THROTTLED : answers.shift())) }
}

/** At least one key is read: DynamoDB throws when none can be. */
const batchGetItem: PartialAnswer = async (input, { happens }, call) => {
  const all = Object.entries(input.RequestItems as Record<string, { readonly Keys: ReadonlyArray<Json> }>)
  let read = 0
  const split = all.map(([table, { Keys, ...options }]) => {
    const now: Array<Json> = []
    const later: Array<Json> = []
    for (const key of Keys) (read++ > 0 && happens("partial") ? later : now).push(key)
    return { table, options, now, later }
  })
  const asked = split.filter(({ now }) => now.length > 0)
  const answer = await call({
    ...input,
    RequestItems: Object.fromEntries(asked.map(({ table, options, now }) => [table, { ...options, Keys: now }]))
  })
  const left = split.filter(({ later }) => later.length > 0)
  const unprocessed: Record<string, Json> = { ...answer.UnprocessedKeys }
  for (const { table, options, later } of left)
    unprocessed[table] = { ...options, Keys: [...(unprocessed[table]?.Keys ?? []), ...later] }
  return { ...answer, UnprocessedKeys: unprocessed }
}

const MAX_SHORT_PAGE = 3

const shortPage: PartialAnswer = (input, { random, happens }, call) => {
  const limit = 1 + random.int(MAX_SHORT_PAGE)
  if (!happens("partial")) return call(input)
  return call({ ...input, Limit: Math.min(input.Limit ?? limit, limit) })
}

/** Entries of an SQS batch fail one by one in an answer that is a success. */
const entryBatch: PartialAnswer = async (input, chance, call) => {
  const { refused, passed } = partition(input.Entries, chance)
  if (passed.length === input.Entries.length) return call(input)
  const answer = passed.length === 0 ? { Successful: [] } : await call({ ...input, Entries: passed })
  const failed = (input.Entries as ReadonlyArray<Json>)
    .filter((_, i) => refused[i])
    .map(({ Id }) => ({ Id, SenderFault: false, Code: "InternalError", Message: "Try again" }))
  return { ...answer, Failed: [...(answer.Failed ?? []), ...failed] }
}

/** Records of a call are refused one by one, where their shard is full. The results are in the order of the records. */
const putRecords: PartialAnswer = async (input, chance, call) => {
  const { refused, passed } = partition(input.Records, chance)
  if (passed.length === input.Records.length) return call(input)
  const answer = passed.length === 0 ? { FailedRecordCount: 0, Records: [] } : await call({ ...input, Records: passed })
  const answers = [...answer.Records]
  const full = { ErrorCode: "ProvisionedThroughputExceededException", ErrorMessage: "Rate exceeded for shard" }
  return {
    FailedRecordCount: answer.FailedRecordCount + input.Records.length - passed.length,
    Records: refused.map((isRefused) => (isRefused ? full : answers.shift()))
  }
}

/** Operations that can succeed in part, by name. */
export const partialAnswers: ReadonlyMap<string, PartialAnswer> = new Map([
  ["BatchExecuteStatement", batchExecuteStatement],
  ["BatchGetItem", batchGetItem],
  ["DeleteMessageBatch", entryBatch],
  ["PutRecords", putRecords],
  ["Query", shortPage],
  ["Scan", shortPage],
  ["SendMessageBatch", entryBatch]
])
