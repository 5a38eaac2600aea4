import { Config, Context, Effect, type Exit, Layer, Option, References, Tracer } from "effect"

/** How long an invocation waits for the collector, in ms: less than it keeps in reserve for its answer. */
const PATIENCE = 400

/** How spans are posted. */
export const Fetch: Context.Reference<typeof globalThis.fetch> = Context.Reference("projections/Fetch", {
  defaultValue: () => globalThis.fetch
})

/** Hands over the spans that have ended. Done at the end of each invocation, because Lambda freezes what would run on. */
export const Flush: Context.Reference<Effect.Effect<void>> = Context.Reference("projections/Flush", {
  defaultValue: () => Effect.void
})

/** Called with each span as it ends. */
type Take = (span: Tracer.NativeSpan) => void

class Collected extends Tracer.NativeSpan {
  readonly #take: Take
  constructor(options: ConstructorParameters<typeof Tracer.NativeSpan>[0], take: Take) {
    super(options)
    this.#take = take
  }
  override end(time: bigint, exit: Exit.Exit<unknown, unknown>) {
    super.end(time, exit)
    this.#take(this)
  }
}

const KINDS: Readonly<Record<Tracer.SpanKind, number>> = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 }
const ERROR = 2

const attribute = (key: string, value: unknown) => ({ key, value: { stringValue: String(value) } })

/** The name of what went wrong, never its message, which may quote a value. */
const reasonOf = (exit: Exit.Exit<unknown, unknown>): string => {
  if (exit._tag === "Success") return ""
  for (const reason of exit.cause.reasons) {
    if (reason._tag !== "Fail") return reason._tag
    const { reason: fault, _tag } = (reason.error ?? {}) as { readonly reason?: unknown; readonly _tag?: unknown }
    const name = [fault, _tag].find((text) => typeof text === "string" && /^[A-Za-z]\w{0,80}$/.test(text))
    if (name !== undefined) return String(name)
  }
  return "Unknown"
}

const toOtlp = (span: Tracer.NativeSpan) => {
  const { traceId, spanId, name, kind, startTime, status, attributes } = span
  const parent = Option.getOrUndefined(span.parent)
  const reason = status._tag === "Ended" ? reasonOf(status.exit) : ""
  return {
    traceId,
    spanId,
    ...(parent === undefined ? {} : { parentSpanId: parent.spanId }),
    name,
    kind: KINDS[kind],
    startTimeUnixNano: String(startTime),
    endTimeUnixNano: String(status._tag === "Ended" ? status.endTime : startTime),
    attributes: [...attributes].map(([key, value]) => attribute(key, value)),
    status: reason === "" ? {} : { code: ERROR, message: reason }
  }
}

/**
 * Spans to an OTLP collector at OTLP_ENDPOINT (its base URL), as JSON over HTTP: one per invocation, one per operation of a store and
 * one per call out, named as the function (`append`), the operation (`EventStore.append`) and the call (`PutObject`). Without the variable nothing is traced. A collector that fails costs a warning and its spans.
 *
 * A tracer of our own, because Effect's exporter with its HTTP client adds an eighth to a bundle that mostly runs without it.
 */
export const tracing = (service: string) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const endpoint = yield* Config.option(Config.NonEmptyString("OTLP_ENDPOINT"))
      if (Option.isNone(endpoint)) return Layer.succeed(References.TracerEnabled, false)
      const url = new URL("v1/traces", `${endpoint.value.replace(/\/+$/, "")}/`)
      let ended: Array<Tracer.NativeSpan> = []
      const tracer = Tracer.make({ span: (options) => new Collected(options, (span) => ended.push(span)) })

      const post = Effect.fnUntraced(function* (spans: ReadonlyArray<Tracer.NativeSpan>) {
        const send = yield* Fetch
        const body = JSON.stringify({
          resourceSpans: [
            {
              resource: { attributes: [attribute("service.name", service)] },
              scopeSpans: [{ scope: { name: "projections" }, spans: spans.map(toOtlp) }]
            }
          ]
        })
        const status = yield* Effect.tryPromise({
          try: async (signal) => {
            const headers = { "content-type": "application/json" }
            const response = await send(url, { method: "POST", headers, body, signal })
            await response.arrayBuffer()
            return response.status
          },
          catch: () => "no answer" as const
        })
        if (status >= 300) return yield* Effect.fail(`status ${status}` as const)
      })
      const flush = Effect.suspend(() => {
        const spans = ended
        ended = []
        return spans.length === 0 ? Effect.void : post(spans)
      }).pipe(
        Effect.timeoutOrElse({ duration: PATIENCE, orElse: () => Effect.fail("no answer in time" as const) }),
        Effect.catch((problem) => Effect.logWarning(`traces were not taken: ${problem}`))
      )
      return Layer.mergeAll(Layer.succeed(Tracer.Tracer, tracer), Layer.succeed(Flush, flush))
    })
  )
