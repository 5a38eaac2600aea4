import { Clock, Duration, Effect, Layer } from "effect"
import { CallFailed } from "../../../src/genesys-api/call-failed.ts"
import { Organisation } from "../../../src/genesys-api/organisation.ts"
import { type OrganisationFixture, organisationMemory } from "../../../src/genesys-api/organisation-memory.ts"
import { type Checkpoint, RECONCILE_KEY, wantSweep } from "../../../src/pipeline/reconcile/checkpoint.ts"
import { TOLD_MS } from "../../../src/pipeline/reconcile/compare.ts"
import { acceptMissing } from "../../../src/pipeline/reconcile/missing.ts"
import { reconcile } from "../../../src/pipeline/reconcile/sweep.ts"
import { Control } from "../../../src/store/control.ts"
import { Deadline } from "../../../src/store/deadline.ts"
import { type HandedOver, StreamSink } from "../../../src/store/hand-over.ts"
import { memoryControl } from "../../../src/store/memory/control.ts"
import { memoryDirectory } from "../../../src/store/memory/directory.ts"
import { memoryStreamSink } from "../../../src/store/memory/hand-over.ts"
import { makeCore } from "../../support/core.ts"
import { arrival, START } from "../../support/history.ts"

export type Service = Organisation["Service"]

/** An organisation of so many: every agent of the first three is on a conversation, and members fill the first queue. */
export const centre = (agents: number, queues: number): OrganisationFixture => {
  const ids = (kind: string, count: number) => Array.from({ length: count }, (_, i) => `${kind}-${i + 1}`)
  const users = ids("agent", agents)
  return {
    users: users.map((id, i) => ({
      id,
      name: `kanarie ${i}`,
      email: `kanarie-${i}@example.com`,
      team: "team-1",
      teamName: "Early",
      state: "active" as const,
      presence: { value: { systemPresence: "ON_QUEUE" }, since: START - 3_600_000 },
      routingStatus: { value: i < 3 ? "INTERACTING" : "IDLE", since: START - 600_000 },
      conversations: []
    })),
    statuses: Object.fromEntries(
      users.slice(0, 3).map((id, i) => [
        id,
        [
          {
            sessionId: `session-${i + 1}`,
            state: "INTERACT",
            since: START - 600_000,
            sessionStart: START - 610_000,
            conversationId: `conversation-${i + 1}`,
            queueId: "queue-1",
            mediaType: "VOICE"
          }
        ]
      ])
    ),
    queues: ids("queue", queues).map((id) => ({ id, name: `Queue ${id}` })),
    members: { "queue-1": users },
    waiting: {
      "queue-1": [{ conversationId: "conversation-9", sessionId: "wait-9", since: START - 5_000, mediaType: "VOICE" }]
    },
    presences: [{ id: "presence-1", name: "On Queue" }],
    wrapUpCodes: [{ id: "code-1", name: "Sold" }],
    divisions: [{ id: "division-1", name: "Home" }]
  }
}

export const failed = (reason: CallFailed["reason"], more: { readonly retryAfterMs?: number } = {}) =>
  new CallFailed({ reason, call: "GET /api/v2/users", ...more })

interface Options {
  readonly fixture?: () => OrganisationFixture
  /** How many are on a page. */
  readonly page?: number
  /** The same of users, where that is another number. */
  readonly users?: number
  /** Ms that a request takes. */
  readonly requestMs?: number
  /** Stands before the organisation. */
  readonly before?: (organisation: Service) => Service
  /** Stands around each write of the control table, and around each call of the stream. */
  readonly around?: <A, E>(write: Effect.Effect<A, E>) => Effect.Effect<A, E>
  /** What happens while a sweep waits for events on their way. Absent: no sweep has to wait. */
  readonly meanwhile?: () => Promise<unknown>
}

