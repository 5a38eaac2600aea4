/** A span as OTLP puts it into JSON. */
export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: ReadonlyArray<{ readonly key: string; readonly value: object }>
  readonly status: { readonly code?: number; readonly message?: string }
}

interface Posted {
  readonly resourceSpans: ReadonlyArray<{
    readonly resource: { readonly attributes: ReadonlyArray<{ readonly value: { readonly stringValue: string } }> }
    readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<Span> }>
  }>
}

/** A collector that takes what is posted to it in this process. Refuses what is no OTLP over HTTP. */
export const makeCollector = () => {
  const urls: Array<string> = []
  const bodies: Array<string> = []
  const fetch: typeof globalThis.fetch = async (url, init) => {
    const type = new Headers(init?.headers).get("content-type")
    if (init?.method !== "POST" || type !== "application/json") return new Response("", { status: 415 })
    urls.push(String(url))
    bodies.push(String(init.body))
    return new Response("{}", { status: 200 })
  }
  const resources = () => bodies.flatMap((body) => (JSON.parse(body) as Posted).resourceSpans)
  return {
    fetch,
    urls: () => urls,
    /** All that was posted, as it came. */
    bodies: () => bodies,
    services: () => resources().flatMap(({ resource }) => resource.attributes.map(({ value }) => value.stringValue)),
    spans: () => resources().flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
  }
}

export type Collector = ReturnType<typeof makeCollector>
