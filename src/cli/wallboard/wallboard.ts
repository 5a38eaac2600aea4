import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { projectionOf } from "../../domain/projection.ts"
import { AGENT_INTERVALS, QUEUE_INTERVALS } from "../../read/source.ts"
import type { RowChange } from "../../wallboard/row-change.ts"
import { defaultJudgement, readJudgement } from "../../wallboard/thresholds.ts"
import { isTimeZone, timeZoneHere } from "../../wallboard/time-zone.ts"
import { name, number, root, toggle } from "../flags.ts"
import { present } from "../report.ts"
import { number as numberText, Screen, usageError } from "../screen.ts"
import { onStack, type StackTarget } from "../stack/stack.ts"
import { hear } from "./hear.ts"
import { openStreams, serve } from "./opened.ts"
import { makePolling } from "./polling.ts"
import { priceLines, priceOf } from "./price.ts"
import { makeReads } from "./reads.ts"
import { pollingEvery, streaming } from "./rhythm.ts"
import { shownOf } from "./shown.ts"

interface Flags {
  readonly every: Option.Option<number>
  readonly poll: boolean
  readonly port: Option.Option<number>
  readonly queues: Option.Option<string>
  readonly thresholds: Option.Option<string>
  readonly timeZone: Option.Option<string>
  readonly dryRun: boolean
}

const EVERY_SECONDS = 5

const checkTimeZone = (timeZone: string) =>
  isTimeZone(timeZone)
    ? Effect.succeed(timeZone)
    : usageError(`--time-zone ${timeZone}: there is no such time zone; give a name such as Europe/Berlin`)

const judgementOf = (file: Option.Option<string>) =>
  Option.match(file, {
    onNone: () => Effect.succeed(defaultJudgement),
    onSome: (named) =>
      Effect.try({
        try: () => readJudgement(named),
        catch: (cause) => usageError(`--thresholds ${named}: ${(cause as Error).message}`)
      })
  })

/** The ids of a list with commas. */
const idsOf = (list: string): ReadonlyArray<string> => [
  ...new Set(
    list
      .split(",")
      .map((id) => id.trim())
      .filter((id) => id !== "")
  )
]

/** What the options say by themselves. Refuses what cannot be used, before a stack is looked for. */
const check = Effect.fnUntraced(function* ({ dryRun, port, queues, thresholds, timeZone }: Flags) {
  const { local, json } = yield* root
  if (Option.isSome(local))
    return yield* usageError(
      "--local: npm start shows the wallboard of a run on this machine; for a stack give --stack NAME"
    )
  if (json && !dryRun)
    return yield* usageError(
      "--json prints one document, and a wallboard goes on: leave it out, or add --dry-run for the price as JSON"
    )
  if (Option.isSome(queues) && idsOf(queues.value).length === 0)
    return yield* usageError(`--queues ${queues.value}: names no queue; give ids with commas between them`)
  if (dryRun && Option.isSome(port))
    return yield* usageError(
      "--port and --dry-run contradict each other: a dry run serves nothing; leave out one of them"
    )
  return {
    timeZone: yield* checkTimeZone(Option.getOrElse(timeZone, timeZoneHere)),
    judgement: yield* judgementOf(thresholds)
  }
})

const hasTable = ({ projectionTables }: StackTarget["outputs"], projection: string): boolean =>
  Object.keys(projectionTables).some((generation) => projectionOf(generation) === projection)

/** Whether a stack folds a projection. A program of one's own need not list it. */
const folds = ({ outputs }: StackTarget, { name }: { readonly name: string }): boolean =>
  !outputs.projectionsLeftOut.includes(name) && hasTable(outputs, name)

/** What must be there before anything is read. Returns which figures of the day the stack has. */
const checkStack = Effect.fnUntraced(function* (stack: StackTarget, { timeZone }: Flags) {
  const { name, outputs } = stack
  if (outputs.prefix === "")
    return yield* usageError(`${name} has no output prefix: deploy this version of it first, with npx pulumi up`)
  const [withDay, withAgentDays] = [folds(stack, QUEUE_INTERVALS), folds(stack, AGENT_INTERVALS)]
  const isOff = outputs.projectionsLeftOut.includes(QUEUE_INTERVALS.name)
  if (!withDay && !withAgentDays && Option.isSome(timeZone))
    return yield* usageError(
      `--time-zone is for today's figures, and ${name} ${isOff ? "has queueIntervals: false" : `has no ${QUEUE_INTERVALS.name}`}: leave it out`
    )
  return { withDay, withAgentDays }
})