/** Sweeps of an organisation in memory, with a clock that requests move. */
export const sweeping = (options: Options = {}) => {
  const {
    fixture = () => centre(25, 6),
    page = 10,
    requestMs = 400,
    before = (same: Service) => same,
    around = (same) => same,
    meanwhile
  } = options
  let now = START
  let waited = 0
  let requests = 0
  const asked: Array<string> = []
  const clock: Clock.Clock = {
    currentTimeMillisUnsafe: () => now,
    currentTimeMillis: Effect.sync(() => now),
    currentTimeNanosUnsafe: () => BigInt(now) * 1_000_000n,
    currentTimeNanos: Effect.sync(() => BigInt(now) * 1_000_000n),
    monotonicTimeNanosUnsafe: () => BigInt(now) * 1_000_000n,
    monotonicTimeNanos: Effect.sync(() => BigInt(now) * 1_000_000n),
    // Time moves by requests and by waits for events, and no limit is reached by waiting.
    sleep: (duration) => {
      const ms = Duration.toMillis(duration)
      if (meanwhile === undefined || ms > TOLD_MS) return Effect.never
      return Effect.promise(async () => {
        await meanwhile()
        now += ms
        waited += ms
      })
    }
  }
  const inner = organisationMemory(() => fixture(), page, options.users)
  const took = <A>(call: string, effect: Effect.Effect<A, CallFailed>) =>
    Effect.tap(effect, () =>
      Effect.sync(() => {
        now += requestMs
        requests++
        asked.push(call)
      })
    )
  const timed: Service = {
    users: (next) => took(`users ${next ?? ""}`, inner.users(next)),
    former: (state) => (next) => took(`${state} ${next ?? ""}`, inner.former(state)(next)),
    queues: (next) => took(`queues ${next ?? ""}`, inner.queues(next)),
    members: (id, next) => took(`members ${id} ${next ?? ""}`, inner.members(id, next)),
    presences: (next) => took("presences", inner.presences(next)),
    wrapUpCodes: (next) => took("wrapUpCodes", inner.wrapUpCodes(next)),
    divisions: (next) => took("divisions", inner.divisions(next)),
    statuses: (ids) => took(`statuses ${ids.join(" ")}`, inner.statuses(ids)),
    observations: (ids) => took(`observations ${ids.length}`, inner.observations(ids)),
    requests: Effect.sync(() => requests)
  }
  const core = makeCore()
  let folded = 0
  const control = memoryControl()
  const directory = memoryDirectory({ holds: "names", divisions: [] })
  const stream = memoryStreamSink()
  const faults: Array<HandedOver> = []
  const sink = Layer.effect(
    StreamSink,
    Effect.map(StreamSink, ({ put }) => ({
      put: (records) => {
        const fault = faults.shift()
        return fault === undefined ? around(put(records)) : Effect.succeed(records.map(() => fault))
      }
    }))
  ).pipe(Layer.provide(stream.layer))
  let longest = 0
  const measured = Layer.effect(
    Control,
    Effect.map(Control, ({ read, write }) => ({
      read,
      write: (key, value, version) => {
        if (key === RECONCILE_KEY) longest = Math.max(longest, JSON.stringify(value).length)
        return around(write(key, value, version))
      }
    }))
  ).pipe(Layer.provide(control.layer))
  const services = Layer.mergeAll(
    measured,
    directory.layer,
    core.rows.layer,
    sink,
    Layer.succeed(Organisation, before(timed)),
    Layer.succeed(Clock.Clock, clock)
  )

  return {
    /** One invocation that may take so many ms. */
    invoke: (ms = 900_000, start = false) =>
      Effect.suspend(() =>
        reconcile({ start, by: "a test" }).pipe(Effect.provideService(Deadline, now + ms), Effect.provide(services))
      ),
    /** Folds what was sent since it was last called, through append and project. */
    fold: async () => {
      const records = stream.records().slice(folded)
      folded += records.length
      const report = await core.deliver(records.map(({ data }) => ({ raw: data, received: now })))
      await core.settle(core.queue.take(Number.POSITIVE_INFINITY))
      return report
    },
    /** Folds events of the platform. */
    deliver: async (lines: ReadonlyArray<string>) => {
      await core.deliver(lines.map((line) => arrival(line, now)))
      await core.settle(core.queue.take(Number.POSITIVE_INFINITY))
    },
    /** Ms that sweeps have waited for events. */
    waited: () => waited,
    rows: (generation: string, entity: string) => core.rows.rows(generation, entity),
    asked,
    directory,
    control,
    sinkFault: (fault: HandedOver) => void faults.push(fault),
    /** Nothing happens for so long. */
    wait: (ms: number) => {
      now += ms
    },
    now: () => now,
    /** Somebody says that what the next sweep finds missing is over. */
    accept: (by: string) => Effect.runPromise(acceptMissing(by).pipe(Effect.provide(services))),
    /** Somebody asks for a sweep. */
    ask: (by: string) => Effect.runPromise(wantSweep(by).pipe(Effect.provide(services))),
    /** Somebody else writes the checkpoint. */
    hold: (value: Checkpoint) =>
      Effect.runPromise(
        Effect.flatMap(Control, ({ write }) =>
          write(RECONCILE_KEY, value as never, control.held().get(RECONCILE_KEY)?.version ?? 0)
        ).pipe(Effect.provide(control.layer))
      ),
    checkpoint: () => control.held().get(RECONCILE_KEY)?.value as never,
    /** The longest text that the checkpoint was. */
    checkpointBytes: () => longest,
    /** The events that were sent, as text. */
    sent: () => stream.records().map(({ data }) => Buffer.from(data).toString()),
    ids: () => stream.records().map(({ data }) => JSON.parse(Buffer.from(data).toString()).id as string)
  }
}
