import { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import {
  makeActivity,
  makeAuthorizer,
  makeDynamodb,
  makeRequestHandler,
  type PolicyDocument,
  type Principal,
  type RequestHandler,
  ServiceError,
  type TableDefinition
} from "aws-in-process"
import { effectClock, virtualClock } from "aws-in-process/clock"
import { Effect, Layer, ManagedRuntime } from "effect"
import { agentIntervals } from "../../projections/agent-intervals.ts"
import { projections as listed } from "../../projections/index.ts"
import type { DirectoryEntry, DirectoryKind, DirectoryScope } from "../../src/domain/directory.ts"
import { deriveDeltas, generation, type Projection } from "../../src/domain/projection.ts"
import type { Event } from "../../src/genesys/event.ts"
import type { Captured } from "../../src/local/capture.ts"
import { readWiring } from "../../src/local/wiring.ts"
import { Projections, SettleWindow } from "../../src/pipeline/folding.ts"
import { projectDeltas } from "../../src/pipeline/project.ts"
import { Reader, type ReaderOptions } from "../../src/read/index.ts"
import { control } from "../../src/store/aws/control.ts"
import { directory } from "../../src/store/aws/directory.ts"
import { DynamoDb } from "../../src/store/aws/dynamodb.ts"
import { projectionStore } from "../../src/store/aws/projection-store.ts"
import { watermark } from "../../src/store/aws/watermark.ts"
import { Connection, type ConnectionSettings } from "../../src/store/connection.ts"
import { Directory } from "../../src/store/directory.ts"
import { memoryParked } from "../../src/store/memory/parked.ts"
import { only } from "../infra/captured.ts"
import { captureOnce } from "../support/capture-once.ts"
import { START } from "../support/history.ts"
import { devStack } from "../support/stack.ts"

const WINDOW = { settle: 5_000, skew: 300_000 }
const OWNER: Principal = { roleArn: "arn:aws:iam::000000000000:role/owner", label: "owner" }
const READER: Principal = { roleArn: "arn:aws:iam::000000000000:role/reader", label: "reader" }
const EVERYTHING: DirectoryScope = { holds: "emails", divisions: [] }
const everything: PolicyDocument = { Statement: { Effect: "Allow", Action: "dynamodb:*", Resource: "*" } }

/** One call to DynamoDB that was seen: its operation, the tables it names, and its input. */
export interface Seen {
  readonly operation: string
  readonly tables: ReadonlyArray<string>
  readonly input: Readonly<Record<string, unknown>>
}

export const policyOfReaders = (captured: Captured): PolicyDocument =>
  JSON.parse(String(only(captured, "aws:iam/policy:Policy", "readers").inputs.policy))

interface Options {
  readonly projections?: ReadonlyArray<Projection<Event>>
  readonly policy?: PolicyDocument
  /** What the directory keeps: all, unless given. */
  readonly scope?: DirectoryScope
}

/**
 * The tables of the `dev` stack on the engine, with a clock that stands until it is moved. `fold` writes rows as the project function
 * does; `reader` reads them with the rights of the stack's policy for readers, and nothing else.
 */
export const makeTables = async ({ projections: given = listed, policy, scope = EVERYTHING }: Options = {}) => {
  const settings = { agentIntervals: given.includes(agentIntervals) }
  const captured = given === listed ? await devStack() : await captureOnce("dev", settings, given)
  const { projections } = captured
  const clock = virtualClock(START)
  const activity = makeActivity()
  const prefix = String(captured.outputs.prefix)
  const { authorize, ...rights } = makeAuthorizer({
    [OWNER.roleArn]: [everything],
    [READER.roleArn]: [policy ?? policyOfReaders(captured)]
  })
  const dynamodb = makeDynamodb({ clock, activity, authorize })
  const definitions = readWiring(captured).tables
  for (const table of definitions) await dynamodb.createTable(table)

  const seen: Array<Seen> = []
  /** Called before each call of the reader; may fail in its place. */
  let before: (call: Seen) => void | Promise<void> = () => {}
  const gone = new Set<string>()
  const service: typeof dynamodb.service = async (operation, input, principal) => {
    const tables = input.TableName === undefined ? Object.keys(input.RequestItems ?? {}) : [String(input.TableName)]
    if (principal === READER) {
      const call = { operation, tables, input }
      seen.push(call)
      await before(call)
    }
    const missing = tables.find((table) => gone.has(table))
    if (missing !== undefined) throw new ServiceError("ResourceNotFoundException", `no table ${missing}`)
    return dynamodb.service(operation, input, principal)
  }
  const connect = (principal: Principal): ConnectionSettings & { readonly requestHandler: RequestHandler } => ({
    region: "eu-central-1",
    credentials: { accessKeyId: principal.label, secretAccessKey: "local" },
    requestHandler: makeRequestHandler({ services: { dynamodb: service }, principal, activity })
  })

  const tableOf = (name: string) => `${prefix}-${name}`
  const time = effectClock(clock)
  const owner = Layer.mergeAll(
    projectionStore(
      Object.fromEntries(projections.map((p) => [generation(p), { table: tableOf(generation(p)), key: p.key }]))
    ),
    control(`${prefix}-control`),
    watermark(`${prefix}-control`),
    directory(`${prefix}-directory`, scope),
    memoryParked().layer
  ).pipe(
    Layer.provide(DynamoDb.layer),
    Layer.provide(Layer.succeed(Connection, connect(OWNER))),
    Layer.provideMerge(
      Layer.mergeAll(time, Layer.succeed(Projections, projections), Layer.succeed(SettleWindow, WINDOW))
    ),
    Layer.fresh
  )
  type Owned = Layer.Success<typeof owner>
  const runtime = ManagedRuntime.make(owner)
  const run = <A, E>(effect: Effect.Effect<A, E, Owned>): Promise<A> => runtime.runPromise(effect)

  const options: ReaderOptions = { prefix, ...connect(READER) }
  return {
    captured,
    prefix,
    clock,
    tableOf,
    options,
    dynamodb,
    seen,
    run,
    rights,
    /** Writes what events say, of these projections or of all that are listed. */
    fold: (events: ReadonlyArray<Event>, of: ReadonlyArray<Projection<Event>> = projections) =>
      run(projectDeltas(events.flatMap((event) => deriveDeltas(of, event, WINDOW)))),
    /** Fills the directory as a complete sweep of these kinds does that began at the time of the clock. */
    sweep: (entries: ReadonlyArray<Omit<DirectoryEntry, "at">>, kinds: ReadonlyArray<DirectoryKind> = ["agents"]) =>
      run(
        Directory.use(({ put, swept }) =>
          Effect.andThen(
            put(entries.map((entry) => ({ ...entry, at: clock.now() }))),
            Effect.forEach(kinds, (kind) => swept(kind, clock.now()))
          )
        )
      ),
    /** Puts an item into a table as it is. */
    put: (name: string, Item: object) => dynamodb.service("PutItem", { TableName: tableOf(name), Item }, OWNER),
    /** A reader that remembers nothing longer than it is told, on the clock of the engine. */
    read: <A, E>(effect: (reader: Reader["Service"]) => Effect.Effect<A, E>, more: Partial<ReaderOptions> = {}) =>
      Effect.runPromise(
        Reader.use(effect).pipe(Effect.provide(Layer.provideMerge(Reader.layer({ ...options, ...more }), time)))
      ),
    /** A layer of the reader and the clock, for tests that keep one reader. */
    layer: (more: Partial<ReaderOptions> = {}) => Layer.provideMerge(Reader.layer({ ...options, ...more }), time),
    /** Runs with each call of the reader, from now on. */
    intercept: (run: typeof before) => {
      before = run
    },
    /** Takes a table away, as whoever deletes a retired one. */
    drop: (name: string) => gone.add(tableOf(name)),
    client: () => new DynamoDBClient({ ...options, maxAttempts: 1 }),
    definition: (name: string): TableDefinition | undefined => definitions.find((one) => one.name === tableOf(name)),
    close: async () => {
      await runtime.dispose()
      await dynamodb.close()
    }
  }
}

export type Tables = Awaited<ReturnType<typeof makeTables>>
