import type { TableDefinition } from "aws-in-process"
import type { SeededRandom } from "aws-in-process/random"
import { insertStatement, updateStatement } from "../../src/store/aws/statements.ts"

// biome-ignore lint/suspicious/noExplicitAny: the inputs and outputs of many operations
export type Json = any

export interface Request {
  readonly operation: string
  readonly input: Json
}

const tableArn = (name: string) => `arn:aws:dynamodb:eu-west-1:000000000000:table/${name}`
const text = (name: string) => ({ name, type: "S" }) as const

/** The shapes of the tables that the stack has, and one with a number for a key. */
export const tablesOf = (prefix: string): ReadonlyArray<TableDefinition> =>
  [
    { name: `${prefix}-events`, hashKey: text("id") },
    { name: `${prefix}-agents`, hashKey: text("agentId"), rangeKey: text("row") },
    {
      name: `${prefix}-queues`,
      hashKey: text("queueId"),
      rangeKey: text("row"),
      localIndexes: [{ name: "open", rangeKey: text("openRow"), projection: ["waiting", "joined"] }]
    },
    { name: `${prefix}-numbers`, hashKey: { name: "n", type: "N" } as const }
  ].map((table) => ({ ...table, arn: tableArn(table.name) }))

/** As `CreateTable` takes it. */
export const createTableInput = ({ name, hashKey, rangeKey, localIndexes = [] }: TableDefinition): Json => {
  const keys = rangeKey === undefined ? [hashKey] : [hashKey, rangeKey]
  const schema = (of: typeof keys) =>
    of.map((key, i) => ({ AttributeName: key.name, KeyType: i === 0 ? "HASH" : "RANGE" }))
  const indexes = localIndexes.map((index) => ({
    IndexName: index.name,
    KeySchema: schema([hashKey, index.rangeKey]),
    Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: index.projection }
  }))
  return {
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: schema(keys),
    AttributeDefinitions: [...keys, ...localIndexes.map((index) => index.rangeKey)].map((key) => ({
      AttributeName: key.name,
      AttributeType: key.type
    })),
    ...(indexes.length === 0 ? {} : { LocalSecondaryIndexes: indexes })
  }
}

const NUMBERS = [
  "0",
  "-0",
  "1",
  "-1.5",
  "007",
  "1.10",
  "1e3",
  "1E+3",
  "1e-7",
  ".5",
  "5.",
  "+3",
  "+.5",
  "9007199254740993",
  "12345678901234567890123456789012345678",
  "123456789012345678901234567890123456789",
  "1e125",
  "1e126",
  "1e-130",
  "1e-131",
  "9.9999999999999999999999999999999999999E+125",
  "",
  " 1",
  "abc",
  "NaN",
  "Infinity",
  "0x10",
  "1_0"
]
const TEXTS = ["", "a", "é", "😀", "x".repeat(60), "a\u0000b", "it's", 'say "hi"', " ", "2026-05-06T10:00:00.000Z"]

const wrapped = (levels: number, list: boolean): Json =>
  levels === 0 ? { S: "leaf" } : list ? { L: [wrapped(levels - 1, list)] } : { M: { m: wrapped(levels - 1, list) } }

/** Values that a program of ours would write. */
const plain = (random: SeededRandom): Json =>
  random.pick<() => Json>([
    () => ({ N: String(random.int(100)) }),
    () => ({ S: random.pick(["a", "b", "é", "", "long".repeat(300)]) }),
    () => ({ BOOL: random.chance(0.5) }),
    () => ({ NULL: true }),
    () => ({ L: [{ N: "1" }, { S: "x" }] }),
    () => ({ M: { call: { M: { active: { N: "1" } } } } })
  ])()

/** Values at the edge of what DynamoDB takes, and beyond it. */
const odd = (random: SeededRandom): Json =>
  random.pick<() => Json>([
    () => ({ N: random.pick(NUMBERS as [string, ...Array<string>]) }),
    () => ({ S: random.pick(TEXTS as [string, ...Array<string>]) }),
    () => ({ NULL: false }),
    () => ({ B: random.pick(["", "AAECAw==", "not base64!", "YQ"]) }),
    () => ({ SS: random.pick([["b", "a"], [], ["a", "a"], ["", "a"]]) }),
    () => ({ NS: random.pick([["1", "1.0"], ["2", "10", "1"], ["+1", "1"], ["x"]]) }),
    () => ({ BS: random.pick([["AQ==", "AQ=="], ["AQ==", "Ag=="], []]) }),
    () => random.pick([{ L: [] }, { M: {} }, { L: [{ N: "1.0" }, { M: { "": { S: "x" } } }] }]),
    () => ({ M: { a: { S: "" }, constructor: { NULL: true } } }),
    () => wrapped(random.pick([31, 32, 33]), random.chance(0.5)),
    () => random.pick<Json>([{}, { S: "a", N: "1" }, { X: "a" }, { S: 1 }, { N: 1 }, { L: [{ N: "x" }] }])
  ])()

