import { Effect, Layer } from "effect"
import { Argument, CliConfig, type CliError, CliOutput, Command, GlobalFlag } from "effect/cli"
import { auditList } from "./audit-list.ts"
import { decideOn } from "./decide.ts"
import { diff } from "./diff.ts"
import { EXIT } from "./exit.ts"
import { explainEntity } from "./explain.ts"
import {
  auditFlags,
  differenceFlags,
  engineFlags,
  explainFlags,
  followFlags,
  jsonFlag,
  redriveFlags,
  replayFlags,
  siteFlags,
  whyFlag
} from "./flags.ts"
import { failedCommands, heldCommands, redriveCommands } from "./rejected-commands.ts"
import { replay, verify } from "./replay.ts"
import { refusalText } from "./replay-account.ts"
import { rights } from "./rights.ts"
import { progress, stop } from "./run.ts"
import { Screen } from "./screen.ts"
import { status } from "./status.ts"

const audit = Command.make("audit").pipe(
  Command.withDescription("Who did what with held events, and why"),
  Command.withSubcommands([
    Command.make("list", { ...siteFlags, ...auditFlags, ...jsonFlag }, auditList).pipe(
      Command.withDescription("Lists uses of this command")
    )
  ])
)

const subject = (what: string) => ({
  subject: Argument.String("generation").pipe(Argument.withDescription(what))
})

const actFlags = { yes: redriveFlags.yes, dryRun: redriveFlags.dryRun, ...whyFlag, ...jsonFlag }

const decideFlags = { ...siteFlags, ...actFlags }

const statusCommand = Command.make("status", { ...siteFlags, ...jsonFlag }, status).pipe(
  Command.withDescription("Generations, who reads what, and what waits")
)

const promoteCommand = Command.make(
  "promote",
  { ...subject("Such as agents-v2"), ...decideFlags },
  decideOn("promote")
).pipe(Command.withDescription("Lets readers use a generation; without --yes a dry run"))

const rollbackCommand = Command.make(
  "rollback",
  { subject: Argument.String("name").pipe(Argument.withDescription("A projection, such as agents")), ...decideFlags },
  decideOn("rollback")
).pipe(Command.withDescription("Lets readers of a projection use again what they used before"))

const retireCommand = Command.make(
  "retire",
  { ...subject("Such as agents-v1"), ...decideFlags },
  decideOn("retire")
).pipe(Command.withDescription("Turns the feed of a generation off, for good; refused while readers use it"))

const diffCommand = Command.make(
  "diff",
  {
    a: Argument.String("first").pipe(Argument.withDescription("A generation, such as agents-v1")),
    b: Argument.String("second").pipe(Argument.withDescription("The one to compare it with, such as agents-v2")),
    ...siteFlags,
    ...differenceFlags,
    yes: redriveFlags.yes,
    ...whyFlag,
    ...jsonFlag
  },
  diff
).pipe(Command.withDescription("Compares two generations row by row, and names the events behind each difference"))

const explainCommand = Command.make(
  "explain",
  {
    what: Argument.String("projection").pipe(
      Argument.withDescription(
        "agent, queue or another projection, as readers see it; or a generation, such as agents-v2"
      )
    ),
    id: Argument.String("id").pipe(
      Argument.withDescription("The id of the agent, of the queue, or of what else is folded")
    ),
    ...siteFlags,
    ...explainFlags,
    yes: redriveFlags.yes,
    ...whyFlag,
    ...jsonFlag
  },
  explainEntity
).pipe(
  Command.withDescription(
    "Every field of an agent or a queue, with the event that set it, when that came, and how late"
  )
)

const replayCommand = Command.make(
  "replay",
  { ...subject("Such as agents-v2"), ...siteFlags, ...replayFlags, ...engineFlags, ...actFlags },
  replay
).pipe(
  Command.withDescription("Folds the event store into a generation while live traffic goes on; without --yes a dry run")
)

const verifyCommand = Command.make(
  "verify",
  { ...subject("Such as agents-v1"), ...siteFlags, ...replayFlags, ...actFlags },
  verify
).pipe(Command.withDescription("Folds the event store and compares, writing nothing; without --yes a dry run"))

const replayId = { id: Argument.String("id").pipe(Argument.withDescription("The id of a replay, as replay prints it")) }

const progressCommand = Command.make(
  "progress",
  { ...replayId, ...siteFlags, ...followFlags, ...jsonFlag },
  progress
).pipe(Command.withDescription("How far a replay is, wherever it runs"))

const stopCommand = Command.make("stop", { ...replayId, ...siteFlags, ...whyFlag }, stop).pipe(
  Command.withDescription("Stops a replay, wherever it runs; the same id goes on")
)

const projections = Command.make("projections").pipe(
  Command.withDescription("Operates a stack of Genesys Cloud projections"),
  Command.withSubcommands([
    statusCommand,
    replayCommand,
    verifyCommand,
    progressCommand,
    stopCommand,
    diffCommand,
    explainCommand,
    promoteCommand,
    rollbackCommand,
    retireCommand,
    heldCommands("quarantine", "Events that could not be appended"),
    heldCommands("parked", "Dead letters that could not be brought back"),
    failedCommands,
    redriveCommands,
    audit,
    Command.make("rights", siteFlags, rights).pipe(
      Command.withDescription("Prints the policy of a role that may use all of this command")
    )
  ])
)

/** One sentence for what is wrong with the arguments. */
const complaint = (error: CliError.CliError): string => {
  const [first = ""] = error.message.split("\n")
  const [near] = "suggestions" in error ? error.suggestions : []
  return `${first.replace(/\.$/, "")}; ${near === undefined ? "--help lists what there is" : `did you mean ${near}?`}`
}

/** Of several complaints about one line the others follow from an unknown command. */
const gravest = <E extends CliError.CliError>(errors: ReadonlyArray<E>): E =>
  errors.find(({ _tag }) => _tag === "UnknownSubcommand") ?? (errors[0] as E)

/** A mistake gets its sentence, and not the whole help above it; standard output stays for results. */
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

/** What a service's refusal means for the person at the terminal. */
const explain = (error: { readonly message: string; readonly reason: string }): string =>
  /AccessDenied|NotAuthorized|InvalidAccessKey|Signature|Token/i.test(error.reason)
    ? `${error.message}: sign in as a role with the rights that docs/operator.md lists`
    : `${error.message}: run it again; what was done is in projections audit list`

const end = (code: number, message: string) =>
  Screen.useSync(({ note }) => {
    note(message)
    return code
  })

const unreached = (error: Parameters<typeof explain>[0]) => end(EXIT.error, explain(error))

/** Runs the command with its arguments and answers the exit code. What a bug throws goes through. */
export const run = (args: ReadonlyArray<string>) =>
  Command.runWith(projections, { version: "0.1.0" })(args).pipe(
    Effect.as(EXIT.ok as number),
    Effect.catchTags({
      // Its sentence, or the help that was asked for by naming no command, is out already.
      ShowHelp: () => Effect.succeed(EXIT.error as number),
      CliExit: ({ code, message }) => end(code, message),
      StoreError: unreached,
      GenerationRefused: ({ message }) => end(EXIT.error, message),
      NotFolded: ({ message }) => end(EXIT.error, message),
      ReplayError: ({ message }) => end(EXIT.error, message),
      ReplayRefused: ({ message }) => end(EXIT.error, refusalText(message))
    }),
    Effect.provide([presenter, builtIns])
  )
