import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { longestRecovery } from "../../src/domain/breaker.ts"
import { breakerKey } from "../../src/pipeline/breakers.ts"
import { Control } from "../../src/store/control.ts"
import type { HandedOver, StreamRecord } from "../../src/store/hand-over.ts"
import { StoreError } from "../../src/store/store-error.ts"
import { eventBody, LIMITS, MINUTE, makeRedrive, settlementBody, type Wraps } from "../support/redrive.ts"

const unavailable: HandedOver = { _tag: "unavailable", reason: "ServiceUnavailable" }
const down = { reason: "InternalServerError", retryable: true }
const stateOf = (r: ReturnType<typeof makeRedrive>, dependency: string) =>
  (r.control.held().get(breakerKey(dependency))?.value as { state: string } | undefined)?.state ?? "closed"
const ids = (records: ReadonlyArray<StreamRecord>) =>
  records.map(({ data }) => (JSON.parse(Buffer.from(data).toString()) as { id: string }).id)

describe("redrive", () => {
  it("puts events back into the stream by the key that the rule would choose, byte for byte", async () => {
    const r = makeRedrive()
    const odd = '{"id":"x","detail":{"topicName":""},  "unknown":[1.0,"é"]}'
    const long = JSON.stringify({ id: "y", detail: { topicName: "t".repeat(300) } })
    for (const body of [eventBody(3), odd, long]) r.letters.add("rule", body, r.clock.now())
    const report = await r.run()
    assert.deepStrictEqual(
      r.stream.records().map(({ key, data }) => [key, Buffer.from(data).toString()]),
      [
        ["topic-3", eventBody(3)],
        ["x", odd],
        ["t".repeat(256), long]
      ]
    )
    assert.deepInclude(report, { received: 3, redriven: 3, parked: 0, left: 0, breakerOpen: 0 })
    assert.deepStrictEqual(report.breakers, { stream: "empty", settle: "empty" })
    assert.strictEqual(r.waiting(), 0)
  })

  it("sends settle messages back into their queue, and counts how often", async () => {
    const r = makeRedrive()
    r.letters.add("settle", settlementBody(1), r.clock.now())
    r.letters.add("settle", settlementBody(2), r.clock.now(), { attempts: 2 })
    await r.run()
    assert.deepStrictEqual(r.settle.messages(), [
      { body: settlementBody(1), attempts: 1 },
      { body: settlementBody(2), attempts: 3 }
    ])
    assert.strictEqual(r.waiting(), 0)
  })

  it("[P2] brings back 10,000 of each kind within its pace, and loses none", async () => {
    const taken: Array<readonly [at: number, count: number]> = []
    const r = makeRedrive({
      stream: (inner) => ({
        put: (records) => {
          taken.push([r.clock.now(), records.length])
          return inner.put(records)
        }
      }),
      settle: (inner) => ({
        send: (messages) => {
          taken.push([r.clock.now(), messages.length])
          return inner.send(messages)
        }
      })
    })
    r.giveUpEvents(10_000)
    r.giveUpSettlements(10_000)
    const started = r.clock.now()
    let runs = 0
    for (; r.waiting() > 0; runs++) {
      const before = r.stream.records().length + r.settle.messages().length
      const report = await r.run()
      assert.strictEqual(report.received, report.redriven)
      assert.isAtMost(report.received, LIMITS.perRun)
      assert.strictEqual(r.stream.records().length + r.settle.messages().length - before, report.redriven)
    }
    assert.strictEqual(runs, 20_000 / LIMITS.perRun)
    assert.strictEqual(new Set(ids(r.stream.records())).size, 10_000)
    assert.strictEqual(r.stream.records().length, 10_000)
    assert.strictEqual(new Set(r.settle.messages().map(({ body }) => body)).size, 10_000)
    for (const [at, count] of taken) {
      assert.isAtMost(count, LIMITS.perSecond)
      const second = taken.filter(([other]) => other >= at && other < at + 1_000)
      assert.isAtMost(
        second.reduce((sum, [, n]) => sum + n, 0),
        LIMITS.perSecond,
        `from ${at - started} ms on`
      )
    }
  })

  it("brings nothing back while its breakers cannot be asked, and says so", async () => {
    let broken = true
    const r = makeRedrive({
      control: (inner) => ({
        ...inner,
        read: (key) =>
          broken ? Effect.fail(new StoreError({ store: "control table", operation: "read", ...down })) : inner.read(key)
      })
    })
    r.giveUpEvents(30)
    const report = await r.run()
    assert.deepInclude(report, { received: 0, redriven: 0, breakerOpen: 1 })
    assert.deepStrictEqual(report.breakers, { stream: "unknown", settle: "unknown" })
    assert.strictEqual(r.stream.records().length, 0)
    assert.strictEqual(r.waiting(), 30)
    assert.lengthOf(
      r.lines.filter((line) => line.includes("nothing is brought back") && line.includes("InternalServerError")),
      2
    )
    broken = false
    assert.deepInclude(await r.run(), { received: 30, redriven: 30, breakerOpen: 0 })
  })

  it("brings nothing back by a breaker whose state is none", async () => {
    const r = makeRedrive({
      control: (inner) => ({ ...inner, read: () => Effect.succeed({ value: { state: "ajar" }, version: 3 }) })
    })
    r.giveUpEvents(1)
    assert.deepInclude(await r.run(), { received: 0, breakerOpen: 1 })
    assert.isTrue(r.lines.some((line) => line.includes("breaker/stream holds no breaker")))
  })

  it("leaves a lane whose breaker cannot be told, and the other goes on", async () => {
    const r = makeRedrive({
      stream: () => ({ put: (records) => Effect.succeed(records.map(() => unavailable)) }),
      control: (inner) => ({
        ...inner,
        write: () => Effect.fail(new StoreError({ store: "control table", operation: "write", ...down }))
      })
    })
    r.giveUpEvents(120)
    r.giveUpSettlements(120)
    const report = await r.run()
    assert.deepStrictEqual(report.breakers, { stream: "unknown", settle: "empty" })
    assert.strictEqual(report.redriven, 120)
    assert.strictEqual(report.received, 170)
  })

  it("[P2] outlives a stream that is down for an hour: opens, probes one at a time, closes and drains", async () => {
    let streamDown = true
    const puts: Array<{ readonly at: number; readonly count: number; readonly down: boolean }> = []
    const r = makeRedrive({
      stream: (inner) => ({
        put: (records) => {
          puts.push({ at: r.clock.now(), count: records.length, down: streamDown })
          return streamDown ? Effect.succeed(records.map(() => unavailable)) : inner.put(records)
        }
      })
    })
    r.giveUpEvents(3_000)
    r.giveUpSettlements(100)
    const started = r.clock.now()
    const reports = []
    while (r.clock.now() < started + 60 * MINUTE) reports.push(await r.run())
    assert.strictEqual(r.letters.waiting("rule").length, 3_000)
    assert.strictEqual(r.settle.messages().length, 100, "the settle queue was not held up")
    assert.strictEqual(r.parked.kept().size, 0, "good messages are not parked, however long it takes")
    const [first, second, third, ...probes] = puts
    assert.deepStrictEqual(
      [first, second, third].map((put) => put?.count),
      [50, 50, 50]
    )
    assert.isAbove(probes.length, 3)
    assert.isBelow(probes.length, 15)
    for (const [i, { at, count }] of probes.entries()) {
      assert.strictEqual(count, 1)
      const next = probes[i + 1]
      if (next !== undefined) assert.isAtLeast(next.at - at, LIMITS.breaker.coolDown)
    }
    assert.isTrue(reports.slice(1).every(({ breakerOpen }) => breakerOpen === 1))

    streamDown = false
    const well = r.clock.now()
    while (stateOf(r, "stream") !== "closed") await r.run()
    assert.isAtMost(r.clock.now() - well, longestRecovery(LIMITS.breaker, MINUTE))
    while (r.waiting() > 0) await r.run()
    assert.isAtMost(r.clock.now() - well, longestRecovery(LIMITS.breaker, MINUTE) + 3 * MINUTE)
    assert.strictEqual(new Set(ids(r.stream.records())).size, 3_000)
    const healed = puts.filter((put) => !put.down)
    assert.deepStrictEqual(
      healed.slice(0, LIMITS.breaker.successes).map(({ count }) => count),
      [1, 1, 1]
    )
  })

  it("lets one of two runs probe at a time, and is not held up by a probe that crashed", async () => {
    const r = makeRedrive({
      stream: (inner) => ({ put: (records) => Effect.delay(inner.put(records), 2_000) })
    })
    r.giveUpEvents(10)
    const probe = { holder: "crashed", until: r.clock.now() + LIMITS.breaker.lease }
    const halfOpen = { state: "halfOpen", rounds: 1, succeeded: 0, probe }
    const write = Control.use((control) => control.write(breakerKey("stream"), halfOpen, 0))
    await Effect.runPromise(Effect.provide(write, r.control.layer))
    for (const report of await r.finish(Promise.all([r.start(), r.start()])))
      assert.strictEqual(report.breakers.stream, "open")
    r.clock.advanceTo(r.clock.now() + LIMITS.breaker.lease)
    const reports = await r.finish(Promise.all([r.start(), r.start()]))
    assert.deepStrictEqual(reports.map(({ breakers }) => breakers.stream).sort(), ["empty", "open"])
    assert.strictEqual(r.stream.records().length, 10)
  })

  it("[P2] [P7] parks what is unrecoverable once, with a reason, and notifies people once, without a value", async () => {
    const r = makeRedrive()
    const secret = "canary-4711"
    for (const body of [secret, `{"id":"${secret}"}`, `["${secret}"]`, "null"])
      r.letters.add("rule", body, r.clock.now(), { cause: secret })
    r.letters.add("rule", `{"detail":{"secret":"${secret}"}}`, r.clock.now(), { cause: "NO_PERMISSIONS" })
    r.letters.add("settle", `{"v":2,"${secret}":1}`, r.clock.now())
    r.giveUpSettlements(2, LIMITS.maxAttempts)
    r.giveUpSettlements(3, LIMITS.maxAttempts - 1)
    r.giveUpEvents(5)
    const report = await r.run()
    assert.deepInclude(report, { received: 16, redriven: 8, parked: 8, left: 0 })
    assert.deepStrictEqual(report.reasons, { NotAnEvent: 5, NotASettlement: 1, TooManyAttempts: 2 })
    assert.strictEqual(r.waiting(), 0)
    const kept = [...r.parked.kept()]
    assert.lengthOf(kept, 8)
    for (const [key, { from, detail }] of kept) {
      assert.match(key, new RegExp(`^parked/${from}/\\d{4}-\\d\\d-\\d\\d/\\d+-[0-9a-f]{16}$`))
      assert.notInclude(detail, secret)
    }
    assert.isTrue(kept.some(([, { detail }]) => detail.includes("NO_PERMISSIONS")))
    assert.deepStrictEqual(
      kept.filter(([, { reason }]) => reason === "TooManyAttempts").map(([, { attempts }]) => attempts),
      [LIMITS.maxAttempts, LIMITS.maxAttempts]
    )
    const [notice, ...others] = r.notices.sent()
    assert.lengthOf(others, 0)
    assert.strictEqual(notice?.subject, "test: 8 messages were parked")
    assert.include(notice?.text, "- 5 from the rule's dead letters: NotAnEvent")
    assert.include(notice?.text, "- 2 from the settle queue's dead letters: TooManyAttempts")
    assert.match(`${notice?.subject}${notice?.text}`, /^[\x20-\x7e\n]*$/)
    assert.notInclude(JSON.stringify([notice, report, r.lines]), secret)
    assert.strictEqual(stateOf(r, "stream"), "closed", "bad data is not the dependency's fault")
    await r.run()
    assert.lengthOf(r.notices.sent(), 1)
  })

  it("parks what the stream refuses only after all its attempts, and holds up nobody", async () => {
    const refused: HandedOver = { _tag: "refused", reason: "InvalidArgumentException" }
    const r = makeRedrive({
      stream: (inner) => ({
        put: (records) =>
          Effect.map(inner.put(records), (outcomes) => outcomes.map((one, i) => (i === 0 ? refused : one)))
      })
    })
    r.giveUpEvents(1)
    const reports = []
    for (let n = 0; n < 20 && r.waiting() > 0; n++) reports.push(await r.run())
    assert.strictEqual(
      reports.reduce((sum, { received }) => sum + received, 0),
      LIMITS.maxAttempts
    )
    assert.deepStrictEqual(reports.at(-1)?.reasons, { Refused: 1 })
    assert.strictEqual(stateOf(r, "stream"), "closed")
    assert.lengthOf(r.notices.sent(), 1)
  })

  const failing: ReadonlyArray<readonly [string, Wraps]> = [
    [
      "the notice",
      {
        notices: () => ({
          publish: () => Effect.fail(new StoreError({ store: "notices", operation: "publish", ...down }))
        })
      }
    ],
    [
      "the parking",
      {
        parked: () => ({
          put: () => Effect.fail(new StoreError({ store: "parked letters", operation: "put", ...down }))
        })
      }
    ],
    ["the delete", { letters: (inner) => ({ ...inner, remove: (_, receipts) => Effect.succeed(new Set(receipts)) }) }]
  ]
  it.each(failing)("[P2] keeps what it would park where it was when %s fails", async (_, wraps) => {
    const r = makeRedrive(wraps)
    r.letters.add("rule", "junk", r.clock.now())
    assert.deepInclude(await r.run(), { received: 1, parked: 0, left: 1 })
    assert.strictEqual(r.waiting(), 1)
  })

  it("goes on with one queue when the other cannot be read", async () => {
    const r = makeRedrive({
      letters: (inner) => ({
        ...inner,
        receive: (source, most, hidden) =>
          source === "rule"
            ? Effect.fail(new StoreError({ store: "dead letters", operation: "receive", ...down }))
            : inner.receive(source, most, hidden)
      })
    })
    r.giveUpSettlements(5)
    const report = await r.run()
    assert.deepStrictEqual(report.breakers, { stream: "blind", settle: "empty" })
    assert.strictEqual(report.redriven, 5)
  })

  it("[P2] loses nothing when it crashes at any step, and repeats at most", async () => {
    const plenty = 130
    const crash = new Error("crash")
    let steps = 0
    let crashAt = Number.POSITIVE_INFINITY
    /** Each call of a port is a step, before which and after which an invocation may die. */
    const mortal = <A extends object>(inner: A): A =>
      Object.fromEntries(
        Object.entries(inner).map(([name, method]) => [
          name,
          (...args: ReadonlyArray<unknown>) =>
            Effect.gen(function* () {
              if (++steps === crashAt) return yield* Effect.die(crash)
              const answer = yield* method(...args)
              if (++steps === crashAt) return yield* Effect.die(crash)
              return answer
            })
        ])
      ) as A
    const wraps = {
      control: mortal,
      letters: mortal,
      stream: mortal,
      settle: mortal,
      parked: mortal,
      notices: mortal
    } as Wraps
    let crashes = 0
    for (let at = 1; ; at++) {
      steps = 0
      crashAt = at
      const r = makeRedrive(wraps)
      r.giveUpEvents(plenty)
      r.giveUpSettlements(plenty)
      for (const body of ["junk", "more junk"]) r.letters.add("rule", body, r.clock.now())
      let died = false
      for (let n = 0; r.waiting() > 0; n++) {
        assert.isBelow(n, 10)
        await r.run().catch((error: unknown) => {
          assert.include(String(error), "crash")
          died = true
          r.clock.advanceTo(r.clock.now() + MINUTE)
        })
      }
      assert.strictEqual(new Set(ids(r.stream.records())).size, plenty)
      assert.strictEqual(new Set(r.settle.messages().map(({ body }) => body)).size, plenty)
      assert.strictEqual(r.parked.kept().size, 2)
      assert.isAtLeast(r.notices.sent().length, 1)
      assert.isAtMost(r.notices.sent().length, 2)
      assert.isAtMost(r.stream.records().length, plenty + LIMITS.perSecond)
      if (!died) break
      crashes++
    }
    assert.isAbove(crashes, 30)
  })

  it("stops in time for what it has begun, and picks up where it left", async () => {
    const r = makeRedrive({
      stream: (inner) => ({ put: (records) => Effect.delay(inner.put(records), 4_000) })
    })
    r.giveUpEvents(1_000)
    const started = r.clock.now()
    const report = await r.finish(r.start())
    assert.isBelow(r.clock.now() - started, 59_500)
    assert.isAbove(report.received, 0)
    assert.isBelow(report.received, 1_000)
    assert.strictEqual(report.breakers.stream, "more")
    assert.strictEqual(r.waiting(), 1_000 - report.redriven)
  })
})
