import { makeActivity, makeDynamodb, makeRequestHandler, makeS3, type ServiceError } from "aws-in-process"
import { effectClock, virtualClock } from "aws-in-process/clock"
import { runVirtual } from "aws-in-process/run-virtual"
import { Effect, Layer } from "effect"
import { WINDOW_MS, windowAt, windowStart } from "../../src/domain/archive-window.ts"
import { ArchivePlan, archiveTick } from "../../src/pipeline/archive/archive.ts"
import { archive } from "../../src/store/aws/archive.ts"
import { control } from "../../src/store/aws/control.ts"
import { DynamoDb } from "../../src/store/aws/dynamodb.ts"
import { eventEraser } from "../../src/store/aws/event-eraser.ts"
import { eventSource } from "../../src/store/aws/event-source.ts"
import { eventStore } from "../../src/store/aws/event-store.ts"
import { eventWindows } from "../../src/store/aws/event-windows.ts"
import { S3 } from "../../src/store/aws/s3.ts"
import { coldSource } from "../../src/store/cold-source.ts"
import { Deadline } from "../../src/store/deadline.ts"
import { type EventPage, EventSource } from "../../src/store/event-source.ts"
import { EventStore } from "../../src/store/event-store.ts"
import { routingEvent } from "../store/events.ts"
import { arn, connectedTo, PRINCIPAL } from "../store/permissive.ts"

export const DAY = 86_400_000

/** The beginning of a window, in which the stack is made. */
export const BEGIN = windowStart(windowAt(Date.UTC(2026, 4, 6)))
export const FIRST = windowAt(BEGIN)

const first = { table: "events", overflowBucket: "overflow", windows: true }

/** A fault to throw in the place of a call, or nothing. `nth`: how often the operation was called before. */
export type Fault = (
  operation: string,
  input: Readonly<Record<string, unknown>>,
  nth: number
) => ServiceError | undefined

/** An event table that has an archive, on the local engine, with a clock that a test moves. Events stay for `days` at least. */
export const makeCold = async (options: { readonly days?: number; readonly segments?: number } = {}) => {
  const { days = 21, segments = 3 } = options
  const clock = virtualClock(BEGIN)
  const activity = makeActivity()
  const dynamodb = makeDynamodb({ clock, activity, authorize: () => {} })
  const table = (name: string, key: string) =>
    dynamodb.createTable({ name, arn: arn("dynamodb", `table/${name}`), hashKey: { name: key, type: "S" } })
  await table("events", "id")
  await table("control", "key")
  const s3 = makeS3({ clock, authorize: () => {} })
  for (const bucket of ["archive", "overflow"]) s3.createBucket(bucket, { versions: true })
  let fault: Fault = () => undefined
  const calls = new Map<string, number>()
  const faulty = (service: typeof s3.service): typeof s3.service =>
    Object.assign(async (operation: string, input: never, principal: never) => {
      const nth = calls.get(operation) ?? 0
      calls.set(operation, nth + 1)
      const thrown = fault(operation, input, nth)
      if (thrown !== undefined) throw thrown
      return service(operation, input, principal)
    }) as typeof s3.service
  const handler = makeRequestHandler({
    services: { dynamodb: faulty(dynamodb.service), s3: faulty(s3.service) },
    principal: PRINCIPAL,
    activity
  })
  const storesOf = (settings: typeof first) =>
    Layer.mergeAll(
      eventStore(settings),
      eventEraser(settings),
      eventWindows(settings),
      control("control"),
      coldSource(eventSource(settings)).pipe(
        Layer.provideMerge(archive({ bucket: "archive", storageClass: "STANDARD_IA" }))
      )
    ).pipe(Layer.provideMerge(Layer.mergeAll(DynamoDb.layer, S3.layer)), Layer.provide(connectedTo(handler)))
  const layerOf = (settings: typeof first) =>
    Layer.mergeAll(
      storesOf(settings),
      effectClock(clock),
      Layer.succeed(ArchivePlan, { retentionMs: days * DAY, segments, held: 5 })
    )
  let layer = layerOf(first)
  let used = first.table

  const run = async <A, E>(effect: Effect.Effect<A, E, Layer.Success<ReturnType<typeof layerOf>>>): Promise<A> => {
    let settled = false
    const timed = Effect.provideService(effect, Deadline, clock.now() + 840_000)
    const result = Effect.runPromise(Effect.provide(timed, layer, { local: true }))
    const settle = () => {
      settled = true
    }
    result.then(settle, settle)
    await runVirtual(clock, { pending: () => activity.pending(), until: () => settled, limit: 30 * DAY })
    return result
  }

  /** Moves the clock, and lets what the engine does by itself happen. */
  const pass = async (ms: number) => {
    const until = clock.now() + ms
    let reached = false
    clock.at(until, () => {
      reached = true
    })
    await runVirtual(clock, { pending: () => activity.pending(), until: () => reached, limit: ms + 1 })
  }

  const append = (...ids: ReadonlyArray<string>) =>
    run(EventStore.use((store) => store.append(ids.map((id) => routingEvent(id, {}, {}, clock.now())))))

  /** Every id that a reader of the whole store is given, each as often as it is. */
  const readAll = (sealed?: number, parts = 2) =>
    run(
      Effect.gen(function* () {
        const source = yield* EventSource
        const ids: Array<string> = []
        for (let segment = 0; segment < parts; segment++)
          for (let cursor: string | undefined, more = true; more; ) {
            const page: EventPage = yield* source.page({
              segment,
              segments: parts,
              limit: 2,
              ...(sealed === undefined ? {} : { sealed }),
              ...(cursor === undefined ? {} : { cursor })
            })
            ids.push(...page.events.map(({ id }) => id), ...page.unreadable.map(({ id }) => `unreadable ${id}`))
            cursor = page.cursor
            more = cursor !== undefined
          }
        return ids.sort()
      })
    )

  /** What is in the table, past all readers. */
  const inTable = async () => {
    const { Items = [] } = (await dynamodb.service("Scan", { TableName: used }, PRINCIPAL)) as {
      Items?: ReadonlyArray<{ readonly id: { readonly S: string } }>
    }
    return Items.map(({ id }) => id.S).sort()
  }

  const tick = () => run(archiveTick)
  /** Ticks once a day. */
  const daily = async (count: number) => {
    const reports = []
    for (let day = 0; day < count; day++) {
      await pass(DAY)
      reports.push(await tick())
    }
    return reports
  }
  const weeks = (count: number) => daily((count * WINDOW_MS) / DAY)

  return {
    clock,
    dynamodb,
    s3,
    run,
    pass,
    append,
    readAll,
    inTable,
    tick,
    daily,
    weeks,
    /** Works on another table from now on. */
    use: (name: string) => {
      used = name
      layer = layerOf({ ...first, table: name })
    },
    fail: (next: Fault) => {
      calls.clear()
      fault = next
    }
  }
}
