import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer } from "effect"
import { iso } from "../../src/domain/stamp.ts"
import { directory, directoryFromConfig } from "../../src/store/aws/directory.ts"
import { fromDirectoryItem, fromListedItem, fromSweptItem, indexOf } from "../../src/store/aws/directory-item.ts"
import { Directory } from "../../src/store/directory.ts"
import { type Answer, asking } from "./answering.ts"

const DAY = 86_400_000
const NOW = Date.UTC(2026, 5, 1)
const TableName = "names"
const scope = { holds: "names", divisions: [] } as const
const OVERTAKEN = "ConditionalCheckFailedException"

const directoryOf = asking(directory(TableName, scope))
const ask = <A, E>(answers: ReadonlyArray<Answer>, work: (of: Directory["Service"]) => Effect.Effect<A, E>) =>
  directoryOf(answers, Directory.use(work))

const Key = (id: string, kind = "agents") => ({ kind: { S: kind }, id: { S: id } })
const stored = (id: string, at: number, more: object = {}) => ({
  ...Key(id),
  name: { S: id },
  seen: { S: iso(at) },
  listed: { S: `agents#${id}` },
  ...more
})
const found = (...Items: ReadonlyArray<object>) => ({ Responses: { [TableName]: Items } })
const asked = (ConsistentRead: boolean, ...ids: ReadonlyArray<string>) => [
  "BatchGetItem",
  { RequestItems: { [TableName]: { Keys: ids.map((id) => Key(id)), ConsistentRead } } }
]
const marked = (id: string, gone: number, before: number) => [
  "UpdateItem",
  {
    TableName,
    Key: Key(id),
    UpdateExpression: "SET #gone = :gone, #expiresAt = :expiresAt REMOVE #listed",
    ConditionExpression: "#seen < :before AND attribute_not_exists(#gone)",
    ExpressionAttributeNames: { "#gone": "gone", "#expiresAt": "expiresAt", "#listed": "listed", "#seen": "seen" },
    ExpressionAttributeValues: {
      ":gone": { S: iso(gone) },
      ":expiresAt": { N: String(gone / 1_000 + 30 * 86_400) },
      ":before": { S: iso(before) }
    }
  }
]

