import type { Context as LambdaContext } from "aws-lambda"
import { Clock, Effect, Layer, ManagedRuntime } from "effect"
import { stdoutLines } from "../lambda/lines.ts"
import { Reader } from "../read/reader.ts"
import { Connection, type ConnectionSettings } from "../store/connection.ts"
import { type HandleSettings, handle } from "./handle.ts"
import { problemReply } from "./problem.ts"
import type { Gone, HttpRequest, Reply } from "./reply.ts"

/** What API Gateway hands to a function of a REST API, as far as it is used here. */
export interface ProxyEvent {
  readonly httpMethod: string
  /** The resource of the API that matched: `/{proxy+}`, or a path. */
  readonly resource: string
  readonly pathParameters?: { readonly proxy?: string } | null
  readonly multiValueHeaders?: Readonly<Record<string, ReadonlyArray<string>>> | null
  readonly multiValueQueryStringParameters?: Readonly<Record<string, ReadonlyArray<string>>> | null
}

/** A stream of Lambda's, as far as it is used here. */
export interface ResponseStream {
  readonly write: (text: string, done: (error?: Error | null) => void) => unknown
  readonly end: (done: () => void) => unknown
  readonly on: (event: "error" | "close", listener: () => void) => unknown
}

/** Puts the status and the headers before a body: `awslambda.HttpResponseStream.from`. */
export type WithHead = (
  stream: ResponseStream,
  head: { readonly statusCode: number; readonly headers: Readonly<Record<string, string>> }
) => ResponseStream

/** Before the end of an invocation a stream says that it ends. In ms. */
const GRACE_MS = 10_000

/** The environment of the function. */
export type Environment = Readonly<Record<string, string | undefined>>

const seconds = (env: Environment, name: string): number => {
  const value = Number(env[name])
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} is ${env[name]}; it must be whole seconds`)
  return value
}

/** How requests are answered: `ORIGINS` (with commas between them), `POLL_SECONDS`, `STREAM_SECONDS`. */
const settingsOf = (env: Environment): HandleSettings => ({
  origins: (env.ORIGINS ?? "").split(",").filter((origin) => origin !== ""),
  pollMs: seconds(env, "POLL_SECONDS") * 1_000,
  streamMs: seconds(env, "STREAM_SECONDS") * 1_000
})

/** A reader of the stack that `PREFIX` names. `SERVICE_LEVEL` is the option of that name, as JSON. */
const readerOf = (env: Environment, connection: ConnectionSettings) =>
  Reader.layer({ ...connection, prefix: env.PREFIX ?? "", serviceLevel: JSON.parse(env.SERVICE_LEVEL ?? "{}") })

/** What a header can be by the Fetch standard: a token, and a text in Latin-1 without line breaks and NUL. */
const HEADER = { name: /^[\w!#$%&'*+.^`|~-]+$/, value: /^[\t\x20-\x7e\x80-\xff]*$/ }

/**
 * The request of an event. A path that a custom domain puts before those of the API is not in it, and a header that cannot be one is left
 * out: whoever asks writes them.
 */
export const requestOf = ({
  httpMethod,
  resource,
  pathParameters,
  multiValueHeaders,
  multiValueQueryStringParameters
}: ProxyEvent): HttpRequest => {
  const pairs = (many: ProxyEvent["multiValueHeaders"]) =>
    Object.entries(many ?? {}).flatMap(([name, values]) => values.map((value): [string, string] => [name, value]))
  const proxy = pathParameters?.proxy
  return {
    method: httpMethod,
    path: proxy === undefined ? resource : `/${proxy}`,
    query: new URLSearchParams(pairs(multiValueQueryStringParameters)),
    headers: new Headers(
      pairs(multiValueHeaders).filter(([name, value]) => HEADER.name.test(name) && HEADER.value.test(value))
    )
  }
}

const GONE: Gone = { _tag: "Gone" }

/** A stream, and what resolves once it is closed: a stream of HTTP that closes calls nobody back who waits for its end. */
interface Out {
  readonly stream: ResponseStream
  readonly closed: Promise<void>
}

