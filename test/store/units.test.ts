import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Result } from "effect"
import { agents } from "../../projections/agents.ts"
import { generation, mergeRow } from "../../src/domain/projection.ts"
import { asOf, emptyRow } from "../../src/domain/row.ts"
import { decodeEvent } from "../../src/genesys/decoder.ts"
import { activity } from "../../src/genesys/topics/activity.ts"
import { conversationSummary } from "../../src/genesys/topics/conversation-summary.ts"
import { allTopics } from "../../src/genesys/topics/index.ts"
import { station } from "../../src/genesys/topics/station.ts"
import { itemBytes } from "../../src/store/aws/attribute.ts"
import { eventStore } from "../../src/store/aws/event-store.ts"
import { projectionStore } from "../../src/store/aws/projection-store.ts"
import { revisionAttributes } from "../../src/store/aws/row-item.ts"
import { EventStore } from "../../src/store/event-store.ts"
import { ProjectionStore } from "../../src/store/projection-store.ts"
import { BUCKET, EVENT_TABLE, makeEngine, ROW_TABLES } from "./engine.ts"
import { ARRIVAL } from "./events.ts"

const decode = ({ example }: (typeof allTopics)[number]) =>
  Result.getOrThrow(decodeEvent(JSON.stringify(example), ARRIVAL))

describe("what the stores are billed", () => {
  it.live("[P9] one write unit for an event of any topic, and one more and its read for a duplicate", () =>
    Effect.gen(function* () {
      const engine = yield* Effect.promise(makeEngine)
      const append = EventStore.use((store) => store.append(allTopics.map(decode))).pipe(
        Effect.provide(
          eventStore({ table: EVENT_TABLE, overflowBucket: BUCKET }).pipe(Layer.provide(engine.connect()), Layer.fresh)
        )
      )
      yield* append
      assert.deepStrictEqual(engine.dynamodb.usage()[EVENT_TABLE], { write: allTopics.length, read: 0 })
      yield* append
      assert.deepStrictEqual(engine.dynamodb.usage()[EVENT_TABLE], {
        write: allTopics.length * 2,
        read: allTopics.length
      })
    })
  )

  it.live(
    "[P9] one write unit for the state of an agent of whom all is known, and a twentieth for the mark of a revision",
    () =>
      Effect.gen(function* () {
        const engine = yield* Effect.promise(makeEngine)
        const updates = [activity, conversationSummary, station].map(decode).flatMap((event) =>
          agents
            .deltas(event)
            .filter(({ row }) => row === "state")
            .map(({ register, value, clock = event.published }) => {
              const stamp = { clock, published: event.published, eventId: event.id }
              return [register, { value, stamp }] as const
            })
        )
        const registers = mergeRow(agents, "state", emptyRow, updates)
        assert.isTrue(registers.size >= 6)
        const write = {
          projection: generation(agents),
          entity: "6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58",
          row: "state",
          registers,
          columns: agents.view("state", registers),
          asOf: asOf(registers)?.clock ?? 0,
          from: undefined,
          counted: false
        }
        yield* ProjectionStore.use((store) => store.save([write])).pipe(
          Effect.provide(projectionStore(ROW_TABLES).pipe(Layer.provide(engine.connect()), Layer.fresh))
        )
        assert.strictEqual(engine.dynamodb.usage()["rows-agents-v2"]?.write, 1)
        assert.isAtMost(itemBytes(revisionAttributes({ at: ARRIVAL, lateMs: 86_400_123 })), 1_024 / 20 + 1)
      })
  )
})
