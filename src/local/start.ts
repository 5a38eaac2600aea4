// First, so that every schema of the functions is compiled, as in their bundles.
import "effect/schema/SchemaJITCompiler/enable"
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
// The module alone: the package as a whole loads servers and clients that a command has no use for.
import * as NodeServices from "@effect/platform-node/NodeServices"
import { realClock } from "aws-in-process/clock"
import { Console, Data, Effect, Layer, Option } from "effect"
import { CliConfig, type CliError, CliOutput, Command, GlobalFlag } from "effect/cli"
import { PortRefused } from "../wallboard/port.ts"
import { type Judgement, readJudgement } from "../wallboard/thresholds.ts"
import { consumerOf, NoHandler } from "./consumer.ts"
import { prepareDataFolder } from "./data-folder.ts"
import { heldText } from "./held-folder.ts"
import { WrongForm } from "./lines.ts"
import { complaint, contradiction, flags, type Options, simulatorDefaults } from "./options.ts"
import { STACK, sealedKeys } from "./stack-config.ts"
import { makeProgress } from "./view/progress.ts"

/** Something that the person at the terminal can put right. Its message says what and how. */
class UsageError extends Data.TaggedError("UsageError")<{ readonly message: string }> {}

/** The code for a file of which some lines did not come through; `npx projections` has the same for what was done in part. */
const PARTLY = 3

/** The shell's code for a program that was ended by Ctrl-C. */
const INTERRUPTED = 130

/** The folder that `--data` names, or one that is gone after the run: on disk either way, so that memory stays flat. */
const folder = Effect.fnUntraced(function* (data: Option.Option<string>) {
  if (Option.isNone(data)) {
    const path = mkdtempSync(join(tmpdir(), "projections-"))
    process.once("exit", () => rmSync(path, { recursive: true, force: true }))
    return path
  }
  const wrong = yield* Effect.try({
    try: () => prepareDataFolder(data.value),
    catch: (cause) =>
      new UsageError({ message: `--data: ${(cause as Error).message}; name a folder that can be written` })
  })
  return wrong === undefined ? data.value : yield* new UsageError({ message: wrong })
})

class Failed extends Data.TaggedError("Failed")<{ readonly cause: unknown }> {}

/**
 * What a person can put right, and no bug: a file that cannot be read, a port that is taken, or the folder `path`, which another run holds.
 * Undefined for a bug.
 */
const outsideText = (error: unknown, path: string): string | undefined =>
  error instanceof PortRefused ||
  error instanceof WrongForm ||
  error instanceof NoHandler ||
  (error instanceof Error && "syscall" in error)
    ? error.message
    : heldText("--data", path, error)

const run = <A>(path: string, work: () => Promise<A>) =>
  Effect.tryPromise({ try: work, catch: (cause) => new Failed({ cause }) }).pipe(
    Effect.catch(({ cause }) => {
      const message = outsideText(cause, path)
      return message === undefined ? Effect.die(cause) : Effect.fail(new UsageError({ message }))
    })
  )

const checkFile = (file: string) => {
  if (file === "-") return undefined
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined) return `--events: there is no file ${file}; name one, or - for standard input`
  return found.isDirectory() ? `--events: ${file} is a folder; name a file in it` : undefined
}

/** Resolves at the first Ctrl-C or termination; the second one ends the process. */
const interrupted = () =>
  new Promise<void>((resolve) => {
    let seen = false
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.on(signal, () => {
        if (seen) process.exit(INTERRUPTED)
        seen = true
        resolve()
      })
  })

const startFeed = Effect.fnUntraced(function* (file: string, options: Options) {
  const { seed, chaos, data, json } = options
  const wrong = checkFile(file)
  if (wrong !== undefined) return yield* new UsageError({ message: wrong })
  const path = yield* folder(data)
  void interrupted().then(() => process.exit(INTERRUPTED))
  const { feed } = yield* Effect.promise(() => import("./feed.ts"))
  const { leftOutText, resultText } = yield* Effect.promise(() => import("./result-text.ts"))
  const result = yield* run(path, () => feed({ file, now: realClock().now(), seed, chaos, path }))
  process.stdout.write(json ? `${JSON.stringify(result.document, undefined, 2)}\n` : resultText(result))
  const missing = leftOutText(result, Option.getOrUndefined(data))
  process.stderr.write(missing)
  return missing === "" ? 0 : PARTLY
})

