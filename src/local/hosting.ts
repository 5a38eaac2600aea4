import {
  type Authorize,
  type EngineClock,
  type Host,
  makeHost,
  type Principal,
  type RandomSource
} from "aws-in-process"
import { effectClock } from "aws-in-process/clock"
import type { SeededRandom } from "aws-in-process/random"
import { ConfigProvider, Layer, Random } from "effect"
import type { Projection } from "../domain/projection.ts"
import type { Event } from "../genesys/event.ts"
import { Fetch } from "../genesys-api/http.ts"
import { append } from "../lambda/append.ts"
import { archive } from "../lambda/archive.ts"
import { audit } from "../lambda/audit.ts"
import { linesTo } from "../lambda/lines.ts"
import { project } from "../lambda/project.ts"
import { reconcile } from "../lambda/reconcile.ts"
import { redrive } from "../lambda/redrive.ts"
import { replay } from "../lambda/replay.ts"
import { serve } from "../lambda/runtime.ts"
import { Projections } from "../pipeline/folding.ts"
import { Connection, type ConnectionSettings } from "../store/connection.ts"

/** A function as the stack declares it. */
export interface DeclaredFunction {
  /** The logical name, by which its code is found. */
  readonly name: string
  readonly arn: string
  readonly roleArn: string
  readonly timeoutSeconds: number
  readonly memorySizeMb: number
  /** Invocations at once; absent: any number. */
  readonly reservedConcurrency?: number
  readonly environment: Readonly<Record<string, string>>
  /** ARN of the log group that its lines go to. */
  readonly logGroupArn: string
}

/** The handler of each function by its logical name. */
const handlers: Readonly<Record<string, (host: Layer.Layer<never>) => ReturnType<typeof serve>>> = {
  archive: (host) => serve(archive, host),
  append: (host) => serve(append, host),
  audit: (host) => serve(audit, host),
  project: (host) => serve(project, host),
  reconcile: (host) => serve(reconcile, host),
  redrive: (host) => serve(redrive, host),
  replay: (host) => serve(replay, host)
}

export interface HostingParts {
  readonly clock: EngineClock
  readonly authorize: Authorize
  readonly random: SeededRandom
  /** The connection to the services as a role. */
  readonly connect: (principal: Principal) => ConnectionSettings
  /** How often an environment dies before, and how often after an invocation; asked each time. */
  readonly crash: () => number
  /** Each line that a function logs. */
  readonly onLog: (line: string) => void
  /** What answers as Genesys. */
  readonly fetch: typeof globalThis.fetch
  /** What the functions fold. */
  readonly projections: ReadonlyArray<Projection<Event>>
}

/** A function that runs. */
export interface HostedFunction {
  readonly arn: string
  readonly host: Host
  readonly principal: Principal
  readonly dispose: () => Promise<void>
}

const effectRandom = ({ next }: RandomSource) => ({
  nextDoubleUnsafe: next,
  nextIntUnsafe: () => Math.floor((next() * 2 - 1) * Number.MAX_SAFE_INTEGER)
})

/** Runs the code of a declared function with its environment variables, role and limits. Throws where there is no such code. */
export const hostFunction = (declared: DeclaredFunction, parts: HostingParts): HostedFunction => {
  const { name, arn, roleArn, timeoutSeconds, memorySizeMb, environment, logGroupArn, reservedConcurrency } = declared
  const { clock, authorize, random, connect, crash, onLog, fetch, projections } = parts
  const principal: Principal = { roleArn, label: name }
  const make = handlers[name]
  if (make === undefined) throw new Error(`the stack declares a function without code: ${name}`)
  // A role that may not log is refused at the start: on AWS its function would run, and nobody would hear of it.
  for (const action of ["CreateLogStream", "PutLogEvents"])
    authorize(principal, `logs:${action}`, `${logGroupArn}:log-stream:local`)
  const handler = make(
    Layer.mergeAll(
      ConfigProvider.layer(ConfigProvider.fromEnvRecord({ ...environment })),
      Layer.succeed(Connection, connect(principal)),
      Layer.succeed(Random.Random, effectRandom(random.fork(name))),
      effectClock(clock),
      linesTo(onLog),
      Layer.succeed(Fetch, fetch),
      Layer.succeed(Projections, projections)
    )
  )
  const host = makeHost({
    name,
    arn,
    handler,
    timeoutSeconds,
    memorySizeMb,
    ...(reservedConcurrency === undefined ? {} : { reservedConcurrency }),
    clock,
    chaos: {
      random: random.fork(`host/${name}`),
      get crashBefore() {
        return crash()
      },
      get crashAfter() {
        return crash()
      }
    },
    onLog: (failure) => onLog(JSON.stringify({ level: "ERROR", message: "invocation failed", ...failure }))
  })
  return { arn, host, principal, dispose: handler.dispose }
}
