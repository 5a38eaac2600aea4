import { assert, describe, it } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import { iso } from "../../src/domain/stamp.ts"
import type { DynamoDb } from "../../src/store/aws/dynamodb.ts"
import { entityEraser } from "../../src/store/aws/entity-eraser.ts"
import { eventEraser } from "../../src/store/aws/event-eraser.ts"
import { rowEraser } from "../../src/store/aws/row-eraser.ts"
import type { S3 } from "../../src/store/aws/s3.ts"
import { EntityEraser } from "../../src/store/entity-eraser.ts"
import { EventEraser } from "../../src/store/event-eraser.ts"
import { RowEraser } from "../../src/store/row-eraser.ts"
import { answering, asking } from "./answering.ts"
import { ARRIVAL, noise, routingEvent } from "./events.ts"

const entry = (eventId: string) => ({ projection: "agents", entity: "a-1", eventId, received: ARRIVAL })
const item = (eventId: string) => ({ entity: { S: "agents#a-1" }, at: { S: `${iso(ARRIVAL)}#${eventId}` } })

describe("the eraser of entries", () => {
  it.effect("deletes those that are named, by their keys", () =>
    Effect.gen(function* () {
      const { asked, on } = answering([{}, {}])
      yield* on(entityEraser("entities"))(EntityEraser.use((of) => of.remove([entry("e-1"), entry("e-2")])))
      assert.deepStrictEqual(asked, [
        ["DeleteItem", { TableName: "entities", Key: item("e-1") }],
        ["DeleteItem", { TableName: "entities", Key: item("e-2") }]
      ])
    })
  )

  it.effect("deletes all of an entity, page by page, and counts them", () =>
    Effect.gen(function* () {
      const pages = [{ Items: [item("e-1"), item("e-2")], LastEvaluatedKey: item("e-2") }, { Items: [item("e-3")] }]
      const { asked, on } = answering((call) => (call === "Query" ? (pages.shift() ?? "AccessDenied") : {}))
      const dropped = yield* on(entityEraser("entities"))(
        EntityEraser.use((of) => of.drop({ projection: "agents", entity: "a-1" }))
      )
      assert.strictEqual(dropped, 3)
      assert.deepStrictEqual(
        asked.map(([call]) => call),
        ["Query", "DeleteItem", "DeleteItem", "Query", "DeleteItem"]
      )
      assert.deepStrictEqual(asked[3], [
        "Query",
        {
          TableName: "entities",
          ConsistentRead: true,
          KeyConditionExpression: "#entity = :entity",
          ExpressionAttributeNames: { "#entity": "entity" },
          ExpressionAttributeValues: { ":entity": { S: "agents#a-1" } }
        }
      ])
    })
  )

  it.effect("has nothing to do where there is no index", () =>
    Effect.gen(function* () {
      const { asked, on } = answering([])
      const none = on(entityEraser(""))
      assert.strictEqual(yield* none(EntityEraser.use((of) => of.drop({ projection: "agents", entity: "a-1" }))), 0)
      yield* none(EntityEraser.use((of) => of.remove([entry("e-1")])))
      assert.deepStrictEqual(asked, [])
    })
  )
})

describe("the eraser of rows", () => {
  const eraser = rowEraser({ "agents-v1": { table: "agents", key: "agentId" } })
  const row = { projection: "agents-v1", entity: "a-1", row: "state" }
  const Key = { agentId: { S: "a-1" }, row: { S: "state" } }

  it.effect("deletes a row whatever it is, or only while it has the version that was read", () =>
    Effect.gen(function* () {
      const { asked, on } = answering([{}, {}])
      const outcomes = yield* on(eraser)(RowEraser.use((of) => of.remove([row, { ...row, version: 7 }])))
      assert.deepStrictEqual(outcomes, ["removed", "removed"])
      assert.deepStrictEqual(asked, [
        ["DeleteItem", { TableName: "agents", Key }],
        [
          "DeleteItem",
          {
            TableName: "agents",
            Key,
            ConditionExpression: "attribute_not_exists(#version) OR #version = :version",
            ExpressionAttributeNames: { "#version": "version" },
            ExpressionAttributeValues: { ":version": { N: "7" } }
          }
        ]
      ])
    })
  )

  it.effect("says which rows somebody has written meanwhile", () =>
    Effect.gen(function* () {
      const { on } = answering(["ConditionalCheckFailedException", {}])
      assert.deepStrictEqual(yield* on(eraser)(RowEraser.use((of) => of.remove([{ ...row, version: 1 }, row]))), [
        "conflict",
        "removed"
      ])
    })
  )

  it.effect("names a projection that has no table", () =>
    Effect.gen(function* () {
      const { on } = answering([])
      const cause = yield* Effect.sandbox(
        on(eraser)(RowEraser.use((of) => of.remove([{ ...row, projection: "queues-v1" }])))
      ).pipe(Effect.flip)
      assert.include(String(cause), "no table is configured for queues-v1")
    })
  )
})

