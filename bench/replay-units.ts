import { makeActivity, makeDynamodb, makeRequestHandler, makeS3 } from "aws-in-process"
import { realClock } from "aws-in-process/clock"
import { Effect, Layer, Result } from "effect"
import { projections } from "../projections/index.ts"
import { generation, OPEN_INDEX, type Projection } from "../src/domain/projection.ts"
import { decodeEvent } from "../src/genesys/decoder.ts"
import type { Event } from "../src/genesys/event.ts"
import { SettleWindow } from "../src/pipeline/folding.ts"
import { replayAll } from "../src/pipeline/replay/replay.ts"
import { DynamoDb } from "../src/store/aws/dynamodb.ts"
import { eventSource } from "../src/store/aws/event-source.ts"
import { eventStore } from "../src/store/aws/event-store.ts"
import { projectionStore } from "../src/store/aws/projection-store.ts"
import { S3 } from "../src/store/aws/s3.ts"
import { Connection } from "../src/store/connection.ts"
import { EventStore } from "../src/store/event-store.ts"
import { memoryControl } from "../src/store/memory/control.ts"
import { memoryParked } from "../src/store/memory/parked.ts"
import { deliveries, MORNING } from "./deliveries.ts"

const [TABLE, BUCKET] = ["events", "bucket"]
const arn = (name: string) => `arn:aws:dynamodb:eu-west-1:444455556666:table/${name}`

/** The engine with an empty event store, and empty tables for all generations; and clients that ask for units. */
export const makeStores = async (listed: ReadonlyArray<Projection<Event>> = projections, clock = realClock()) => {
  const activity = makeActivity()
  const authorize = () => {}
  const dynamodb = makeDynamodb({ clock, activity, authorize })
  await dynamodb.createTable({ name: TABLE, arn: arn(TABLE), hashKey: { name: "id", type: "S" } })
  for (const projection of listed) {
    const { key, summary } = projection
    const name = generation(projection)
    const open = {
      name: OPEN_INDEX.name,
      rangeKey: { name: OPEN_INDEX.key, type: "S" },
      projection: summary?.columns ?? []
    } as const
    await dynamodb.createTable({
      name,
      arn: arn(name),
      hashKey: { name: key, type: "S" },
      rangeKey: { name: "row", type: "S" },
      ...(summary === undefined ? {} : { localIndexes: [open] })
    })
  }
  const s3 = makeS3({ clock, authorize })
  s3.createBucket(BUCKET)
  const requestHandler = makeRequestHandler({
    services: { dynamodb: dynamodb.service, s3: s3.service },
    principal: { roleArn: "arn:aws:iam::444455556666:role/bench", label: "bench" },
    activity
  })
  const credentials = { accessKeyId: "local", secretAccessKey: "local" }
  const clients = Layer.mergeAll(DynamoDb.metered, S3.layer).pipe(
    Layer.provide(Layer.succeed(Connection, { region: "eu-west-1", credentials, requestHandler }))
  )
  const settings = { table: TABLE, overflowBucket: BUCKET }
  const tables = Object.fromEntries(listed.map((p) => [generation(p), { table: generation(p), key: p.key }]))
  return Layer.mergeAll(
    eventStore(settings),
    eventSource(settings),
    projectionStore(tables),
    memoryControl().layer,
    memoryParked().layer,
    Layer.succeed(SettleWindow, { settle: 5_000, skew: 300_000 })
  ).pipe(Layer.provide(clients))
}

/** Stores events as they arrive. */
export const appended = Effect.fnUntraced(function* (arriving: ReturnType<typeof deliveries>) {
  const decoded = arriving.map(({ line, at }) => Result.getOrThrow(decodeEvent(line, at)))
  yield* EventStore.use(({ append }) => append(decoded))
})

/** What a replay of all that is stored spends, an event. */
export const unitsOf = Effect.fnUntraced(function* (name: string, id = name) {
  const reports = yield* replayAll({
    id,
    generation: name,
    scope: {},
    segments: 4,
    concurrency: 1,
    write: true,
    park: false,
    eventsPerSecond: 1e6,
    budget: {}
  })
  const sum = (name: "scanned" | "readUnits" | "writeUnits") =>
    reports.reduce((total, { counts }) => total + counts[name], 0)
  const dollars = reports.reduce((total, report) => total + report.dollars, 0)
  const scanned = sum("scanned")
  return {
    generation: name,
    segments: 4,
    readPerEvent: sum("readUnits") / scanned,
    writePerEvent: sum("writeUnits") / scanned,
    dollarsPerMillion: (dollars / scanned) * 1e6
  }
})

/** What a replay of so many events spends, an event, by generation. */
export const replayUnits = async (events: number) => {
  const program = Effect.gen(function* () {
    yield* appended(deliveries(events, MORNING))
    return yield* Effect.forEach(projections, (projection) => unitsOf(generation(projection)))
  })
  return Effect.runPromise(Effect.provide(program, await makeStores()))
}
