import { Effect, Layer } from "effect"
import { CliConfig, type CliError, CliOutput, Command, GlobalFlag } from "effect/cli"
import type { StoreError } from "../store/store-error.ts"
import { audit } from "./audit/audit.ts"
import { connect } from "./connect/connect.ts"
import { disconnect } from "./connect/disconnect.ts"
import { forget } from "./directory/forget.ts"
import { list } from "./directory/list.ts"
import { erase } from "./erase/erase.ts"
import { explain } from "./explain/explain.ts"
import { root } from "./flags.ts"
import { promote, retire, rollback } from "./generations/decide.ts"
import { diff } from "./generations/diff.ts"
import { status } from "./generations/status.ts"
import { lateness } from "./lateness/lateness.ts"
import { reconcile } from "./reconcile/reconcile.ts"
import { failed, parked, quarantine, redriveFrom } from "./rejected/commands.ts"
import { refusalText } from "./replay/follow.ts"
import { replay, verify } from "./replay/replay.ts"
import { progress, stop } from "./replay/running.ts"
import { rights } from "./rights.ts"
import { scale } from "./scale/scale.ts"
import { EXIT, Screen } from "./screen.ts"
import { simulate } from "./simulate/simulate.ts"
import { uses } from "./uses.ts"
import { wallboard } from "./wallboard/wallboard.ts"

const projections = root.pipe(
  Command.withSubcommands([
    status,
    replay,
    verify,
    progress,
    stop,
    diff,
    explain,
    lateness,
    list,
    forget,
    erase,
    promote,
    rollback,
    retire,
    scale,
    reconcile,
    audit,
    simulate,
    wallboard,
    quarantine,
    parked,
    failed,
    redriveFrom,
    uses,
    rights,
    connect,
    disconnect
  ])
)

/** What is wrong with one value. */
const valueComplaint = ({ kind, option, value, expected }: CliError.InvalidValue): string => {
  const subject = kind === "flag" ? `--${option}` : `<${option}>`
  const bare = expected.replace(/^Expected:? /, "")
  return value === "" ? `${subject} needs a value: ${bare}` : `${subject} must be ${bare}, not "${value}"`
}

/** What is wrong with the arguments, in one sentence. */
const complaint = (error: CliError.CliError): string => {
  if (error._tag === "InvalidValue") return valueComplaint(error)
  const [first = ""] = error.message.split("\n")
  const [near] = "suggestions" in error ? error.suggestions : []
  return `${first.replace(/\.$/, "")}; ${near === undefined ? "--help lists what there is" : `did you mean ${near}?`}`
}

/** Of several errors in one line the others follow from an unknown command. */
const gravest = <E extends CliError.CliError>(errors: ReadonlyArray<E>): E =>
  errors.find(({ _tag }) => _tag === "UnknownSubcommand") ?? (errors[0] as E)

/** A wrong invocation gets its sentence, without the whole help above it; standard output is kept for results. */
const presenter = Layer.unwrap(
  Screen.useSync(({ note }) =>
    CliOutput.layerPresenter({
      present: (event) =>
        event._tag === "InvalidInvocation"
          ? Effect.sync(() => note(complaint(gravest(event.errors))))
          : CliOutput.defaultPresenter.present(event)
    })
  )
)

const builtIns = CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version] })

/** What the operator can do about a service that refused or could not be reached. */
const adviceOn = ({ message, reason }: StoreError): string =>
  /AccessDenied|NotAuthorized|InvalidAccessKey|Signature|Token/i.test(reason)
    ? `${message}: sign in as a role with the rights that docs/operator.md lists`
    : `${message}: run it again; projections uses shows what was done`

const end = (code: number, message: string) =>
  Screen.useSync(({ note }) => {
    note(message)
    return code
  })

/** Runs the command with its arguments and returns the exit code. Defects are not caught. */
export const run = (args: ReadonlyArray<string>) =>
  Command.runWith(projections, { version: "0.2.0" })(args).pipe(
    Effect.as(EXIT.ok as number),
    Effect.catchTags({
      // Its sentence, or the help that was asked for by naming no command, is out already.
      ShowHelp: () => Effect.succeed(EXIT.error as number),
      CliExit: ({ code, message }) => end(code, message),
      StoreError: (error) => end(EXIT.error, adviceOn(error)),
      GenerationRefused: ({ message }) => end(EXIT.error, message),
      NotFolded: ({ message }) => end(EXIT.error, message),
      ReplayError: ({ message }) => end(EXIT.error, message),
      ReplayRefused: ({ message }) => end(EXIT.error, refusalText(message))
    }),
    Effect.provide([presenter, builtIns])
  )