describe("the eraser of events", () => {
  const eraser = eventEraser({ table: "events", overflowBucket: "bodies" })
  const located = (...Items: ReadonlyArray<object>) => ({ Responses: { events: Items } })
  const keys = (...ids: ReadonlyArray<string>) => ({
    RequestItems: { events: { Keys: ids.map((id) => ({ id: { S: id } })), ConsistentRead: true } }
  })
  const marks = { erased: { N: "5" }, request: { S: "r-1" } }

  it.effect("finds the bodies of events, asking for each id once and for none that is no key", () =>
    Effect.gen(function* () {
      const { asked, on } = answering([
        located({ id: { S: "e-1" }, bodyKey: { S: "events/1" } }, { id: { S: "e-2" }, body: { S: "{}" } })
      ])
      const ids = ["e-1", "e-2", "", "e-1", "x".repeat(2_049)]
      assert.deepStrictEqual(yield* on(eraser)(EventEraser.use((of) => of.bodies(ids))), ["events/1"])
      assert.deepStrictEqual(asked, [["BatchGetItem", keys("e-1", "e-2")]])
    })
  )

  it.effect("writes what is left of an event into its week, and of others that they were erased", () =>
    Effect.gen(function* () {
      const { asked, on } = answering([located({ id: { S: "e-1" }, w2970: { N: "17" }, topic: { S: "t" } }), {}, {}])
      yield* on(eraser)(
        EventEraser.use((of) =>
          of.erase([
            { id: "e-1", left: routingEvent("e-1"), at: 5, request: "r-1" },
            { id: "e-2", at: 5, request: "r-1" }
          ])
        )
      )
      assert.deepStrictEqual(asked[0], ["BatchGetItem", keys("e-1")])
      const [, first] = asked[1] as unknown as [string, { readonly TableName: string; readonly Item: object }]
      assert.strictEqual(first.TableName, "events")
      assert.deepInclude(first.Item, { id: { S: "e-1" }, w2970: { N: "17" }, ...marks })
      assert.containsAllKeys(first.Item, ["topic", "body", "received"])
      assert.deepStrictEqual(asked[2], ["PutItem", { TableName: "events", Item: { id: { S: "e-2" }, ...marks } }])
    })
  )

  it.effect("puts what is left and fits into no item before its item", () =>
    Effect.gen(function* () {
      const { asked, on } = answering([located(), {}, {}])
      const event = routingEvent("e-1")
      const left = { ...event, envelope: { ...event.envelope, noise: noise(520_000) } }
      yield* on(eraser)(EventEraser.use((of) => of.erase([{ id: "e-1", left, at: 5, request: "r-1" }])))
      const [, body] = asked[1] as unknown as [string, Record<string, string>]
      assert.deepStrictEqual(
        asked.map(([call]) => call),
        ["BatchGetItem", "PutObject", "PutItem"]
      )
      assert.strictEqual(body.Bucket, "bodies")
      assert.match(body.Key ?? "", /^events\/[0-9a-f]{64}$/)
      assert.include(body.Body ?? "", noise(520_000))
    })
  )

  it.effect("drops each body once, with all that it ever was", () =>
    Effect.gen(function* () {
      const versions = { Versions: [{ Key: "k", VersionId: "1" }], DeleteMarkers: [{ Key: "k", VersionId: "2" }] }
      const { asked, on } = answering([versions, {}, {}])
      yield* on(eraser)(EventEraser.use((of) => of.drop(["k", "k"])))
      assert.deepStrictEqual(asked, [
        ["ListObjectVersions", { Bucket: "bodies", Prefix: "k" }],
        ["DeleteObject", { Bucket: "bodies", Key: "k", VersionId: "1" }],
        ["DeleteObject", { Bucket: "bodies", Key: "k", VersionId: "2" }]
      ])
    })
  )
})

describe("an eraser that AWS refuses", () => {
  const refused = <S, E>(store: Layer.Layer<S, never, DynamoDb | S3>, work: Effect.Effect<unknown, E, S>) =>
    Effect.flip(asking(store)([], work))
  const table = { table: "events", overflowBucket: "bodies" }
  const entity = { projection: "agents", entity: "a-1" }

  it.effect("says so of what it could not do", () =>
    Effect.gen(function* () {
      const said = [
        yield* refused(
          entityEraser("entities"),
          EntityEraser.use((of) => of.drop(entity))
        ),
        yield* refused(
          entityEraser("entities"),
          EntityEraser.use((of) => of.remove([entry("e-1")]))
        ),
        yield* refused(
          eventEraser(table),
          EventEraser.use((of) => of.bodies(["e-1"]))
        ),
        yield* refused(
          eventEraser(table),
          EventEraser.use((of) => of.erase([{ id: "e-1", at: 5, request: "r" }]))
        ),
        yield* refused(
          eventEraser(table),
          EventEraser.use((of) => of.drop(["k"]))
        ),
        yield* refused(
          rowEraser({ "agents-v1": { table: "agents", key: "agentId" } }),
          RowEraser.use((of) => of.remove([{ projection: "agents-v1", entity: "a", row: "r" }]))
        )
      ]
      assert.deepStrictEqual(
        said.map(({ message }) => message),
        [
          "entity index: drop: AccessDenied",
          "entity index: remove: AccessDenied",
          "event store: erase: AccessDenied",
          "event store: erase: AccessDenied",
          "event store: drop: AccessDenied",
          "projection store: remove: AccessDenied"
        ]
      )
    })
  )
})
