import { Cause, Effect, Exit, type Layer, ManagedRuntime } from "effect"
import type { Columns } from "../domain/projection.ts"
import type {
  Agent,
  AgentDetail,
  AgentReport,
  Available,
  EntityRow,
  EntityRows,
  JoinedQueue,
  ListKind,
  ListPage,
  Members,
  Queue,
  QueueReport
} from "./answers.ts"
import type { Calls } from "./calls.ts"
import type { Decision } from "./critical.ts"
import { BadOption, ReaderError } from "./errors.ts"
import type { Fixture } from "./memory.ts"
import type {
  AgentIntervalOptions,
  IntervalOptions,
  ListOptions,
  ReaderOptions,
  ReadOptions,
  RowsOptions
} from "./options.ts"
import { Reader } from "./reader.ts"
import { settingsOf } from "./settings.ts"
import type { Projection } from "./source.ts"

/** `Reader` with promises: the same calls at the same cost. They reject with the same tagged errors. */
export interface Client {
  /** One agent and its sessions that are not over. */
  readonly agent: (id: string, options?: ReadOptions) => Promise<AgentDetail | undefined>
  /** Any number of agents without their sessions, in the order of `ids`; `undefined` for one that was never seen. */
  readonly agents: (ids: ReadonlyArray<string>, options?: ReadOptions) => Promise<ReadonlyArray<Agent | undefined>>
  /** One queue; with `join` also the statuses of its members. */
  readonly queue: {
    (id: string, options: ReadOptions & { readonly join: true }): Promise<JoinedQueue | undefined>
    (id: string, options?: ReadOptions & { readonly join?: false }): Promise<Queue | undefined>
  }
  /** The joined members of a queue who are on queue and idle now, the longest idle first. */
  readonly available: (queueId: string, options?: ReadOptions) => Promise<Available | undefined>
  /** The joined members of a queue and what each of them does, in the order of their ids. */
  readonly members: (queueId: string, options?: ReadOptions) => Promise<Members | undefined>
  /** What happened in a queue from one quarter of an hour until another: offered, answered, abandoned, service level, handle time. */
  readonly interval: (
    queueId: string,
    from: string | Date,
    to: string | Date,
    options?: IntervalOptions
  ) => Promise<QueueReport>
  /** The same from the beginning of this day in a time zone (`Europe/Berlin`) until now. */
  readonly today: (queueId: string, timeZone: string, options?: IntervalOptions) => Promise<QueueReport>
  /**
   * What an agent did from one quarter of an hour until another: how long in each presence, routing status and state, handled and not
   * answered.
   */
  readonly agentInterval: (
    agentId: string,
    from: string | Date,
    to: string | Date,
    options?: AgentIntervalOptions
  ) => Promise<AgentReport>
  /** The same from the beginning of this day in a time zone (`Europe/Berlin`) until now. */
  readonly agentToday: (agentId: string, timeZone: string, options?: AgentIntervalOptions) => Promise<AgentReport>
  /** The open rows of one entity of any projection, and with `closed` those that have closed. `C` is the type of their columns; nothing checks it. */
  readonly rows: <C extends object = Columns>(
    projection: Projection,
    entity: string,
    options?: RowsOptions
  ) => Promise<EntityRows<C> | undefined>
  /** One row of one entity of any projection, closed or not. The default row is `state`. */
  readonly row: <C extends object = Columns>(
    projection: Projection,
    entity: string,
    row?: string,
    options?: ReadOptions
  ) => Promise<EntityRow<C> | undefined>
  /**
   * A page of which agents, queues, divisions, teams, wrap-up codes or presences there are, in the order of names; `next` is `after` of the
   * following page.
   */
  readonly list: (kind: ListKind, options?: ListOptions) => Promise<ListPage>
  /** One agent, for a decision that must not be wrong, from Genesys and the projection. Rejects with `NotConfirmed` if Genesys gives no usable response. */
  readonly critical: (agentId: string) => Promise<Decision>
  /** Closes the connections. Later calls reject. */
  readonly close: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** Returns a client of a stack's tables, which works until you close it. Throws `BadOption` for an option that cannot be used. */
export const connect = (options: ReaderOptions): Client => {
  Effect.runSync(settingsOf(options))
  return clientOf(Reader.layer(options))
}

/** What `npm start` says unless another port is named, or this one is taken. */
const LOCAL_PORT = 8787
const LAST_PORT = 65_535

/**
 * Returns a client of the stack that `npm start` runs on this machine, at the port that it prints. It needs no credentials. Throws
 * `BadOption`.
 */
export const connectLocal = (port = LOCAL_PORT, options: ReadOptions = {}): Client => {
  if (!Number.isInteger(port) || port < 1 || port > LAST_PORT)
    throw new BadOption({
      field: "port",
      problem: `is ${JSON.stringify(port)}; it must be the number that npm start prints: connectLocal(${LOCAL_PORT})`
    })
  return connect({
    ...options,
    prefix: "genesys-cloud-projections-dev",
    endpoint: `http://127.0.0.1:${port}`,
    region: "eu-central-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" }
  })
}

/** Returns a client that answers from a fixture, for tests; see `Reader.memory`. */
export const connectMemory = (fixture?: Fixture): Client => clientOf(Reader.memory(fixture))

type Op = Exclude<keyof Client, "close" | typeof Symbol.asyncDispose>

/** The calls of a client, each of which is that of the reader with the same name. */
const OPS = Object.keys({
  agent: 0,
  agents: 0,
  queue: 0,
  available: 0,
  members: 0,
  interval: 0,
  today: 0,
  agentInterval: 0,
  agentToday: 0,
  rows: 0,
  row: 0,
  list: 0,
  critical: 0
} satisfies Record<Op & keyof Calls, 0>) as ReadonlyArray<Op>

const clientOf = (layer: Layer.Layer<Reader, BadOption>): Client => {
  const runtime = ManagedRuntime.make(layer)
  let closed = false
  const run = async (op: Op, given: ReadonlyArray<unknown>) => {
    if (closed) throw new ReaderError({ op, reason: "Closed", retryable: false })
    const exit = await runtime.runPromiseExit(
      Reader.use((reader) =>
        (reader[op] as (...given: ReadonlyArray<unknown>) => Effect.Effect<unknown, unknown>)(...given)
      )
    )
    if (Exit.isSuccess(exit)) return exit.value
    throw Cause.squash(exit.cause)
  }
  const close = async () => {
    closed = true
    await runtime.dispose()
  }
  return {
    ...Object.fromEntries(OPS.map((op) => [op, (...given: ReadonlyArray<unknown>) => run(op, given)])),
    close,
    [Symbol.asyncDispose]: close
  } as Client
}
