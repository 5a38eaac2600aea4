import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { emptyRow, encodeRow, type Row } from "../../src/domain/row.ts"
import { iso } from "../../src/domain/stamp.ts"
import { itemBytes } from "../../src/store/aws/attribute.ts"
import { entityIndex, partitionOf, toItem } from "../../src/store/aws/entity-index.ts"
import { projectionStore } from "../../src/store/aws/projection-store.ts"
import { sizeProblem, toEntityRow, toReadRow } from "../../src/store/aws/row-item.ts"
import { Deadline } from "../../src/store/deadline.ts"
import { EntityIndex } from "../../src/store/entity-index.ts"
import { ProjectionStore, type RowWrite, rowKey } from "../../src/store/projection-store.ts"
import { type Answer, asking } from "./answering.ts"
import { ARRIVAL } from "./events.ts"

const done = { Responses: [{}] }
const code = (...codes: ReadonlyArray<string>) => ({ Responses: codes.map((Code) => ({ Error: { Code } })) })
const once = Effect.provideService(Deadline, 0)

describe("the index by entity on DynamoDB", () => {
  const indexOf = asking(entityIndex("entities"))
  const index = <A, E>(answers: ReadonlyArray<Answer>, work: (of: EntityIndex["Service"]) => Effect.Effect<A, E>) =>
    once(indexOf(answers, EntityIndex.use(work)))
  const entity = { projection: "agents", entity: "a-1" }
  const entry = (eventId: string, received = ARRIVAL) => ({ ...entity, eventId, received })
  const key = (eventId: string) => ({ entity: { S: "agents#a-1" }, at: { S: `${iso(ARRIVAL)}#${eventId}` } })

  it("names an entity and an event by themselves, or by a hash where a key cannot hold them", () => {
    assert.deepStrictEqual(toItem(entry("e#1")), key("e#1"))
    const [long, half] = ["e".repeat(1_001), "e\ud800"]
    for (const id of [long, half]) {
      const { at, id: whole } = toItem(entry(id))
      assert.match(at?.S ?? "", /^2026-05-06T10:00:05\.000Z#[0-9a-f]{64}$/)
      assert.deepStrictEqual(whole, { S: id })
    }
    assert.strictEqual(toItem(entry("e".repeat(999))).at?.S?.length, 1_024)
    assert.isDefined(toItem(entry("e".repeat(1_000))).id)
    assert.match(partitionOf({ ...entity, entity: "a".repeat(2_042) }), /^agents#[0-9a-f]{64}$/)
    assert.strictEqual(partitionOf({ ...entity, entity: "a".repeat(2_041) }).length, 2_048)
    assert.notStrictEqual(partitionOf({ ...entity, entity: half }), partitionOf({ ...entity, entity: "e\ud801" }))
  })

  it.effect("adds each entry once, and takes one that is there for its own", () =>
    Effect.gen(function* () {
      const { asked } = yield* index([code("DuplicateItem", "DuplicateItem")], (of) =>
        of.add([entry("a"), entry("b"), entry("a")])
      )
      const [, { Statements = [] } = {}] = asked[0] as unknown as [string, { Statements?: ReadonlyArray<object> }?]
      const Statement = "INSERT INTO \"entities\" VALUE {'entity': ?, 'at': ?}"
      assert.deepStrictEqual(
        Statements,
        ["a", "b"].map((id) => ({ Statement, Parameters: Object.values(key(id)) }))
      )
      const refused = yield* Effect.flip(
        index([code("DuplicateItem", "AccessDenied")], (of) => of.add([entry("a"), entry("b")]))
      )
      assert.deepInclude(refused, { store: "entity index", operation: "add", reason: "AccessDenied" })
    })
  )

  it.effect("returns a page of an entity's events with their arrivals, up to a time", () =>
    Effect.gen(function* () {
      const query = {
        TableName: "entities",
        KeyConditionExpression: "#entity = :entity",
        ExpressionAttributeNames: { "#entity": "entity" },
        ExpressionAttributeValues: { ":entity": { S: "agents#a-1" } },
        Limit: 1_000
      }
      const Items = [key("e#1"), { ...key("hash"), id: { S: "e-2" } }, {}]
      const first = yield* index([{ Items, LastEvaluatedKey: key("x") }], (of) => of.page(entity))
      assert.deepStrictEqual(first.asked, [["Query", query]])
      assert.deepStrictEqual(first.value.eventIds, ["e#1", "e-2", ""])
      assert.deepStrictEqual([...first.value.arrivals].slice(0, 2), [
        ["e#1", ARRIVAL],
        ["e-2", ARRIVAL]
      ])
      assert.isNaN(first.value.arrivals.get(""))
      const { cursor = "" } = first.value
      assert.strictEqual(cursor, key("x").at.S)
      const next = yield* index([{ LastEvaluatedKey: {} }], (of) => of.page({ ...entity, until: ARRIVAL, cursor }))
      assert.deepStrictEqual(next.asked, [
        [
          "Query",
          {
            ...query,
            KeyConditionExpression: "#entity = :entity AND #at < :end",
            ExpressionAttributeNames: { "#entity": "entity", "#at": "at" },
            ExpressionAttributeValues: { ":entity": { S: "agents#a-1" }, ":end": { S: iso(ARRIVAL + 1) } },
            ExclusiveStartKey: key("x")
          }
        ]
      ])
      assert.deepStrictEqual(next.value, { eventIds: [], arrivals: new Map() })
    })
  )

  it.effect("says which entries are missing, by consistent reads", () =>
    Effect.gen(function* () {
      const { asked, value } = yield* index([{ Responses: { entities: [key("a")] } }], (of) =>
        of.missing([entry("a"), entry("b"), entry("a")])
      )
      assert.deepStrictEqual(value, [entry("b")])
      const Keys = [key("a"), key("b")]
      assert.deepStrictEqual(asked, [["BatchGetItem", { RequestItems: { entities: { Keys, ConsistentRead: true } } }]])
    })
  )

  it.effect("returns pages of all entries, but for what is none", () =>
    Effect.gen(function* () {
      const Items = [
        key("a"),
        { ...key("b"), entity: { S: "none" } },
        { ...key("c"), at: { S: "soon#c" } },
        { entity: { S: "#e" }, at: key("d").at },
        {}
      ]
      const scan = { TableName: "entities", Segment: 1, TotalSegments: 4, ReturnConsumedCapacity: "TOTAL" }
      const first = yield* index(
        [{ Items, LastEvaluatedKey: key("x"), ConsumedCapacity: { CapacityUnits: 7 } }],
        (of) => of.pages({ segment: 1, segments: 4, limit: 5_000 })
      )
      assert.deepStrictEqual(first.asked, [["Scan", { ...scan, Limit: 1_000 }]])
      const entries = [entry("a"), { projection: "", entity: "e", eventId: "d", received: ARRIVAL }]
      assert.deepStrictEqual(first.value, { entries, readUnits: 7, cursor: JSON.stringify(key("x")) })
      const { cursor = "" } = first.value
      const next = yield* index([{}], (of) => of.pages({ segment: 1, segments: 4, limit: 5, cursor }))
      assert.deepStrictEqual(next.asked, [["Scan", { ...scan, Limit: 5, ExclusiveStartKey: key("x") }]])
      assert.deepStrictEqual(next.value, { entries: [], readUnits: 0 })
    })
  )

  it.effect("takes entries out by their keys", () =>
    Effect.gen(function* () {
      const { asked } = yield* index([{}], (of) => of.remove([entry("a")]))
      assert.deepStrictEqual(asked, [["DeleteItem", { TableName: "entities", Key: key("a") }]])
    })
  )

  it.effect.each<[operation: string, work: (of: EntityIndex["Service"]) => Effect.Effect<unknown, object>]>([
    ["missing", (of) => of.missing([entry("a")])],
    ["pages", (of) => of.pages({ segment: 0, segments: 1 })],
    ["remove", (of) => of.remove([entry("a")])]
  ])("fails where DynamoDB refuses: %s", ([operation, work]) =>
    Effect.gen(function* () {
      const refused = yield* Effect.flip(index([], work))
      assert.deepInclude(refused, { store: "entity index", operation, reason: "AccessDenied" })
    })
  )
})

describe("the projection store on DynamoDB", () => {
  const table = { table: "agents", key: "agentId" }
  const storeOf = asking(projectionStore({ "agents-v1": table }))
  const rows = <A, E>(answers: ReadonlyArray<Answer>, work: (of: ProjectionStore["Service"]) => Effect.Effect<A, E>) =>
    once(storeOf(answers, ProjectionStore.use(work)))
  const row = { projection: "agents-v1", entity: "a-1", row: "r" }
  const key = { agentId: { S: "a-1" }, row: { S: "r" } }
  const held = { ...key, registers: { S: encodeRow(emptyRow) }, version: { N: "3" }, asOf: { S: iso(ARRIVAL) } }
  const found = (...Items: ReadonlyArray<object>) => ({ Responses: { agents: Items } })
  const asRead = { row: "r", columns: {}, registers: emptyRow, asOf: ARRIVAL, version: 3 }
  const from = { registers: emptyRow, version: 3, columns: ["had"], open: false }
  const write = (more: Partial<RowWrite> = {}): RowWrite => ({
    ...row,
    registers: emptyRow,
    columns: {},
    asOf: ARRIVAL,
    from: undefined,
    counted: false,
    ...more
  })
  const statements = (asked: ReadonlyArray<readonly [string, object]>) =>
    asked
      .flatMap(([, input]) => (input as { Statements?: ReadonlyArray<{ Statement: string }> }).Statements ?? [])
      .map(({ Statement }) => Statement)

  it.effect("loads each row once, consistently where it is told to, and reads always so", () =>
    Effect.gen(function* () {
      const request = (ConsistentRead: boolean) => [
        "BatchGetItem",
        { RequestItems: { agents: { Keys: [key], ConsistentRead } } }
      ]
      const loaded = yield* rows([found(held)], (of) => of.load([row, row]))
      assert.deepStrictEqual(loaded.asked as ReadonlyArray<unknown>, [request(false)])
      assert.deepStrictEqual(
        [...loaded.value],
        [[rowKey(row), { registers: emptyRow, version: 3, columns: [], open: false }]]
      )
      assert.deepStrictEqual((yield* rows([found()], (of) => of.load([row], true))).asked as ReadonlyArray<unknown>, [
        request(true)
      ])
      const read = yield* rows([found(held)], (of) => of.read([row]))
      assert.deepStrictEqual(read.asked as ReadonlyArray<unknown>, [request(true)])
      assert.deepStrictEqual([...read.value], [[rowKey(row), asRead]])
    })
  )

  it.effect("says of a row that it cannot be read, or that its key is refused", () =>
    Effect.gen(function* () {
      const other = { ...row, entity: "a-2" }
      const reasonOf = (answers: ReadonlyArray<Answer>) =>
        Effect.map(
          rows(answers, (of) => of.load([row, other])),
          ({ value }) => value.get(rowKey(row))?.unreadable
        )
      assert.deepInclude(yield* reasonOf([found({ ...held, registers: { S: "{" } })]), {
        reason: "RowUnreadable",
        detail: "the row that is stored cannot be read; restore or delete it"
      })
      assert.deepInclude(yield* reasonOf(["ValidationException", "ValidationException", found()]), {
        reason: "RowRefused",
        detail: "DynamoDB refuses the key: ValidationException"
      })
    })
  )

  it.effect("returns pages of all rows of a projection", () =>
    Effect.gen(function* () {
      const scan = { TableName: "agents", Segment: 1, TotalSegments: 4, ReturnConsumedCapacity: "TOTAL" }
      const Items = [held, { ...held, openRow: { S: "r" } }, { ...key, ticket: { N: "1" } }, { ...held, agentId: {} }]
      const first = yield* rows([{ Items, LastEvaluatedKey: key, ConsumedCapacity: { CapacityUnits: 7 } }], (of) =>
        of.pages("agents-v1", { segment: 1, segments: 4 })
      )
      assert.deepStrictEqual(first.asked, [["Scan", scan]])
      assert.deepStrictEqual(
        first.value.rows.map(({ entity, open }) => [entity, open]),
        [
          ["a-1", false],
          ["a-1", true],
          ["", false]
        ]
      )
      assert.strictEqual(first.value.readUnits, 7)
      const { cursor = "" } = first.value
      const next = yield* rows([{}], (of) => of.pages("agents-v1", { segment: 1, segments: 4, limit: 5, cursor }))
      assert.deepStrictEqual(next.asked, [["Scan", { ...scan, Limit: 5, ExclusiveStartKey: key }]])
      assert.deepStrictEqual(next.value, { rows: [], readUnits: 0 })
    })
  )

  it.effect("returns the rows of an entity from as many pages as there are, consistently", () =>
    Effect.gen(function* () {
      const { asked, value } = yield* rows([{ Items: [held], LastEvaluatedKey: key }, {}], (of) =>
        of.rows("agents-v1", "a-1")
      )
      const query = {
        TableName: "agents",
        KeyConditionExpression: "#key = :entity",
        ExpressionAttributeNames: { "#key": "agentId" },
        ExpressionAttributeValues: { ":entity": { S: "a-1" } },
        ConsistentRead: true
      }
      assert.deepStrictEqual(asked, [
        ["Query", query],
        ["Query", { ...query, ExclusiveStartKey: key }]
      ])
      assert.deepStrictEqual(value, [asRead])
    })
  )

  it.effect("inserts a new row, and updates one only while it is what was read", () =>
    Effect.gen(function* () {
      const inserted = yield* rows([done], (of) => of.save([write({ columns: { c: 1 } })]))
      assert.deepStrictEqual(inserted.value, ["written"])
      assert.match(
        statements(inserted.asked)[0] ?? "",
        /^INSERT INTO "agents" VALUE \{'agentId': \?, 'row': \?, 'c': \?/
      )
      const updated = yield* rows([done], (of) => of.save([write({ columns: { c: 1 }, from })]))
      assert.match(
        statements(updated.asked)[0] ?? "",
        /^UPDATE "agents" SET "c" = \? .*REMOVE "had" WHERE "agentId" = \? AND "row" = \? AND "version" = \?$/
      )
      const all = { ...from, expiresAt: 5, open: true, revised: { at: 1, lateMs: 2 } }
      const cleared = yield* rows([done], (of) => of.save([write({ from: all })]))
      assert.include(
        statements(cleared.asked)[0] ?? "",
        'REMOVE "had" REMOVE "expiresAt" REMOVE "revisedAt" REMOVE "revisedLateMs" REMOVE "openRow" WHERE'
      )
    })
  )

  it.effect.each<[why: string, answers: ReadonlyArray<Answer>, outcome: string]>([
    ["somebody has inserted it", [code("DuplicateItem")], "conflict"],
    ["somebody has updated it", [code("ConditionalCheckFailed")], "conflict"],
    ["a row is refused", [code("ValidationError")], "RowRefused: DynamoDB refuses the row: ValidationError"]
  ])("says what became of a row where %s", ([, answers, outcome]) =>
    Effect.gen(function* () {
      const { asked, value } = yield* rows(answers, (of) => of.save([write({ from })]))
      const [said] = value
      assert.strictEqual(typeof said === "object" ? `${said.reason}: ${said.detail}` : said, outcome)
      assert.lengthOf(asked, 1)
    })
  )

  it.effect("fails where every one of several rows is refused, and where a call is", () =>
    Effect.gen(function* () {
      const two = [write(), write({ row: "s" })]
      const all = yield* Effect.flip(rows([code("ValidationError", "ValidationError")], (of) => of.save(two)))
      assert.deepInclude(all, { store: "projection store", operation: "save", reason: "ValidationError" })
      const one = yield* rows([{ Responses: [{}, { Error: { Code: "ValidationError" } }] }], (of) => of.save(two))
      assert.deepStrictEqual(
        one.value.map((said) => (typeof said === "object" ? said.reason : said)),
        ["written", "RowRefused"]
      )
      assert.deepInclude(yield* Effect.flip(rows([code("AccessDenied")], (of) => of.save([write()]))), {
        operation: "save",
        reason: "AccessDenied"
      })
    })
  )

  it.live("takes a row for written where the answer was lost and it holds what was to be written", () =>
    Effect.gen(function* () {
      const lost = (...then: ReadonlyArray<Answer>) =>
        storeOf(
          [code("InternalServerError"), code("ConditionalCheckFailed"), ...then],
          ProjectionStore.use((of) => of.save([write({ from })]))
        )
      const other: Row = new Map([["r", { value: 1, stamp: { clock: 0, published: 0, eventId: "e" } }]])
      const ours = { ...held, version: { N: "4" } }
      assert.deepStrictEqual((yield* lost(found(ours))).value, ["written"])
      for (const items of [[], [held], [{ ...ours, registers: { S: encodeRow(other) } }]])
        assert.deepStrictEqual((yield* lost(found(...items))).value, ["conflict"])
    })
  )

  it.effect("saves nothing where nothing is to be saved, and refuses a column of its own", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* rows([], (of) => of.save([])), { asked: [], value: [] })
      for (const name of [
        "agentId",
        "row",
        "registers",
        "version",
        "expiresAt",
        "asOf",
        "ticket",
        "summarised",
        "summaryParts",
        "revisedAt",
        "revisedLateMs",
        "openRow"
      ]) {
        const { asked, value } = yield* rows([], (of) => of.save([write({ columns: { [name]: 1 } })]))
        assert.deepInclude(value[0] as object, { reason: "ColumnReserved" })
        assert.deepStrictEqual(asked, [])
      }
    })
  )

  it("refuses a row that no item holds, by its bytes", () => {
    const bytes = (count: number) => ({ c: { S: "x".repeat(count - itemBytes({ c: { S: "" } })) } })
    assert.isUndefined(sizeProblem(bytes(409_600)))
    assert.deepStrictEqual(sizeProblem(bytes(409_601)), {
      reason: "RowTooLarge",
      detail: "the row has 409601 bytes, and DynamoDB takes 409600"
    })
  })

  it.effect("names a projection that has no table", () =>
    Effect.gen(function* () {
      const cause = yield* Effect.flip(Effect.sandbox(rows([], (of) => of.rows("queues-v1", "q"))))
      assert.include(String(cause), "no table is configured for queues-v1")
    })
  )

  it("reads what an item leaves out as nothing", () => {
    assert.deepStrictEqual(toEntityRow(table, { c: { S: "x" } }), { row: "", columns: { c: "x" } })
    assert.deepStrictEqual(toReadRow(table, {}), [])
    const bare = { asOf: { S: iso(ARRIVAL) } }
    assert.deepStrictEqual(toReadRow(table, bare), [
      { row: "", columns: {}, registers: emptyRow, asOf: ARRIVAL, version: Number.NaN }
    ])
    const revised = toReadRow(table, { ...bare, revisedAt: bare.asOf, summarised: { N: "2" } })[0]
    assert.deepInclude(revised, { version: 2, revised: { at: ARRIVAL, lateMs: Number.NaN } })
  })
})
