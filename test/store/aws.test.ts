import { Effect, Layer } from "effect"
import { eventEraser } from "../../src/store/aws/event-eraser.ts"
import { eventStore } from "../../src/store/aws/event-store.ts"
import { projectionStore } from "../../src/store/aws/projection-store.ts"
import { quarantine } from "../../src/store/aws/quarantine.ts"
import { settleQueue } from "../../src/store/aws/settle-queue.ts"
import { BUCKET, EVENT_TABLE, makeEngine, QUEUE_URL, ROW_TABLES } from "./engine.ts"
import { eventStoreContract } from "./event-store.contract.ts"
import { projectionStoreContract } from "./projection-store.contract.ts"
import { quarantineContract } from "./quarantine.contract.ts"
import { settleQueueContract } from "./settle-queue.contract.ts"

const clients = Layer.unwrap(Effect.map(Effect.promise(makeEngine), ({ connect }) => connect()))

const events = { table: EVENT_TABLE, overflowBucket: BUCKET }
eventStoreContract("AWS", Layer.merge(eventStore(events), eventEraser(events)).pipe(Layer.provide(clients)))
projectionStoreContract("AWS", projectionStore(ROW_TABLES).pipe(Layer.provide(clients)))

settleQueueContract("AWS", () => {
  const engine = makeEngine()
  let take: (now: number) => ReadonlyArray<string> = () => []
  const queueClients = Layer.unwrap(
    Effect.map(
      Effect.promise(() => engine),
      (made) => {
        take = made.take
        return made.connect()
      }
    )
  )
  return { layer: settleQueue(QUEUE_URL).pipe(Layer.provide(queueClients)), take: (now) => take(now) }
})

quarantineContract("AWS", () => {
  const engine = makeEngine()
  let s3: Awaited<typeof engine>["s3"] | undefined
  const bucketClients = Layer.unwrap(
    Effect.map(
      Effect.promise(() => engine),
      (made) => {
        s3 = made.s3
        return made.connect()
      }
    )
  )
  const kept = () =>
    new Map(
      (s3?.listAll(BUCKET) ?? []).map(({ key, metadata }) => [
        key,
        {
          raw: s3?.read(BUCKET, key) ?? new Uint8Array(),
          reason: metadata.reason ?? "",
          received: Number(metadata.received)
        }
      ])
    )
  return { layer: quarantine(BUCKET).pipe(Layer.provide(bucketClients)), kept }
})
