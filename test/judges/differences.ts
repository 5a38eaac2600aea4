/** A difference that is known, by the line that `difference` makes of it, and who is right. */
export interface Known {
  readonly engine: "dynoxide" | "ministack"
  readonly line: RegExp
  /** In one sentence. `unclear`: AWS does not say. */
  readonly right: "ours" | "unclear"
  readonly because: string
  /** The page of AWS that says so, below docs.aws.amazon.com/amazondynamodb/latest. */
  readonly page: string
}

const DUPLICATES = "APIReference/API_BatchGetItem.html"
const PARTIQL_BATCH = "developerguide/ql-reference.multiplestatements.batching.html"
const CAPACITY = "developerguide/read-write-operations.html"
const LIMITS = "developerguide/Constraints.html"
const UPDATE = "APIReference/API_UpdateItem.html"

const lenient = (line: RegExp, because: string, page: string): Known => ({
  engine: "ministack",
  line,
  right: "ours",
  because,
  page
})

export const known: ReadonlyArray<Known> = [
  {
    engine: "dynoxide",
    line: /^BatchGetItem: ValidationException "Provided list of item keys contains duplicates" \| success/,
    right: "ours",
    because: "1 and 1.0 are one number, and a batch must not name one key twice.",
    page: DUPLICATES
  },
  {
    engine: "dynoxide",
    line: /^Query: ValidationException "One or more parameter values were invalid: (?:Size of hashkey|Aggregated size)/,
    right: "unclear",
    because: "The page limits keys and does not say what a query does with one that cannot exist: ours refuses.",
    page: LIMITS
  },
  {
    engine: "dynoxide",
    line: /^BatchExecuteStatement: ValidationException "A batch must not mix read and write statements" \| success/,
    right: "unclear",
    because: "Reads and writes are mixed, and one of them is wrong in itself: ours refuses the call as a whole.",
    page: PARTIQL_BATCH
  },
  {
    engine: "dynoxide",
    line: /^BatchExecuteStatement \(failed\)\.ConsumedCapacity/,
    right: "ours",
    because:
      "A write whose condition fails consumes its units as well; dynoxide leaves a table out when all of its writes failed.",
    page: CAPACITY
  },
  {
    engine: "dynoxide",
    line: /^ExecuteStatement\.ConsumedCapacity|^BatchExecuteStatement \(failed\)\.Responses\.#\.Error: \{"Code":"ValidationError"\} \| undefined/,
    right: "unclear",
    because: "A SELECT by an empty key finds nothing in dynoxide; the page says that a key is not empty: ours refuses.",
    page: LIMITS
  },
  {
    engine: "dynoxide",
    line: /^(?:ExecuteStatement: ValidationException "One or more parameter values were invalid: The AttributeValue for a key attribute cannot contain an empty|BatchExecuteStatement \(failed\)\.Responses\.#\.Error\.Code: "ValidationError" \| "ConditionalCheckFailed")/,
    right: "unclear",
    because:
      "An UPDATE by an empty key fails its condition in dynoxide; the page says that a key is not empty: ours refuses.",
    page: LIMITS
  },
  {
    engine: "dynoxide",
    line: /^BatchExecuteStatement \(failed\)\.Responses\.#\.TableName: undefined \| /,
    right: "unclear",
    because: "The same statement by an empty key: dynoxide ran it, and names its table.",
    page: LIMITS
  },
  {
    engine: "dynoxide",
    line: /^UpdateItem\.Attributes: undefined \| \{/,
    right: "ours",
    because: "ALL_OLD returns the item as it was: of one that was not there, dynoxide returns the key.",
    page: UPDATE
  },
  {
    engine: "dynoxide",
    line: /^\w+: SerializationException .* \| ValidationException /,
    right: "unclear",
    because: "Two faults in one request: which of them is told first is not said.",
    page: "developerguide/Programming.Errors.html"
  },
  {
    engine: "dynoxide",
    line: /^\w+: ValidationException "Invalid ConditionExpression: The BETWEEN operator requires upper bound .*\{BOOL:/,
    right: "unclear",
    because:
      "BETWEEN compares numbers, strings and bytes: ours refuses booleans by their order, dynoxide evaluates them.",
    page: "developerguide/Expressions.OperatorsAndFunctions.html"
  },
  lenient(
    /^BatchExecuteStatement(?:: ValidationException "A batch must not| \(failed\)\.Responses\.#\.TableName)/,
    "MiniStack has no rules for batches of statements.",
    PARTIQL_BATCH
  ),
  lenient(
    /^Batch(?:Get|Write)Item: ValidationException "Provided list of item keys contains duplicates"/,
    "MiniStack takes one key twice.",
    DUPLICATES
  ),
  lenient(
    /^\w+: ValidationException "Invalid (?:Condition|Update)Expression: .*\| (?:success|ConditionalCheckFailedException)/,
    "MiniStack evaluates expressions that DynamoDB does not take.",
    "developerguide/Expressions.OperatorsAndFunctions.html"
  ),
  lenient(
    /Type mismatch for Index Key|^BatchExecuteStatement \(failed\)\.Responses\.#\.Error: \{"Code":"ValidationError"\} \| undefined/,
    "MiniStack stores index keys of another type than the index declares.",
    "developerguide/SecondaryIndexes.html"
  ),
  lenient(/\.ConsumedCapacity/, "MiniStack counts each call as one unit.", CAPACITY)
]
