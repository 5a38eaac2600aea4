import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Tracer } from "effect"
import { linesTo } from "../../src/lambda/lines.ts"
import { type LambdaFunction, serve } from "../../src/lambda/runtime.ts"
import { Fetch } from "../../src/lambda/tracing.ts"
import { eventStore } from "../../src/store/aws/event-store.ts"
import { settleQueue } from "../../src/store/aws/settle-queue.ts"
import { EventStore } from "../../src/store/event-store.ts"
import { SettleQueue } from "../../src/store/settle-queue.ts"
import { BUCKET, EVENT_TABLE, makeEngine, QUEUE_URL } from "../store/engine.ts"
import { routingEvent } from "../store/events.ts"
import { faulty, type Mishap } from "../store/faulty.ts"
import { type Collector, makeCollector } from "../support/collector.ts"
import { context } from "./support.ts"

const layer = Layer.mergeAll(eventStore({ table: EVENT_TABLE, overflowBucket: BUCKET }), settleQueue(QUEUE_URL))

/** A function that stores two events and sends one message, and how often it opened a span. */
const started = async (
  variables: Readonly<Record<string, string>>,
  fetch: typeof globalThis.fetch,
  plan: Readonly<Record<string, ReadonlyArray<Mishap>>> = {}
) => {
  const engine = await makeEngine()
  const lines: Array<string> = []
  let opened = 0
  const counting = Tracer.make({
    span: (options) => {
      opened++
      return new Tracer.NativeSpan(options)
    }
  })
  const wired = layer.pipe(Layer.provide(engine.connect(faulty(plan).wrap)), Layer.fresh)
  const fn: LambdaFunction<Layer.Success<typeof layer>, unknown, string> = {
    name: "append",
    layer: wired,
    handle: (event) =>
      Effect.gen(function* () {
        yield* EventStore.use((store) => store.append([routingEvent(`${event}-1`), routingEvent(`${event}-2`)]))
        yield* SettleQueue.use((queue) => queue.send([{ due: 0, deltas: [] }]))
        return "done"
      })
  }
  const host = Layer.mergeAll(
    ConfigProvider.layer(ConfigProvider.fromEnvRecord({ ...variables })),
    Layer.succeed(Fetch, fetch),
    Layer.succeed(Tracer.Tracer, counting),
    linesTo((line) => lines.push(line))
  )
  return { handler: serve(fn, host), lines, opened: () => opened }
}

const ON = { OTLP_ENDPOINT: "http://localhost:4318/" }

const byName = ({ spans }: Collector, name: string) => {
  const span = spans().find((one) => one.name === name)
  if (span === undefined) return assert.fail(`no span ${name}`)
  return span
}

describe("tracing", () => {
  it("opens no span at all, and calls nobody, where no collector is named", async () => {
    const { handler, opened } = await started({}, () => assert.fail("a call"))
    assert.strictEqual(await handler("a", context()), "done")
    assert.strictEqual(opened(), 0)
  })

  it("hands over a span for each call out, within that of the store's operation, within that of the invocation, before it answers", async () => {
    const collector = makeCollector()
    const { handler, lines } = await started(ON, collector.fetch, { BatchExecuteStatement: ["throttled"] })
    assert.strictEqual(await handler("a", context("request-3")), "done")
    assert.deepStrictEqual(collector.urls(), ["http://localhost:4318/v1/traces"])
    assert.deepStrictEqual(collector.services(), ["append"])
    assert.deepStrictEqual(
      collector.spans().map(({ name }) => name),
      [
        "BatchExecuteStatement",
        "BatchExecuteStatement",
        "EventStore.append",
        "SendMessageBatch",
        "SettleQueue.send",
        "append"
      ]
    )
    const root = byName(collector, "append")
    for (const span of collector.spans()) {
      assert.strictEqual(span.traceId, root.traceId)
      assert.match(`${span.traceId} ${span.spanId}`, /^[0-9a-f]{32} [0-9a-f]{16}$/)
      assert.isTrue(BigInt(span.startTimeUnixNano) <= BigInt(span.endTimeUnixNano))
    }
    const within = {
      BatchExecuteStatement: "EventStore.append",
      SendMessageBatch: "SettleQueue.send"
    }
    for (const [call, operation] of Object.entries(within)) {
      const [inner, outer] = [byName(collector, call), byName(collector, operation)]
      assert.deepStrictEqual([inner.parentSpanId, inner.kind], [outer.spanId, 3])
      assert.deepStrictEqual([outer.parentSpanId, outer.kind], [root.spanId, 1])
    }
    assert.notProperty(root, "parentSpanId")
    assert.deepStrictEqual(root.attributes, [{ key: "faas.invocation_id", value: { stringValue: "request-3" } }])
    assert.deepStrictEqual(
      collector.spans().map(({ status }) => status),
      [{ code: 2, message: "ProvisionedThroughputExceededException" }, {}, {}, {}, {}, {}]
    )
    assert.deepStrictEqual(lines, [])
  })

  it("begins a new trace with every invocation, and hands nothing over twice", async () => {
    const collector = makeCollector()
    const { handler } = await started(ON, collector.fetch)
    await handler("a", context())
    await handler("b", context())
    const spans = collector.spans()
    assert.strictEqual(spans.length, 10)
    assert.strictEqual(new Set(spans.map(({ spanId }) => spanId)).size, 10)
    assert.strictEqual(new Set(spans.map(({ traceId }) => traceId)).size, 2)
  })

  it("[P11] holds nothing of an event, and nothing that a service said", async () => {
    const collector = makeCollector()
    const { handler } = await started(ON, collector.fetch, { BatchExecuteStatement: ["throttled", "denied"] })
    await handler("a", context())
    const text = JSON.stringify(collector.spans())
    assert.include(text, "AccessDeniedException")
    for (const secret of ["secret-value", "a-1", "routingStatus", EVENT_TABLE]) assert.notInclude(text, secret)
  })

  it.each<[string, typeof globalThis.fetch]>([
    ["status 503", async () => new Response("", { status: 503 })],
    ["no answer", () => Promise.reject(new Error("anna@example.com"))],
    [
      "no answer in time",
      (_, init) =>
        new Promise((_, reject) => init?.signal?.addEventListener("abort", () => reject(new Error("aborted"))))
    ]
  ])("costs a failing collector's spans and a warning, and no invocation: %s", async (problem, fetch) => {
    const { handler, lines } = await started(ON, fetch)
    assert.strictEqual(await handler("a", context()), "done")
    assert.strictEqual(lines.length, 1)
    const { message, level } = JSON.parse(lines[0] ?? "{}")
    assert.deepStrictEqual([message, level], [`traces were not taken: ${problem}`, "WARN"])
  })
})
