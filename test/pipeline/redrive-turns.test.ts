import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { BreakerRules } from "../../src/domain/breaker.ts"
import { breakerKey, tellBreaker } from "../../src/pipeline/breakers.ts"
import { Control } from "../../src/store/control.ts"
import { Deadline } from "../../src/store/deadline.ts"
import type { HandedOver } from "../../src/store/hand-over.ts"
import { memoryControl } from "../../src/store/memory/control.ts"
import { StoreError } from "../../src/store/store-error.ts"
import { LIMITS, makeRedrive, settlementBody, type Wraps } from "../support/redrive.ts"

const accepted: HandedOver = { _tag: "accepted" }
const refused: HandedOver = { _tag: "refused", reason: "TooLarge" }
const unavailable: HandedOver = { _tag: "unavailable", reason: "Busy" }
const down = { reason: "InternalServerError", retryable: true }

/** A stream that answers each put with these outcomes, one for each record. */
const answering = (...outcomes: ReadonlyArray<HandedOver>): Wraps => ({
  stream: () => ({ put: (records) => Effect.succeed(records.map((_, i) => outcomes[i % outcomes.length] ?? accepted)) })
})

const breakerOf = (r: ReturnType<typeof makeRedrive>) => r.control.held().get(breakerKey("stream"))?.value

