import { Effect, Layer } from "effect"
import { memoryEventStore } from "../../src/store/memory/event-store.ts"
import { memoryProjectionStore } from "../../src/store/memory/projection-store.ts"
import { memoryQuarantine } from "../../src/store/memory/quarantine.ts"
import { memorySettleQueue } from "../../src/store/memory/settle-queue.ts"
import { eventStoreContract } from "./event-store.contract.ts"
import { projectionStoreContract } from "./projection-store.contract.ts"
import { quarantineContract } from "./quarantine.contract.ts"
import { settleQueueContract } from "./settle-queue.contract.ts"

eventStoreContract(
  "memory",
  Layer.unwrap(
    Effect.sync(() => {
      const { layer, eraser } = memoryEventStore()
      return Layer.merge(layer, eraser)
    })
  )
)
projectionStoreContract("memory", Layer.unwrap(Effect.sync(() => memoryProjectionStore().layer)))
settleQueueContract("memory", memorySettleQueue)
quarantineContract("memory", memoryQuarantine)
