import type { Context } from "aws-lambda"
import { countedUuid, whole } from "../core/settings.ts"
import type { EngineClock, RandomSource } from "../core/types.ts"

/** A function as the engine runs it: in this process, its events and results through JSON, its time on the engine's clock. */
export interface HostOptions {
  readonly name: string
  readonly arn: string
  readonly handler: (event: never, context: Context) => Promise<unknown>
  /** 1 to 900. */
  readonly timeoutSeconds: number
  readonly memorySizeMb?: number
  /** Invocations above it are refused. */
  readonly reservedConcurrency?: number
  readonly clock: EngineClock
  /** False: one invocation after the other. Otherwise invocations interleave on one module state, which AWS never does. */
  readonly interleave?: boolean
  readonly chaos?: HostChaos
  readonly onLog?: (line: HostLog) => void
}

/** Rates from 0 to 1. */
export interface HostChaos {
  readonly random: RandomSource
  /** The environment dies before the handler runs. */
  readonly crashBefore: number
  /** The environment dies after the handler has done its work, and its answer is lost. */
  readonly crashAfter: number
}

export interface HostLog {
  readonly function: string
  readonly requestId: string
  readonly errorType: string
  readonly errorMessage: string
}

/** What the caller of a function learns. A throttled invocation did not reach the function. */
export type Outcome =
  | { readonly ok: true; readonly requestId: string; readonly value: unknown }
  | {
      readonly ok: false
      readonly requestId: string
      readonly throttled: boolean
      readonly errorType: string
      readonly errorMessage: string
    }

export interface Host {
  readonly name: string
  readonly arn: string
  readonly timeoutSeconds: number
  /** Never rejects. */
  readonly invoke: (event: unknown) => Promise<Outcome>
  readonly counts: () => Readonly<
    Record<"invocations" | "errors" | "timeouts" | "crashes" | "throttles" | "inFlight", number>
  >
}

/** The greatest event or answer in bytes. */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024

type Failure = Pick<Extract<Outcome, { ok: false }>, "errorType" | "errorMessage">

const crash: Failure = { errorType: "Runtime.ExitError", errorMessage: "Runtime exited" }

const thrown = (error: unknown): Failure =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message }
    : { errorType: "Error", errorMessage: String(error) }

const tooLarge = (what: string, json: string): Failure | undefined => {
  const bytes = Buffer.byteLength(json)
  if (bytes <= MAX_PAYLOAD_BYTES) return undefined
  return { errorType: `${what}SizeTooLarge`, errorMessage: `${what} of ${bytes} bytes exceeds ${MAX_PAYLOAD_BYTES}` }
}

const legacy = () => {
  throw new Error("not implemented by aws-in-process: callbacks of the Lambda context")
}

export const makeHost = (options: HostOptions): Host => {
  const { name, arn, clock, chaos, interleave = true, reservedConcurrency } = options
  const timeoutMs = whole(`timeout of ${name}`, options.timeoutSeconds, 1, 900) * 1_000
  if (reservedConcurrency !== undefined) whole(`reserved concurrency of ${name}`, reservedConcurrency, 0, 1_000_000)
  const space = [...name].reduce((h, c) => (Math.imul(h, 31) + c.charCodeAt(0)) >>> 0, 7)
  const counts = { invocations: 0, errors: 0, timeouts: 0, crashes: 0, throttles: 0, inFlight: 0 }
  let requests = 0
  let last: Promise<unknown> = Promise.resolve()

  const contextOf = (requestId: string, deadline: number): Context => ({
    callbackWaitsForEmptyEventLoop: false,
    functionName: name,
    functionVersion: "$LATEST",
    invokedFunctionArn: arn,
    memoryLimitInMB: String(options.memorySizeMb ?? 128),
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${name}`,
    logStreamName: "local",
    getRemainingTimeInMillis: () => deadline - clock.now(),
    done: legacy,
    fail: legacy,
    succeed: legacy
  })

  /** The handler's answer as JSON, or what went wrong. */
  const call = async (event: string, requestId: string, deadline: number): Promise<string | Failure> => {
    const diesBefore = chaos !== undefined && chaos.random.next() < chaos.crashBefore
    const diesAfter = chaos !== undefined && chaos.random.next() < chaos.crashAfter
    if (diesBefore) return crash
    try {
      const value = await options.handler(JSON.parse(event) as never, contextOf(requestId, deadline))
      if (diesAfter) return crash
      const json = JSON.stringify(value) ?? "null"
      return tooLarge("Response", json) ?? json
    } catch (error) {
      return diesAfter ? crash : thrown(error)
    }
  }

  /** On AWS a time-out ends the work; in one process it goes on unheard, which a handler has to survive anyway. */
  const limited = (event: string, requestId: string): Promise<string | Failure> =>
    new Promise((resolve) => {
      const deadline = clock.now() + timeoutMs
      const cancel = clock.at(deadline, () => {
        counts.timeouts++
        const errorMessage = `Task timed out after ${options.timeoutSeconds.toFixed(2)} seconds`
        resolve({ errorType: "Sandbox.Timedout", errorMessage })
      })
      void call(event, requestId, deadline).then((answer) => {
        cancel()
        resolve(answer)
      })
    })

  const failed = (requestId: string, failure: Failure, throttled: boolean): Outcome => {
    options.onLog?.({ function: name, requestId, ...failure })
    return { ok: false, requestId, throttled, ...failure }
  }

  const run = async (event: string, requestId: string): Promise<Outcome> => {
    counts.invocations++
    const answer = tooLarge("Request", event) ?? (await limited(event, requestId))
    if (typeof answer === "string") return { ok: true, requestId, value: JSON.parse(answer) }
    counts.errors++
    if (answer === crash) counts.crashes++
    return failed(requestId, answer, false)
  }

  return {
    name,
    arn,
    timeoutSeconds: options.timeoutSeconds,
    invoke: async (event) => {
      const requestId = countedUuid(space, ++requests)
      if (reservedConcurrency !== undefined && counts.inFlight >= reservedConcurrency) {
        counts.throttles++
        return failed(requestId, { errorType: "TooManyRequestsException", errorMessage: "Rate Exceeded." }, true)
      }
      counts.inFlight++
      // The caller may change its event after this line: the function got a copy.
      const json = JSON.stringify(event)
      const running = interleave ? run(json, requestId) : last.then(() => run(json, requestId))
      last = running
      return running.finally(() => {
        counts.inFlight--
      })
    },
    counts: () => ({ ...counts })
  }
}