const show = Effect.fnUntraced(function* (
  stack: StackTarget,
  flags: Flags,
  { timeZone, judgement }: Effect.Success<ReturnType<typeof check>>
) {
  const { withDay, withAgentDays } = yield* checkStack(stack, flags)
  const queues = Option.map(flags.queues, idsOf)
  const screen = yield* Screen
  const reads = yield* makeReads(stack)
  let note: (change: RowChange) => void = () => {}
  // Before anything is read: what is written from then on is heard.
  const streams = flags.poll || Option.isSome(flags.every) ? undefined : yield* openStreams(stack, withDay)
  const rhythm = streams === undefined ? pollingEvery(Option.getOrElse(flags.every, () => EVERY_SECONDS)) : streaming
  const polling = yield* makePolling(reads, {
    rhythm,
    withDay,
    withAgentDays,
    timeZone,
    ...(Option.isSome(queues) ? { queues: queues.value } : {}),
    onChange: (change) => note(change)
  })
  const measured = yield* polling.measure
  const price = priceOf(measured, rhythm, streams?.shards() ?? 0)
  const { round } = measured
  if (round.queues === 0 && round.agents === 0 && (streams === undefined || Option.isSome(queues)))
    return yield* usageError(
      Option.isSome(queues)
        ? `${stack.name} has no rows of the queues ${queues.value.join(", ")}: npx projections list queues shows ids`
        : `the directory of ${stack.name} lists nobody, so that this wall would be empty: fill it with npx projections reconcile, or name queues with --queues ID,ID`
    )
  const lines = priceLines(measured, price, rhythm)
  if (flags.dryRun)
    return yield* present({
      document: { agents: round.agents, queues: round.queues, ...rhythm, ...price, dryRun: true },
      lines,
      notes: ["this was a dry run: nothing is served; leave out --dry-run to do it"]
    })
  for (const line of lines) screen.print(line)
  const board = yield* serve(flags.port)
  note = (change) => board.note(change, polling.now())
  board.show(yield* shownOf(stack, reads, polling, price, judgement))
  screen.print(`${board.address} shows the wallboard; Ctrl-C ends it`)
  const began = polling.now()
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      const minutes = Math.max(1, Math.round((polling.now() - began) / 60_000))
      screen.note(`ended: ${numberText(reads.spent())} read units in ${numberText(minutes)} min`)
    })
  )
  const onProblem = (problem: string | undefined) =>
    Effect.sync(() => screen.note(problem === undefined ? "the stack is read again" : `${problem}; it is tried again`))
  yield* Effect.all(
    [polling.follow(onProblem), ...(streams === undefined ? [] : [hear(streams, polling, onProblem)])],
    { concurrency: "unbounded", discard: true }
  )
})

export const wallboard = Command.make(
  "wallboard",
  {
    every: number("every", "seconds", { min: 1, max: 300, whole: true }).pipe(
      Flag.optional,
      Flag.withDescription("Poll: seconds between two readings of all (default 5 where the stack has no streams)")
    ),
    poll: toggle("poll", "Poll every 5 s also where the stack has streams"),
    port: number("port", "a port", { min: 0, max: 65_535, whole: true }).pipe(
      Flag.optional,
      Flag.withDescription("Where on 127.0.0.1 it is served; 0 is any free port (default 8787, or the next free)")
    ),
    queues: name("queues", "ids of queues, with commas").pipe(
      Flag.optional,
      Flag.withDescription("ID,ID: only these queues and their members (default: all that the directory lists)")
    ),
    thresholds: name("thresholds", "a file's path").pipe(
      Flag.optional,
      Flag.withDescription("A file of JSON: when waits and times in a state are long, and what is the service level")
    ),
    timeZone: name("time-zone", "a time zone such as Europe/Berlin").pipe(
      Flag.optional,
      Flag.withDescription("Whose day and clock the wallboard shows (default: that of this machine)")
    ),
    dryRun: toggle("dry-run", "Only say what it would cost")
  },
  Effect.fnUntraced(function* (flags: Flags) {
    const checked = yield* check(flags)
    yield* onStack((stack) =>
      Effect.scoped(show(stack, flags, checked)).pipe(
        Effect.catchTag("FailedRead", ({ message }) => usageError(message))
      )
    )
  })
).pipe(
  Command.withDescription(
    "Shows the wallboard of a deployed stack on 127.0.0.1, read only, with the rights of its policy for readers; prints its price first"
  )
)