describe("the directory on DynamoDB", () => {
  const entry = (id: string, at = NOW) => ({ kind: "agents", id, at, name: id }) as const
  const put = (id: string) => [
    "PutItem",
    {
      TableName,
      Item: stored(id, NOW),
      ConditionExpression: "attribute_not_exists(#seen) OR #seen < :seen",
      ExpressionAttributeNames: { "#seen": "seen" },
      ExpressionAttributeValues: { ":seen": { S: iso(NOW) } }
    }
  ]

  it.effect("writes what is new after a consistent look, and counts what no later request overtook", () =>
    Effect.gen(function* () {
      const { asked: calls, value } = yield* ask([found(stored("a", NOW)), {}, OVERTAKEN], (of) =>
        of.put([entry("a"), entry("b"), entry("c"), entry("")])
      )
      assert.deepStrictEqual(value, { written: 1, removed: 0, refused: 1 })
      assert.deepStrictEqual(calls as ReadonlyArray<unknown>, [asked(true, "a", "b", "c"), put("b"), put("c")])
    })
  )

  it.effect("removes an entry of a division that is left out, unless it was written later", () =>
    Effect.gen(function* () {
      const one = asking(directory(TableName, { holds: "names", divisions: ["d"] }))
      const { asked: calls, value } = yield* one(
        [found(stored("a", NOW), stored("b", NOW)), {}, OVERTAKEN],
        Directory.use((of) => of.put([entry("a"), entry("b"), entry("c")]))
      )
      assert.deepStrictEqual(value, { written: 0, removed: 1, refused: 0 })
      assert.deepStrictEqual(calls.slice(1) as ReadonlyArray<unknown>, [
        ...["a", "b"].map((id) => [
          "DeleteItem",
          {
            TableName,
            Key: Key(id),
            ConditionExpression: "#seen <= :until",
            ExpressionAttributeNames: { "#seen": "seen" },
            ExpressionAttributeValues: { ":until": { S: iso(NOW) } }
          }
        ])
      ])
    })
  )

  it.effect("removes an entry at once where it is told to, and asks for none whose id no table takes", () =>
    Effect.gen(function* () {
      const { asked: calls } = yield* ask([{}], (of) =>
        Effect.andThen(of.remove("agents", "a"), of.remove("agents", ""))
      )
      assert.deepStrictEqual(calls, [["DeleteItem", { TableName, Key: Key("a") }]])
    })
  )

  it.effect("marks what a sweep has not seen for more than a day, of all pages, and notes the sweep", () =>
    Effect.gen(function* () {
      const old = NOW - DAY - 1
      const pages = [
        { Items: [stored("a", old), stored("fresh", NOW - DAY)], LastEvaluatedKey: Key("fresh") },
        { Items: [stored("b", old), stored("gone", old, { gone: { S: iso(old) } })] }
      ] as const
      const { asked: calls, value } = yield* ask([pages[0], {}, pages[1], OVERTAKEN, {}], (of) =>
        of.swept("agents", NOW)
      )
      assert.strictEqual(value, 1)
      const query = {
        TableName,
        IndexName: "byName",
        KeyConditionExpression: "#kind = :kind",
        FilterExpression: "#seen < :before",
        ExpressionAttributeNames: { "#kind": "kind", "#seen": "seen" },
        ExpressionAttributeValues: { ":kind": { S: "agents" }, ":before": { S: iso(NOW - DAY) } }
      }
      assert.deepStrictEqual(calls.slice(0, 4) as ReadonlyArray<unknown>, [
        ["Query", query],
        marked("a", NOW, NOW - DAY),
        ["Query", { ...query, ExclusiveStartKey: Key("fresh") }],
        marked("b", NOW, NOW - DAY)
      ])
      const swept = { ...Key("agents", "sweeps"), seen: { S: iso(NOW) }, holds: { S: "names" }, divisions: { L: [] } }
      assert.deepInclude(calls[4]?.[1], { TableName, Item: swept })
      assert.strictEqual((yield* ask([{}, {}], (of) => of.swept("agents", NOW))).value, 0)
    })
  )

  it.effect("marks those who have left at once, unless they are marked or were seen since", () =>
    Effect.gen(function* () {
      const { asked: calls, value } = yield* ask(
        [found(stored("a", NOW - 1), stored("b", NOW), stored("c", NOW - 1, { gone: { S: iso(NOW - 1) } })), {}],
        (of) => of.left("agents", ["a", "b", "c", ""], NOW)
      )
      assert.strictEqual(value, 1)
      assert.deepStrictEqual(calls as ReadonlyArray<unknown>, [asked(false, "a", "b", "c"), marked("a", NOW, NOW)])
    })
  )

  it.effect("says when a kind was swept last, and of what", () =>
    Effect.gen(function* () {
      const swept = { seen: { S: iso(NOW) }, holds: { S: "ids" }, divisions: { L: [{ S: "d" }, {}] } }
      const { asked: calls, value } = yield* ask([{ Item: swept }], (of) => of.lastSwept("queues"))
      assert.deepStrictEqual(calls, [["GetItem", { TableName, Key: Key("queues", "sweeps") }]])
      assert.deepStrictEqual(value, { began: NOW, holds: "ids", divisions: ["d", ""] })
      assert.isUndefined((yield* ask([{}], (of) => of.lastSwept("queues"))).value)
    })
  )

  it.effect("lists a page of at least one entry from a cursor on, and takes no other cursor", () =>
    Effect.gen(function* () {
      const [key, page] = [{ ...Key("a"), listed: { S: "agents#a" } }, { Items: [stored("a", NOW)] }]
      const first = yield* ask([{ ...page, LastEvaluatedKey: key }], (of) => of.list("agents", {}, { limit: 0 }))
      assert.deepStrictEqual(first.value.entries, [{ kind: "agents", id: "a", name: "a" }])
      const query = first.asked[0]?.[1]
      assert.deepInclude(query, { Limit: 1, IndexName: "byName" })
      assert.doesNotHaveAnyKeys(query, ["ExclusiveStartKey"])
      const cursor = first.value.cursor ?? assert.fail("no cursor")
      const next = yield* ask([{}], (of) => of.list("agents", {}, { cursor }))
      assert.deepInclude(next.asked[0]?.[1], { Limit: 100, ExclusiveStartKey: key })
      assert.deepStrictEqual(next.value, { entries: [] })
      const other = yield* Effect.flip(ask([], (of) => of.list("agents", {}, { cursor: "other" })))
      assert.deepInclude(other, { store: "directory", operation: "list", reason: "CursorInvalid", retryable: false })
    })
  )

  it.effect.each<[operation: string, work: (of: Directory["Service"]) => Effect.Effect<unknown, object>]>([
    ["put", (of) => of.put([entry("a")])],
    ["swept", (of) => of.swept("agents", NOW)],
    ["left", (of) => of.left("agents", ["a"], NOW)],
    ["names", (of) => of.names("agents", ["a"])],
    ["list", (of) => of.list("agents")],
    ["lastSwept", (of) => of.lastSwept("agents")],
    ["remove", (of) => of.remove("agents", "a")]
  ])("fails where DynamoDB refuses: %s", ([operation, work]) =>
    Effect.gen(function* () {
      const refused = yield* Effect.flip(ask([], work))
      assert.deepInclude(refused, { store: "directory", operation, reason: "AccessDenied" })
    })
  )
})

