import { effectClock, virtualClock } from "aws-in-process/clock"
import { seededRandom } from "aws-in-process/random"
import { runVirtual } from "aws-in-process/run-virtual"
import { Context, Effect, Layer, Random } from "effect"
import type { Delta } from "../../src/domain/delta.ts"
import { linesTo } from "../../src/lambda/lines.ts"
import { redrive } from "../../src/pipeline/redrive.ts"
import { type Limits, RedriveLimits } from "../../src/pipeline/redrive-limits.ts"
import { Control } from "../../src/store/control.ts"
import { DeadLetters } from "../../src/store/dead-letters.ts"
import { Deadline } from "../../src/store/deadline.ts"
import { SettleReturn, StreamSink } from "../../src/store/hand-over.ts"
import { memoryControl } from "../../src/store/memory/control.ts"
import { memoryDeadLetters } from "../../src/store/memory/dead-letters.ts"
import { memorySettleReturn, memoryStreamSink } from "../../src/store/memory/hand-over.ts"
import { memoryNotices } from "../../src/store/memory/notices.ts"
import { memoryParked } from "../../src/store/memory/parked.ts"
import { Notices } from "../../src/store/notices.ts"
import { Parked } from "../../src/store/parked.ts"
import { encodeSettlement } from "../../src/store/settle-queue.ts"
import { START } from "./history.ts"

export const LIMITS: Limits = {
  perSecond: 50,
  perRun: 2_000,
  maxAttempts: 4,
  breaker: {
    failures: 3,
    share: 0.5,
    calls: 6,
    window: 300_000,
    coolDown: 60_000,
    longestCoolDown: 600_000,
    lease: 90_000,
    successes: 3
  }
}

/** What an invocation may take, and how often there is one. */
const RUN_MS = 59_500
export const MINUTE = 60_000

type Wrap<A> = (inner: A) => A

/** What a test puts around the ports. */
export interface Wraps {
  readonly control?: Wrap<Control["Service"]>
  readonly letters?: Wrap<DeadLetters["Service"]>
  readonly stream?: Wrap<StreamSink["Service"]>
  readonly settle?: Wrap<SettleReturn["Service"]>
  readonly parked?: Wrap<Parked["Service"]>
  readonly notices?: Wrap<Notices["Service"]>
}

const same = <A>(a: A): A => a

/** Redrive on ports in memory, on a clock that stands until it is moved, with every line that is logged. */
export const makeRedrive = (wraps: Wraps = {}, limits: Limits = LIMITS) => {
  const clock = virtualClock(START)
  const stores = {
    control: memoryControl(),
    letters: memoryDeadLetters(),
    stream: memoryStreamSink(),
    settle: memorySettleReturn(),
    parked: memoryParked(),
    notices: memoryNotices()
  }
  const lines: Array<string> = []
  const base = Layer.mergeAll(
    stores.control.layer,
    stores.letters.layer,
    stores.stream.layer,
    stores.settle.layer,
    stores.parked.layer,
    stores.notices.layer,
    Layer.succeed(RedriveLimits, limits),
    Layer.succeed(Random.Random, effectRandom()),
    effectClock(clock),
    linesTo((line) => lines.push(line))
  )
  const wrapped = Layer.effectContext(
    Effect.gen(function* () {
      const { control = same, letters = same, stream = same, settle = same, parked = same, notices = same } = wraps
      return Context.empty().pipe(
        Context.add(Control, control(yield* Control)),
        Context.add(DeadLetters, letters(yield* DeadLetters)),
        Context.add(StreamSink, stream(yield* StreamSink)),
        Context.add(SettleReturn, settle(yield* SettleReturn)),
        Context.add(Parked, parked(yield* Parked)),
        Context.add(Notices, notices(yield* Notices))
      )
    })
  )
  const layer = Layer.provideMerge(wrapped, base)

  /** Starts one invocation. */
  const start = () =>
    Effect.runPromise(
      redrive("test").pipe(
        Effect.provideService(Deadline, clock.now() + RUN_MS),
        Effect.provide(layer, { local: true })
      )
    )
  /** Lets the clock go on until a promise settles, and returns it. */
  const finish = async <A>(running: Promise<A>): Promise<A> => {
    let settled = false
    const done = () => {
      settled = true
    }
    running.then(done, done)
    await runVirtual(clock, { pending: () => 0, until: () => settled, limit: 10 * MINUTE })
    return running
  }
  /** One invocation, and the rest of its minute. */
  const run = async () => {
    const next = clock.now() + MINUTE
    const report = await finish(start())
    clock.advanceTo(next)
    return report
  }
  return {
    ...stores,
    clock,
    lines,
    start,
    finish,
    run,
    giveUpEvents: (count: number, from = 0) => {
      for (let n = from; n < from + count; n++) stores.letters.add("rule", eventBody(n), clock.now())
    },
    giveUpSettlements: (count: number, attempts = 0) => {
      for (let n = 0; n < count; n++) stores.letters.add("settle", settlementBody(n), clock.now(), { attempts })
    },
    waiting: () => stores.letters.waiting("rule").length + stores.letters.waiting("settle").length
  }
}

const effectRandom = () => {
  const { next } = seededRandom(1)
  return { nextDoubleUnsafe: next, nextIntUnsafe: () => Math.floor(next() * 1_000_000) }
}

export const eventBody = (n: number): string =>
  JSON.stringify({ id: `event-${n}`, "detail-type": "t", source: "s", detail: { topicName: `topic-${n % 7}`, n } })

const deltaOf = (n: number): Delta => ({
  projection: "agents-v2",
  entity: `agent-${n}`,
  row: "state",
  register: "presence",
  value: n,
  late: false,
  stamp: { clock: START, published: START, eventId: `event-${n}` }
})

export const settlementBody = (n: number): string => encodeSettlement([deltaOf(n)])