/** To be made before anything is waited for. Without a listener the error of a client that has left would end the process. */
const listenTo = (stream: ResponseStream): Out => ({
  stream,
  closed: new Promise((resolve) => {
    stream.on("error", () => resolve())
    stream.on("close", () => resolve())
  })
})

const write = (stream: ResponseStream, text: string) =>
  Effect.callback<void, Gone>((resume) => {
    // Its callback comes once the piece is on its way, so that a slow client is not written to faster than it reads.
    stream.write(text, (error) => resume(error ? Effect.fail(GONE) : Effect.void))
  })

/** Waits until what was written is on its way, or nobody takes it any more. */
const end = (stream: ResponseStream, closed: Promise<void>) =>
  Effect.raceFirst(
    Effect.callback<void>((resume) => {
      stream.end(() => resume(Effect.void))
    }),
    Effect.promise(() => closed)
  )

/** Sends a reply, and ends the stream in every case. That of a client that has left is not waited for. */
const send = (withHead: WithHead, { stream, closed }: Out, { status, headers, body, follow }: Reply) =>
  Effect.gen(function* () {
    const out = withHead(stream, { statusCode: status, headers })
    const written = Effect.gen(function* () {
      // The head leaves with the first piece, and without any the client would get 200: an empty body is a piece as well.
      if (body !== "" || follow === undefined) yield* write(out, body)
      if (follow !== undefined) yield* follow((text) => write(out, text))
    })
    const left = () => {
      out.end(() => undefined)
    }
    // Whoever has left is read for no longer.
    const leaves = Effect.andThen(
      Effect.promise(() => closed),
      Effect.fail(GONE)
    )
    yield* Effect.tapError(Effect.raceFirst(written, leaves), () => Effect.sync(left))
    yield* end(out, closed)
  })

const NOT_STARTED = problemReply({ status: 500, detail: "The function did not start. Its log says why." })

/**
 * Answers the requests of a REST API of API Gateway, for `awslambda.streamifyResponse`. One runtime per process. `host` replaces what the
 * process gives on AWS: clock, connection, logger.
 */
export const serveApi = (
  withHead: WithHead,
  env: Environment = process.env,
  host: Layer.Layer<never> = stdoutLines
) => {
  const reader = Layer.unwrap(Effect.map(Connection, (connection) => readerOf(env, connection)))
  const runtime = ManagedRuntime.make(Layer.provideMerge(reader, host))
  const start = async () => {
    await runtime.context()
    return settingsOf(env)
  }
  const ready = start().then(
    (settings) => ({ settings }),
    (failure: unknown) => ({ failure })
  )

  const answer = (settings: HandleSettings, event: ProxyEvent, out: Out, context: LambdaContext) =>
    Effect.gen(function* () {
      const began = yield* Clock.currentTimeMillis
      const streamMs = Math.min(settings.streamMs, context.getRemainingTimeInMillis() - GRACE_MS)
      const { route, reply } = yield* handle(requestOf(event), { ...settings, streamMs })
      const sent = yield* Effect.result(send(withHead, out, reply))
      // Ids and names are in paths and queries, so neither is logged.
      const said = { route, status: reply.status, ms: (yield* Clock.currentTimeMillis) - began }
      const requestId = context.awsRequestId
      yield* Effect.annotateLogs(Effect.logInfo("request"), { ...said, left: sent._tag === "Failure", requestId })
    })

  const handler = async (event: ProxyEvent, stream: ResponseStream, context: LambdaContext): Promise<void> => {
    const out = listenTo(stream)
    const started = await ready
    if ("settings" in started) return runtime.runPromise(answer(started.settings, event, out, context))
    const line = { level: "ERROR", message: `the function did not start: ${textOf(started.failure)}` }
    process.stdout.write(`${JSON.stringify(line)}\n`)
    await Effect.runPromise(Effect.ignore(send(withHead, out, NOT_STARTED)))
  }
  return Object.assign(handler, { dispose: () => runtime.dispose() })
}

/** What keeps the function from starting is its configuration, in which nobody's data is. */
const textOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "message" in error ? String(error.message) : "a defect"