describe("the items of the directory", () => {
  it("are read with what they hold, and without a time where they have none", () => {
    assert.deepStrictEqual(fromListedItem(Key("a")), { kind: "agents", id: "a" } as never)
    assert.deepStrictEqual(fromListedItem({}), { kind: undefined, id: "" } as never)
    assert.deepStrictEqual(fromDirectoryItem(stored("a", NOW)), { kind: "agents", id: "a", name: "a", at: NOW })
    assert.isNaN(fromDirectoryItem({}).at)
    assert.deepStrictEqual(fromSweptItem({}), { began: Number.NaN, holds: undefined, divisions: [] } as never)
    assert.deepStrictEqual(fromSweptItem({ divisions: { M: {} } }).divisions, [])
  })

  it("are asked for by the index that reads the least", () => {
    assert.deepStrictEqual(indexOf("agents", {}), { index: "byName", key: "kind", value: "agents" })
    assert.deepStrictEqual(indexOf("agents", { division: "d" }), { index: "byDivision", key: "division", value: "d" })
    assert.deepStrictEqual(indexOf("agents", { division: "d", team: "t" }), {
      index: "byTeam",
      key: "team",
      value: "t"
    })
  })
})

describe("the directory's configuration", () => {
  const configured = (env: Readonly<Record<string, string>>) =>
    asking(Layer.provide(directoryFromConfig, ConfigProvider.layer(ConfigProvider.fromEnvRecord(env))))
  const env = { DIRECTORY_TABLE: TableName, DIRECTORY_HOLDS: "emails" }

  it.effect.each<[text: string | undefined, divisions: ReadonlyArray<string>]>([
    [undefined, []],
    ["", []],
    ["a", ["a"]],
    ["a,b,", ["a", "b"]]
  ])("names divisions with commas between: %j", ([text, divisions]) =>
    Effect.gen(function* () {
      const { asked: calls } = yield* configured({ ...env, ...(text === undefined ? {} : { DIVISIONS: text }) })(
        [{}, {}],
        Directory.use((of) => of.swept("agents", NOW))
      )
      const [, { Item } = {}] = (calls[1] ?? []) as readonly [string?, { readonly Item?: object }?]
      assert.deepInclude(Item, { holds: { S: "emails" }, divisions: { L: divisions.map((S) => ({ S })) } })
    })
  )

  it.effect.each(Object.keys(env))("needs %s", (name) =>
    Effect.gen(function* () {
      const { [name as keyof typeof env]: _, ...others } = env
      const refused = yield* Effect.flip(
        configured(others)(
          [],
          Directory.use((of) => of.lastSwept("agents"))
        )
      )
      assert.include(String(refused), name)
    })
  )
})
