import type { Context as LambdaContext } from "aws-lambda"
import { Cause, Clock, Config, Effect, Exit, Layer, type LogLevel, ManagedRuntime, References } from "effect"
import { countRetries, RetryStatistics } from "../store/counters.ts"
import { Deadline } from "../store/deadline.ts"
import { stdoutLines } from "./lines.ts"
import { Flush, tracing } from "./tracing.ts"

/** A function as a value: what it needs and what it does with one invocation. `serve` makes a handler of it, whose span has its `name`. */
export interface LambdaFunction<R, LE, Out> {
  readonly name: string
  readonly layer: Layer.Layer<R, LE>
  readonly handle: (event: unknown) => Effect.Effect<Out, unknown, R>
}

/** Milliseconds before the limit at which an invocation gives up, so that it can still say so. */
const GRACE = 500

const levels: ReadonlyMap<string, LogLevel.LogLevel> = new Map([
  ["TRACE", "Trace"],
  ["DEBUG", "Debug"],
  ["INFO", "Info"],
  ["WARN", "Warn"],
  ["ERROR", "Error"],
  ["FATAL", "Fatal"]
])

/** The least level that is logged: the one to which the function's log group is set, which Lambda hands over in its own words. */
const minimumLevel = Layer.effect(
  References.MinimumLogLevel,
  Effect.map(
    Config.String("AWS_LAMBDA_LOG_LEVEL").pipe(Config.withDefault("INFO")),
    (name): LogLevel.LogLevel => levels.get(name) ?? "Info"
  )
)

/**
 * A handler with one runtime per process, built while the environment starts. `host` replaces what the process gives on AWS
 * (configuration, clock, connection, logger) and is how the local engine and the tests run the same function.
 */
export const serve = <R, LE, Out>(fn: LambdaFunction<R, LE, Out>, host: Layer.Layer<never> = stdoutLines) => {
  const runtime = ManagedRuntime.make(
    Layer.provideMerge(Layer.mergeAll(fn.layer, tracing(fn.name), minimumLevel), host)
  )
  const ready = runtime.context()
  // The failure is reported by the invocation that awaits it.
  ready.catch(() => undefined)
  const handler = async (event: unknown, context: LambdaContext): Promise<Out> => {
    await ready.catch((error: unknown) => {
      throw new Error(`${fn.name} did not start: ${messageOf(error)}`)
    })
    const exit = await runtime.runPromiseExit(
      Effect.gen(function* () {
        const left = context.getRemainingTimeInMillis() - GRACE
        const deadline = (yield* Clock.currentTimeMillis) + left
        const invocation = fn
          .handle(event)
          .pipe(
            Effect.provideService(Deadline, deadline),
            Effect.provideService(RetryStatistics, countRetries()),
            Effect.timeout(Math.max(GRACE, left))
          )
        return yield* traced(invocation, fn.name, context.awsRequestId)
      }).pipe(
        Effect.tapCause((cause) => Effect.logError(`${fn.name} failed: ${describe(cause)}`)),
        Effect.annotateLogs({ function: fn.name, requestId: context.awsRequestId })
      )
    )
    if (Exit.isSuccess(exit)) return exit.value
    throw new Error(`${fn.name} failed: ${describe(exit.cause)}`)
  }
  return Object.assign(handler, { dispose: () => runtime.dispose() })
}

/** The invocation as the root of a trace, which is handed over before it answers. */
const traced = <A, E, R>(invocation: Effect.Effect<A, E, R>, name: string, requestId: string) =>
  invocation.pipe(
    Effect.withSpan(name, { root: true, kind: "server", attributes: { "faas.invocation_id": requestId } }),
    Effect.ensuring(Effect.flatten(Flush))
  )

/** Error names and our own messages only: a foreign message could quote a payload. */
const describe = (cause: Cause.Cause<unknown>): string =>
  cause.reasons
    .map((reason) => {
      if (!Cause.isFailReason(reason)) return reason._tag === "Die" ? `defect ${nameOf(reason.defect)}` : reason._tag
      const { error } = reason
      return typeof error === "object" && error !== null && "_tag" in error && error instanceof Error
        ? error.message || String(error._tag)
        : nameOf(error)
    })
    .join("; ")

/** What keeps a function from starting is its configuration, in which nobody's data is. A `ConfigError` is no `Error`. */
const messageOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "message" in error ? String(error.message) : nameOf(error)

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error)