/** An endless list of requests on the tables. `oddness` (0 to 1): how many of their values are at the edge. */
export const makeRequests = (tables: ReadonlyArray<TableDefinition>, random: SeededRandom, oddness: number) => {
  const value = (): Json => (random.chance(oddness) ? odd(random) : plain(random))
  const names = ["state", "note", "version", "constructor", "size", "it's"] as const
  const name = () => (random.chance(oddness / 4) ? "" : random.pick(names))
  const table = () => random.pick(tables as [TableDefinition, ...Array<TableDefinition>])
  const version = (): Json => ({ N: String(random.int(3)) })
  const keyText = (range: boolean) => {
    if (random.chance(oddness / 8)) return (range ? "é" : "éé").repeat(random.pick([512, 513]))
    if (random.chance(oddness / 12)) return ""
    return range ? random.pick(["state", "session#1", "session#2", "o1"]) : `e-${random.int(4)}`
  }
  const keyOf = ({ hashKey, rangeKey }: TableDefinition): Json => {
    const part = (type: string, range: boolean): Json => {
      if (random.chance(oddness / 20)) return odd(random)
      return type === "N" ? { N: random.pick(["1", "1.0", "2", "1e1", "10"]) } : { S: keyText(range) }
    }
    return {
      [hashKey.name]: part(hashKey.type, false),
      ...(rangeKey === undefined ? {} : { [rangeKey.name]: part(rangeKey.type, true) })
    }
  }
  const attributes = ({ localIndexes }: TableDefinition): Json => ({
    ...Object.fromEntries(Array.from({ length: random.int(4) }, () => [name(), value()])),
    ...(localIndexes !== undefined && random.chance(0.5) ? { openRow: random.chance(0.9) ? { S: "o1" } : value() } : {})
  })
  const capacity = (): Json =>
    random.chance(0.4) ? { ReturnConsumedCapacity: random.pick(["TOTAL", "INDEXES", "NONE"]) } : {}
  const condition = (): { readonly text?: string; readonly names: Json; readonly values: Json } =>
    random.pick<() => ReturnType<typeof condition>>([
      () => ({ names: {}, values: {} }),
      () => ({ text: "attribute_not_exists(version)", names: {}, values: {} }),
      () => ({ text: "#v = :seen", names: { "#v": "version" }, values: { ":seen": version() } }),
      () => ({
        text: "attribute_exists(#a) AND NOT contains(#a, :c)",
        names: { "#a": name() },
        values: { ":c": value() }
      }),
      () => ({
        text: "#a IN (:c, :d) OR size(#a) > :n",
        names: { "#a": name() },
        values: { ":c": value(), ":d": value(), ":n": { N: "2" } }
      }),
      () => ({ text: "#a BETWEEN :c AND :d", names: { "#a": name() }, values: { ":c": value(), ":d": value() } })
    ])()
  const conditional = (more: { readonly update?: string; readonly names?: Json; readonly values?: Json }): Json => {
    const { text, names, values } = condition()
    const [allNames, allValues] = [
      { ...more.names, ...names },
      { ...more.values, ...values }
    ]
    return {
      ...(more.update === undefined ? {} : { UpdateExpression: more.update }),
      ...(text === undefined ? {} : { ConditionExpression: text }),
      ...(Object.keys(allNames).length === 0 ? {} : { ExpressionAttributeNames: allNames }),
      ...(Object.keys(allValues).length === 0 ? {} : { ExpressionAttributeValues: allValues }),
      ...(random.chance(0.5) ? { ReturnValuesOnConditionCheckFailure: random.pick(["ALL_OLD", "NONE"]) } : {})
    }
  }
  const returning = (...kinds: [string, ...Array<string>]): Json =>
    random.chance(0.5) ? { ReturnValues: random.pick(kinds) } : {}

  const statement = (): Json => {
    if (random.chance(0.03)) return insertStatement("absent-table", { id: { S: "a" } })
    const on = table()
    const key = keyOf(on)
    if (random.chance(0.5)) return insertStatement(on.name, { ...key, ...attributes(on) })
    if (random.chance(0.7)) {
      const { version: _, ...set } = { ...attributes(on), version: undefined }
      return {
        ...updateStatement(on.name, { ...set, version: { N: "1" } }, ["old"], { ...key, version: version() }),
        ...(random.chance(0.5) ? { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } : {})
      }
    }
    const where = Object.keys(key).map((part) => `"${part}" = ?`)
    return { Statement: `SELECT * FROM "${on.name}" WHERE ${where.join(" AND ")}`, Parameters: Object.values(key) }
  }

  const update = (): Json => {
    const names = { "#0": name(), "#1": name() }
    return random.pick<Json>([
      { update: "ADD version :0", values: { ":0": random.chance(0.9) ? { N: "1" } : value() } },
      { update: "SET #0 = :0 REMOVE #1", names, values: { ":0": value() } },
      { update: "SET #0 = if_not_exists(#1, :0)", names, values: { ":0": value() } }
    ])
  }
  const keys = (on: TableDefinition, count: number): ReadonlyArray<Json> => {
    const all = Array.from({ length: count }, () => keyOf(on))
    return random.chance(0.05) ? all : [...new Map(all.map((key) => [JSON.stringify(key), key])).values()]
  }
  const query = (): Json => {
    const on = random.pick([tables[1], tables[2]] as [TableDefinition, TableDefinition])
    const index = on.localIndexes !== undefined && random.chance(0.6)
    const range = !index && random.chance(0.4)
    return {
      TableName: on.name,
      ...(index ? { IndexName: "open" } : {}),
      KeyConditionExpression: `#key = :key${range ? " AND #row BETWEEN :from AND :to" : ""}`,
      ExpressionAttributeNames: { "#key": on.hashKey.name, ...(range ? { "#row": "row" } : {}) },
      ExpressionAttributeValues: {
        ":key": { S: keyText(false) },
        ...(range ? { ":from": { S: "s" }, ":to": { S: random.pick(["t", "session#1", "a"]) } } : {})
      },
      ConsistentRead: random.chance(0.7),
      ...(random.chance(0.3) ? { Limit: 1 + random.int(3) } : {}),
      ...(random.chance(0.3) ? { ScanIndexForward: false } : {}),
      ...(random.chance(0.2) ? { Select: "COUNT" } : {})
    }
  }
  const batchWrites = (on: TableDefinition): ReadonlyArray<Json> =>
    keys(on, 1 + random.int(3)).map((Key) =>
      random.chance(0.6) ? { PutRequest: { Item: { ...Key, ...attributes(on) } } } : { DeleteRequest: { Key } }
    )

  /** On one table: its name, and what else the operation asks for. */
  const onTable = (operation: string, inputOf: (on: TableDefinition) => Json): Request => {
    const on = table()
    return { operation, input: { TableName: on.name, ...inputOf(on), ...capacity() } }
  }
  return (): Request =>
    random.pick<() => Request>([
      () => {
        const count = random.chance(0.03) ? 26 : 1 + random.int(3)
        const Statements = Array.from({ length: count }, statement)
        return { operation: "BatchExecuteStatement", input: { Statements, ...capacity() } }
      },
      () => ({ operation: "BatchExecuteStatement", input: { Statements: [statement()], ...capacity() } }),
      () => ({ operation: "ExecuteStatement", input: { ...statement(), ...capacity() } }),
      () =>
        onTable("PutItem", (on) => ({
          Item: { ...keyOf(on), ...attributes(on) },
          ...conditional({}),
          ...returning("ALL_OLD", "NONE", "UPDATED_NEW")
        })),
      () =>
        onTable("UpdateItem", (on) => ({
          Key: keyOf(on),
          ...conditional(update()),
          ...returning("UPDATED_NEW", "ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE")
        })),
      () => onTable("DeleteItem", (on) => ({ Key: keyOf(on), ...conditional({}), ...returning("ALL_OLD", "NONE") })),
      () => onTable("GetItem", (on) => ({ Key: keyOf(on), ConsistentRead: random.chance(0.5) })),
      () => onTable("Scan", () => (random.chance(0.4) ? { Select: "COUNT" } : {})),
      () => ({ operation: "Query", input: { ...query(), ...capacity() } }),
      () => {
        const on = table()
        const RequestItems = { [on.name]: { Keys: keys(on, 1 + random.int(4)), ConsistentRead: random.chance(0.5) } }
        return { operation: "BatchGetItem", input: { RequestItems, ...capacity() } }
      },
      () => {
        const on = table()
        return { operation: "BatchWriteItem", input: { RequestItems: { [on.name]: batchWrites(on) }, ...capacity() } }
      }
    ])()
}
