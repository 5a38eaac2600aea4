// First, so that every schema of the functions is compiled, as in their bundles.
import "effect/schema/SchemaJITCompiler/enable"
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Data, Effect, Option } from "effect"
import { Command } from "effect/cli"
import { realClock } from "./engine/clock.ts"
import { feed } from "./feed.ts"
import { live } from "./live.ts"
import { centreDefaults, contradiction, flags, type Options, seconds } from "./options.ts"
import { resultText } from "./result-text.ts"

/** Whoever reads the output may have seen enough, as `head` has. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0)
  throw error
})

/** Something that the person at the terminal can put right. Its message says what and how. */
class UsageError extends Data.TaggedError("UsageError")<{ readonly message: string }> {}

/** The folder that `--data` names, or one that is gone after the run: on disk either way, so that memory stays flat. */
const folder = (data: Option.Option<string>) =>
  Effect.acquireRelease(
    Effect.try({
      try: () => {
        if (Option.isNone(data)) return mkdtempSync(join(tmpdir(), "projections-"))
        mkdirSync(data.value, { recursive: true })
        return data.value
      },
      catch: (cause) =>
        new UsageError({ message: `--data: ${(cause as Error).message}; name a folder that can be written` })
    }),
    (path) => Effect.sync(() => Option.isNone(data) && rmSync(path, { recursive: true, force: true }))
  )

/** Ours to tell apart from a bug: a file that is not there, or a data folder that another run holds. */
const run = <A>(work: () => Promise<A>) =>
  Effect.tryPromise({ try: work, catch: (cause) => new UsageError({ message: (cause as Error).message }) })

/** Resolves at the first Ctrl-C or termination; the second one ends the process as it would have. */
const interrupted = Effect.acquireRelease(
  Effect.sync(() => {
    let stop = () => {}
    const promise = new Promise<void>((resolve) => {
      stop = resolve
    })
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop)
    return { promise, stop }
  }),
  ({ stop }) => Effect.sync(() => process.off("SIGINT", stop).off("SIGTERM", stop))
)

const start = Effect.fnUntraced(function* (options: Options) {
  const { seed, chaos } = options
  const wrong = contradiction(options)
  if (wrong !== undefined) return yield* new UsageError({ message: wrong })
  if (Option.isSome(options.events)) {
    const file = options.events.value
    if (file !== "-" && !existsSync(file))
      return yield* new UsageError({ message: `--events: there is no file ${file}; name one, or - for standard input` })
    const path = yield* folder(options.data)
    const result = yield* run(() => feed({ file, now: realClock().now(), seed, chaos, path }))
    process.stdout.write(options.json ? `${JSON.stringify(result.document, undefined, 2)}\n` : resultText(result))
    return
  }
  const path = yield* folder(options.data)
  const { promise } = yield* interrupted
  const value = (name: keyof typeof centreDefaults) =>
    Option.getOrElse(options[name], () => centreDefaults[name] as number)
  yield* run(() =>
    live(
      {
        ...{ rate: value("rate"), agents: value("agents"), queues: value("queues"), seed, chaos, path },
        ...(Option.isSome(options.duration) ? { duration: seconds(options.duration.value) * 1_000 } : {})
      },
      promise
    )
  )
}, Effect.scoped)

const command = Command.make("npm start --", flags, start).pipe(
  Command.withDescription(
    "Runs the whole stack on this machine: with a simulated contact centre, or with a file of events (--events)"
  )
)

command.pipe(
  Command.run({ version: "0.1.0" }),
  Effect.catchTag("UsageError", ({ message }) =>
    Effect.sync(() => {
      process.stderr.write(`${message}\n`)
      process.exitCode = 1
    })
  ),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