describe("a turn of redrive", () => {
  it.each([
    ["counts a failure where one was unavailable, whatever became of the others", [accepted, unavailable, refused], 1],
    ["counts none where some were taken", [accepted, refused], 0],
    ["counts none where all were refused: the dependency works", [refused], 0]
  ] as const)("%s", async (_, outcomes, failures) => {
    const r = makeRedrive(answering(...outcomes))
    r.giveUpEvents(3)
    const { breakers } = await r.run()
    assert.strictEqual(breakers.stream, "empty")
    assert.deepStrictEqual<unknown>((breakerOf(r) as { inARow?: number } | undefined)?.inARow ?? 0, failures)
  })

  it("logs why nothing is taken, each reason once, in order; and nothing where something is", async () => {
    const lines = async (...outcomes: ReadonlyArray<HandedOver>) => {
      const r = makeRedrive(answering(...outcomes))
      r.giveUpEvents(4)
      await r.run()
      return r.lines.flatMap((line) => /stream takes no messages: [^"]*/.exec(line) ?? [])
    }
    assert.deepStrictEqual(await lines(refused, unavailable, refused, accepted), [
      "stream takes no messages: Busy, TooLarge"
    ])
    assert.deepStrictEqual(await lines(refused), ["stream takes no messages: TooLarge"])
    assert.deepStrictEqual(await lines(refused, accepted), [])
  })

  it("tells the breaker how a probe went, also where there was nothing to probe with", async () => {
    const r = makeRedrive()
    const halfOpen = { state: "halfOpen", rounds: 1, succeeded: 1 }
    await Effect.runPromise(
      Effect.provide(
        Control.use((control) => control.write(breakerKey("stream"), halfOpen, 0)),
        r.control.layer
      )
    )
    assert.deepInclude((await r.run()).breakers, { stream: "empty" })
    assert.deepStrictEqual<unknown>(breakerOf(r), halfOpen)
    r.giveUpEvents(2)
    await r.run()
    // One each time; the second closes the breaker with the two before it.
    assert.deepInclude(breakerOf(r) as object, { state: "closed" })
    assert.strictEqual(r.stream.records().length, 2)
  })

  it("gives a closed breaker no account of nothing", async () => {
    const r = makeRedrive()
    const failing = { state: "closed", inARow: 2, since: r.clock.now(), calls: 2, failed: 2 }
    await Effect.runPromise(
      Effect.provide(
        Control.use((control) => control.write(breakerKey("stream"), failing, 0)),
        r.control.layer
      )
    )
    r.letters.add("rule", "junk", r.clock.now())
    await r.run()
    assert.deepStrictEqual<unknown>(breakerOf(r), failing)
  })

  it.each([
    ["taken", accepted],
    ["refused: the dependency works", refused]
  ] as const)("ends a row of failures by one letter that is %s", async (_, outcome) => {
    const r = makeRedrive(answering(outcome))
    const failing = { state: "closed", inARow: 2, since: r.clock.now(), calls: 2, failed: 2 }
    await Effect.runPromise(
      Effect.provide(
        Control.use((control) => control.write(breakerKey("stream"), failing, 0)),
        r.control.layer
      )
    )
    r.giveUpEvents(1)
    await r.run()
    assert.deepInclude(breakerOf(r) as object, { state: "closed", inARow: 0 })
  })

  it("hands over by five seconds from now, or by the end of the run, and hides letters for half a minute beyond", async () => {
    const hidden: Array<number> = []
    const deadlines: Array<number> = []
    const r = makeRedrive({
      letters: (inner) => ({
        ...inner,
        receive: (source, most, seconds) => {
          hidden.push(seconds)
          return inner.receive(source, most, seconds)
        }
      }),
      stream: (inner) => ({
        put: (records) =>
          Effect.gen(function* () {
            deadlines.push((yield* Deadline) - r.clock.now())
            return yield* inner.put(records)
          })
      })
    })
    r.giveUpEvents(1)
    await r.run()
    assert.deepStrictEqual([...new Set(hidden)], [90])
    assert.deepStrictEqual(deadlines, [5_000])
  })

  it("calls nobody where there is nothing to hand over, to delete, or to tell", async () => {
    const calls: Array<string> = []
    const noting = (name: string) => (inner: object) =>
      Object.fromEntries(
        Object.entries(inner).map(([call, run]) => [
          call,
          (...of: ReadonlyArray<unknown>) => {
            calls.push(`${name}.${call}`)
            return run(...of)
          }
        ])
      ) as never
    const r = makeRedrive({
      ...{ letters: noting("letters"), stream: noting("stream"), settle: noting("settle") },
      ...{ parked: noting("parked"), notices: noting("notices") }
    })
    await r.run()
    assert.deepStrictEqual(calls, ["letters.receive", "letters.receive"])
    calls.length = 0
    r.letters.add("rule", "junk", r.clock.now())
    await r.run()
    const [receive, remove] = ["letters.receive", "letters.remove"]
    assert.deepStrictEqual(calls, [receive, "parked.put", receive, receive, "notices.publish", remove])
  })
})

describe("a letter that is parked", () => {
  it("says when it was given up, how often it was tried, and why in codes alone", async () => {
    const r = makeRedrive()
    const now = r.clock.now()
    r.letters.add("rule", "a", now, { cause: "NO_PERMISSIONS" })
    r.letters.add("rule", "b", now, { cause: "said somebody" })
    r.letters.add("rule", "c", now)
    r.letters.add("settle", settlementBody(1), now, { attempts: 7 })
    await r.run()
    const detail = "the body is not an event with an id and a detail"
    const junk = { from: "rule", reason: "NotAnEvent", received: now, attempts: 1 } as const
    assert.deepStrictEqual<unknown>(
      [...r.parked.kept().values()],
      [
        { ...junk, body: "a", detail: `${detail}; the rule had given it up as NO_PERMISSIONS` },
        { ...junk, body: "b", detail: `${detail}; the rule had given it up as an unknown code` },
        { ...junk, body: "c", detail },
        {
          ...{ from: "settle", reason: "TooManyAttempts", received: now, attempts: 7, body: settlementBody(1) },
          detail: "project gave it up again after it was brought back 7 times"
        }
      ]
    )
  })

  it("is told of by a line where it cannot be kept, or nobody can be told", async () => {
    const failure = (store: StoreError["store"], operation: string) =>
      Effect.fail(new StoreError({ store, operation, ...down }))
    const lines = async (wraps: Wraps) => {
      const r = makeRedrive(wraps)
      r.letters.add("rule", "junk", r.clock.now())
      await r.run()
      return r.lines.join("\n")
    }
    const parked: Wraps = { parked: () => ({ put: () => failure("parked letters", "put") }) }
    const unkept = await lines(parked)
    assert.include(unkept, "parked letters: put: InternalServerError")
    // Where letters go is not to blame.
    assert.notInclude(unkept, "nothing is brought back to")
    const untold = await lines({ notices: () => ({ publish: () => failure("notices", "publish") }) })
    assert.include(untold, "parked letters stay where they were, for nobody was told: notices: publish: Internal")
    const blind: Wraps = { letters: (inner) => ({ ...inner, receive: () => failure("dead letters", "receive") }) }
    assert.include(await lines(blind), "dead letters: receive: InternalServerError")
  })

  it("counts where it was deleted, queue by queue", async () => {
    const r = makeRedrive({
      letters: (inner) => ({
        ...inner,
        remove: (source, receipts) =>
          source === "rule" ? Effect.succeed(new Set(receipts.slice(0, 1))) : inner.remove(source, receipts)
      })
    })
    for (const body of ["a", "b", "c"]) r.letters.add("rule", body, r.clock.now())
    r.letters.add("settle", "d", r.clock.now())
    const report = await r.run()
    assert.deepInclude(report, { received: 4, parked: 3, left: 1, reasons: { NotAnEvent: 2, NotASettlement: 1 } })
    assert.strictEqual(r.notices.sent()[0]?.subject, "test: 4 messages were parked")
  })
})

describe("the pace of redrive", () => {
  it("is so many a second over all queues, and so many a run", async () => {
    const at: Array<readonly [ms: number, count: number]> = []
    const limits = { ...LIMITS, perSecond: 10, perRun: 25 }
    const r = makeRedrive(
      {
        stream: (inner) => ({
          put: (records) => {
            at.push([r.clock.now() - started, records.length])
            return inner.put(records)
          }
        })
      },
      limits
    )
    const started = r.clock.now()
    r.giveUpEvents(40)
    const report = await r.run()
    assert.deepStrictEqual(at, [
      [0, 10],
      [1_000, 10],
      [2_000, 5]
    ])
    assert.deepInclude(report, { received: 25, redriven: 25, left: 0 })
    assert.deepStrictEqual(report.breakers, { stream: "more", settle: "empty" })
  })

  it("takes at most 100 at a time, however many it may", async () => {
    const counts: Array<number> = []
    const r = makeRedrive(
      {
        stream: (inner) => ({
          put: (records) => {
            counts.push(records.length)
            return inner.put(records)
          }
        })
      },
      { ...LIMITS, perSecond: 1_000 }
    )
    r.giveUpEvents(150)
    await r.run()
    assert.deepStrictEqual(counts, [100, 50])
  })

  it("begins no turn in the last fifteen seconds of a run", async () => {
    const turns: Array<number> = []
    const r = makeRedrive(
      {
        stream: (inner) => ({
          put: (records) => {
            turns.push(r.clock.now() - started)
            return Effect.delay(inner.put(records), 500)
          }
        })
      },
      { ...LIMITS, perSecond: 1 }
    )
    const started = r.clock.now()
    r.giveUpEvents(100)
    await r.run()
    // A run has 59.5 seconds.
    assert.strictEqual(turns.at(-1), 44_000)
    assert.lengthOf(turns, 45)
  })
})

describe("a turn of redrive that takes its time", () => {
  /** When turns begin, of which the first does what it is told to. */
  const turnsOf = async (perSecond: number, first: (r: ReturnType<typeof makeRedrive>) => number) => {
    const turns: Array<number> = []
    const r: ReturnType<typeof makeRedrive> = makeRedrive(
      {
        stream: (inner) => ({
          put: (records) =>
            Effect.suspend(() => {
              turns.push(r.clock.now() - started)
              return Effect.delay(inner.put(records), turns.length === 1 ? first(r) : 0)
            })
        })
      },
      { ...LIMITS, perSecond }
    )
    const started = r.clock.now()
    r.giveUpEvents(1)
    await r.run()
    return turns
  }

  it("is not made up for by others that follow at once", async () => {
    const turns = await turnsOf(1, (r) => {
      r.giveUpEvents(3)
      return 5_000
    })
    assert.deepStrictEqual(turns, [0, 5_000, 6_000, 7_000])
  })

  it("may begin while fifteen seconds are left, to the millisecond", async () => {
    const turns = await turnsOf(2, (r) => {
      r.giveUpEvents(200)
      return 0
    })
    // One letter, and then two a second: half a second later from there on.
    assert.deepStrictEqual([turns[1], turns.at(-1)], [500, 44_500])
  })

  it("counts as brought back what was deleted, and as left what was not", async () => {
    const r = makeRedrive({
      letters: (inner) => ({
        ...inner,
        remove: (_, receipts) => Effect.succeed(new Set(receipts.slice(0, 1)))
      })
    })
    r.giveUpEvents(3)
    assert.deepInclude(await r.run(), { received: 3, redriven: 2, left: 1 })
  })
})

describe("the breaker of a dependency", () => {
  const rules: BreakerRules = LIMITS.breaker
  const told = (wrap: (inner: Control["Service"]) => Control["Service"], value: unknown = undefined) => {
    const control = memoryControl()
    return Effect.gen(function* () {
      const inner = yield* Control
      if (value !== undefined) yield* inner.write(breakerKey("stream"), value as never, 0)
      return yield* tellBreaker(rules, "stream", { type: "failed", holder: "me" }).pipe(
        Effect.provideService(Control, wrap(inner))
      )
    }).pipe(Effect.provide(control.layer))
  }
  const failed = { state: "closed", inARow: 1, since: 0, calls: 1, failed: 1 }

  it.effect("is told again where others write it at the same time, ten times in all", () =>
    Effect.gen(function* () {
      const tellOver = (conflicts: number) => {
        let left = conflicts
        return told((inner) => ({
          ...inner,
          write: (...of) => (left-- > 0 ? Effect.succeed("conflict" as const) : inner.write(...of))
        }))
      }
      assert.deepStrictEqual<unknown>(yield* tellOver(9), failed)
      const { message, retryable } = yield* Effect.flip(tellOver(10))
      assert.strictEqual(message, "control table: write: breaker/stream is contended")
      assert.isTrue(retryable)
    })
  )

  it.effect("is written only where it changes", () =>
    Effect.gen(function* () {
      let writes = 0
      const open = { state: "open", until: 9, rounds: 2 }
      const after = yield* told(
        (inner) => ({
          ...inner,
          write: (...of) => {
            writes++
            return inner.write(...of)
          }
        }),
        open
      )
      assert.deepStrictEqual<unknown>(after, open)
      assert.strictEqual(writes, 0)
    })
  )

  it.effect("is refused where it is none, by its key", () =>
    Effect.gen(function* () {
      const probing = { state: "halfOpen", rounds: 0, succeeded: 0 }
      for (const value of [
        { ...failed, inARow: -1 },
        { ...failed, since: -1 },
        { ...failed, calls: 0.5 },
        { state: "open", until: -1, rounds: 0 },
        { ...probing, rounds: -1 },
        { ...probing, probe: { holder: 1, until: 2 } }
      ]) {
        const { message, retryable } = yield* Effect.flip(told((inner) => inner, value))
        assert.strictEqual(message, "control table: read: breaker/stream holds no breaker", JSON.stringify(value))
        assert.isFalse(retryable)
      }
      assert.deepStrictEqual<unknown>(yield* told((inner) => inner, probing), probing)
      const zero = { state: "closed", inARow: 0, since: 0, calls: 0, failed: 0 }
      assert.deepStrictEqual<unknown>(yield* told((inner) => inner, zero), failed)
    })
  )
})