/** What a file of thresholds says; undefined without one. */
const judgementOf = (file: Option.Option<string>): Effect.Effect<Judgement | undefined, UsageError> =>
  Option.match(file, {
    onNone: () => Effect.undefined,
    onSome: (named) =>
      Effect.try({
        try: () => readJudgement(named),
        catch: (cause) => new UsageError({ message: `--thresholds ${named}: ${(cause as Error).message}` })
      })
  })

const startSimulator = Effect.fnUntraced(function* (options: Options) {
  const { seed, chaos, lose, data, duration, noUi, port } = options
  const changes = Option.isSome(options.changes) ? consumerOf(options.changes.value) : undefined
  if (changes !== undefined && !existsSync(changes.file))
    return yield* new UsageError({ message: `--changes: there is no file ${changes.file}; name one` })
  const judgement = yield* judgementOf(options.thresholds)
  const path = yield* folder(data)
  const stopped = interrupted()
  const value = (name: keyof typeof simulatorDefaults) =>
    Option.getOrElse(options[name], () => simulatorDefaults[name] as number)
  // Loading what runs takes seconds, in which a blank screen looks like a fault.
  const progress = makeProgress(process.stdout)
  progress.say("Starting the stack on this machine")
  const { live } = yield* Effect.promise(() => import("./live.ts"))
  yield* run(path, () =>
    live(
      {
        rate: value("rate"),
        agents: value("agents"),
        queues: value("queues"),
        seed,
        chaos,
        path,
        kept: Option.isSome(data),
        ...(changes === undefined ? {} : { changes }),
        ...(judgement === undefined ? {} : { judgement }),
        ...(Option.isSome(options.timeZone) ? { timeZone: options.timeZone.value } : {}),
        ...(noUi
          ? {}
          : { wallboard: Option.match(port, { onNone: () => ({}), onSome: (named) => ({ port: named }) }) }),
        ...(Option.isSome(lose) ? { lose: lose.value } : {}),
        ...(Option.isSome(duration) ? { duration: duration.value } : {})
      },
      stopped,
      progress
    )
  )
  return 0
})

const start = Effect.fnUntraced(function* (options: Options) {
  const wrong = contradiction(options)
  if (wrong !== undefined) return yield* new UsageError({ message: wrong })
  const sealed = sealedKeys(STACK)
  if (sealed.length > 0)
    process.stderr.write(`Pulumi.${STACK}.yaml encrypts ${sealed.join(", ")}: the defaults stand in their place here\n`)
  return yield* Option.match(options.events, {
    onNone: () => startSimulator(options),
    onSome: (file) => startFeed(file, options)
  })
})

const command = (exit: (code: number) => void) =>
  Command.make("npm start --", flags, (options) => Effect.map(start(options), exit)).pipe(
    Command.withDescription(
      "Runs the whole stack on this machine: with a simulated contact centre, or with a file of events (--events)"
    )
  )

/** A mistake gets its sentence, and not the whole help above it; standard output stays for results. */
const presenter = CliOutput.layerPresenter({
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? Console.error(event.errors.map(complaint).join("\n"))
      : CliOutput.defaultPresenter.present(event)
})

/**
 * Runs `npm start -- ...args` to its end. Returns the code to exit with: 0, 1 after a complaint on standard error, or 3 where some lines of a
 * file did not come through, which are named there.
 */
export const main = (args: ReadonlyArray<string>): Effect.Effect<number, CliError.CliError> =>
  Effect.suspend(() => {
    let code = 0
    const exit = (given: number) => {
      code = given
    }
    return Command.runWith(command(exit), { version: "0.1.0" })(args).pipe(Effect.map(() => code))
  }).pipe(
    Effect.catchTags({
      ShowHelp: ({ errors }) => Effect.succeed(errors.length === 0 ? 0 : 1),
      UsageError: ({ message }) => Effect.as(Console.error(message), 1)
    }),
    Effect.provide(
      Layer.mergeAll(
        NodeServices.layer,
        presenter,
        CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version] })
      )
    )
  )

export const startFromShell = async (): Promise<void> => {
  // Whoever reads the output may have seen enough, as `head` has.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0)
    throw error
  })
  process.exitCode = await Effect.runPromise(main(process.argv.slice(2)))
}
