import { NodeServices } from "@effect/platform-node"
import { effectClock } from "aws-in-process/clock"
import { runVirtual } from "aws-in-process/run-virtual"
import { type Duration, Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { projections } from "../../projections/index.ts"
import { sizing } from "../../src/bin/sizing.ts"
import { run } from "../../src/cli/command.ts"
import { Screen, usageError } from "../../src/cli/screen.ts"
import { type Outputs, type StackTarget, StackTargets } from "../../src/cli/stack/stack.ts"
import { StackSettings } from "../../src/cli/stack/stack-settings.ts"
import { StandardInput } from "../../src/cli/standard-input.ts"
import type { Projection } from "../../src/domain/projection.ts"
import type { Event } from "../../src/genesys/event.ts"
import { Projections } from "../../src/pipeline/folding.ts"
import { quarantine } from "../../src/store/aws/quarantine.ts"
import { S3 } from "../../src/store/aws/s3.ts"
import { Connection } from "../../src/store/connection.ts"
import { Quarantine, type Quarantined } from "../../src/store/quarantine.ts"
import { runStack } from "../support/stack.ts"

/** What a run of the command said, and its exit code. */
export interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** A screen that is written down. */
export const paper = (terminal = false) => {
  const out: Array<string> = []
  const err: Array<string> = []
  const layer = Layer.succeed(Screen, {
    print: (text) => void out.push(`${text}\n`),
    write: (bytes) => void out.push(Buffer.from(bytes).toString("latin1")),
    note: (text) => void err.push(`${text}\n`),
    redraw: (text) => void err.push(`\r${text}`),
    outputIsTerminal: terminal,
    errorIsTerminal: terminal
  })
  return { layer, said: (code: number): Said => ({ code, out: out.join(""), err: err.join("") }) }
}

/** No configuration of a stack, for what needs none. */
const noSettings = Layer.succeed(StackSettings, {
  read: () => usageError("looked for a stack"),
  set: () => usageError("looked for a stack"),
  remove: () => usageError("looked for a stack"),
  isDeployed: () => usageError("looked for a stack"),
  connection: (region) => ({ region })
})

/** One stack under every name. */
export const onlyStack = (target: StackTarget) => {
  const found = () => Effect.succeed(target)
  return Layer.merge(Layer.succeed(StackTargets, { stack: found, file: found, folder: found }), noSettings)
}

/** No stack, for what must end before one is looked for. */
export const noStack = Layer.merge(
  Layer.succeed(StackTargets, {
    stack: () => usageError("looked for a stack"),
    file: () => usageError("looked for a file"),
    folder: () => usageError("looked for a folder")
  }),
  noSettings
)

/** Runs the command where it needs no stack. */
export const dryCommand = async (...args: ReadonlyArray<string>): Promise<Said> => {
  const { layer, said } = paper()
  return said(await Effect.runPromise(run(args).pipe(Effect.provide([layer, noStack, sizing, NodeServices.layer]))))
}

/** Longer than any command of a test takes, in ms of engine time. */
const PATIENCE_MS = 24 * 3_600_000

/** The exit code of what was interrupted. */
const INTERRUPTED = 130

/** The whole stack on a virtual clock, and the command on it, which may be of another commit and list other projections. */
export const operate = async (
  options: Parameters<typeof runStack>[0] & {
    readonly listed?: ReadonlyArray<Projection<Event>>
    readonly offline?: true
    /** What is on standard input. */
    readonly input?: string
  } = {}
) => {
  const whole = await runStack(options)
  const { captured, clock, stack } = whole
  const target: StackTarget = {
    name: "stack test",
    outputs: captured.outputs as Outputs,
    connection: stack.operator,
    who: { user: "robin", host: "desk" },
    ...(options.offline && { offline: options.offline })
  }

  const onTerminal =
    (terminal: boolean, signal?: AbortSignal) =>
    async (...args: ReadonlyArray<string>): Promise<Said> => {
      const { layer, said } = paper(terminal)
      const services = Layer.mergeAll(
        layer,
        onlyStack(target),
        sizing,
        effectClock(clock),
        NodeServices.layer,
        Layer.succeed(Projections, options.listed ?? captured.projections),
        Layer.succeed(StandardInput, { read: Effect.sync(() => options.input ?? "") })
      )
      let code: number | undefined
      const effect = run([...args, ...(args.includes("--local") ? [] : ["--stack", "test"])]).pipe(
        Effect.provide(services)
      )
      const ended = Effect.runPromise(effect, signal && { signal })
        .catch((error: unknown) => {
          if (signal?.aborted) return INTERRUPTED
          throw error
        })
        .then((result) => {
          code = result
        })
      await Promise.race([
        runVirtual(clock, { pending: stack.pending, until: () => code !== undefined, limit: PATIENCE_MS }),
        // A command that dies says so here, and the clock would wait for it in vain.
        ended.then(() => new Promise(() => {}))
      ])
      await ended
      return said(code as unknown as number)
    }

  return {
    ...whole,
    command: onTerminal(false),
    onTerminal: onTerminal(true),
    /** Ctrl-C after so many ms of engine time. */
    interrupted: (ms: number, ...args: ReadonlyArray<string>) => {
      const controller = new AbortController()
      clock.at(clock.now() + ms, () => controller.abort())
      return onTerminal(false, controller.signal)(...args)
    },
    bucket: target.outputs.quarantineBucketName,
    /** Keys of the quarantine bucket under a prefix. */
    keys: (prefix: string) => stack.s3.listAll(target.outputs.quarantineBucketName, prefix).map(({ key }) => key),
    /** Puts entries into quarantine as append does. */
    put: (...entries: ReadonlyArray<Quarantined>) =>
      Effect.runPromise(
        Quarantine.use(({ put }) => put(entries)).pipe(
          Effect.provide(quarantine(target.outputs.quarantineBucketName).pipe(Layer.provide(S3.layer))),
          Effect.provideService(Connection, stack.operator)
        )
      )
  }
}

/** The command on a target, whose waits pass at once: so much at a time, of which `onStep` is told. */
export const commandInSteps =
  (target: StackTarget, step: Duration.Input, { start = 0, onStep = () => {} } = {}) =>
  async (...args: ReadonlyArray<string>): Promise<Said> => {
    const { layer, said } = paper()
    const services = Layer.mergeAll(
      layer,
      onlyStack(target),
      sizing,
      NodeServices.layer,
      Layer.succeed(Projections, projections)
    )
    return said(
      await Effect.runPromise(
        Effect.gen(function* () {
          yield* TestClock.setTime(start)
          const work = yield* Effect.forkChild(run([...args, "--stack", "test"]).pipe(Effect.provide(services)))
          while (work.pollUnsafe() === undefined) {
            yield* TestClock.adjust(step)
            onStep()
            yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
          }
          return yield* Fiber.join(work)
        }).pipe(Effect.provide(TestClock.layer()))
      )
    )
  }
