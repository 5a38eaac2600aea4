import { Layer } from "effect"
import { projections } from "../../../projections/index.ts"
import { DynamoDb, S3, Sqs } from "./clients.ts"
import { eventStoreFromConfig } from "./event-store.ts"
import { projectionStoreFromConfig } from "./projection-store.ts"
import { quarantineFromConfig } from "./quarantine.ts"
import { settleQueueFromConfig } from "./settle-queue.ts"

/**
 * The four ports on AWS, each from its environment variables, with their clients, which those used together share: where and
 * as whom they speak is in `Connection`.
 */
export const eventStore = eventStoreFromConfig.pipe(Layer.provide([DynamoDb.layer, S3.layer]))
export const projectionStore = projectionStoreFromConfig(projections).pipe(Layer.provide(DynamoDb.layer))
export const settleQueue = settleQueueFromConfig.pipe(Layer.provide(Sqs.layer))
export const quarantine = quarantineFromConfig.pipe(Layer.provide(S3.layer))
