import type { Context as LambdaContext } from "aws-lambda"
import { Cause, Clock, Effect, Exit, Layer, Logger, ManagedRuntime } from "effect"
import { Deadline } from "../store/deadline.ts"

/** A function as a value: what it needs and what it does with one invocation. `serve` makes a handler of it. */
export interface LambdaFunction<R, LE, Out> {
  readonly name: string
  readonly layer: Layer.Layer<R, LE>
  readonly handle: (event: unknown) => Effect.Effect<Out, unknown, R>
}

/** Milliseconds before the limit at which an invocation gives up, so that it can still say so. */
const GRACE = 500

const oneLine = Logger.map(Logger.formatStructured, ({ annotations, spans: _, ...line }) =>
  JSON.stringify({ ...line, ...annotations })
)

/** One JSON object per line on standard output, which is what CloudWatch indexes. */
export const jsonLines = Logger.layer([Logger.withConsoleLog(oneLine)])

/** The same lines to somebody who reads them in this process. */
export const linesTo = (write: (line: string) => void) => Logger.layer([Logger.map(oneLine, write)])

/**
 * A handler with one runtime per process, built while the environment starts. `host` replaces what the process gives on AWS
 * (configuration, clock, connection, logger) and is how the local engine and the tests run the same function.
 */
export const serve = <R, LE, Out>(fn: LambdaFunction<R, LE, Out>, host: Layer.Layer<never> = jsonLines) => {
  const runtime = ManagedRuntime.make(Layer.provideMerge(fn.layer, host))
  const ready = runtime.context()
  // The failure is reported by the invocation that awaits it.
  ready.catch(() => undefined)
  const handler = async (event: unknown, context: LambdaContext): Promise<Out> => {
    await ready
    const exit = await runtime.runPromiseExit(
      Effect.gen(function* () {
        const left = context.getRemainingTimeInMillis() - GRACE
        const deadline = (yield* Clock.currentTimeMillis) + left
        return yield* fn
          .handle(event)
          .pipe(Effect.provideService(Deadline, deadline), Effect.timeout(Math.max(GRACE, left)))
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

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error)
