import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { Projections } from "../../pipeline/folding.ts"
import type { OpenedEvent } from "../../store/rejected-events.ts"
import { consent, keys, limit, name, number, range, root, toggle, why } from "../flags.ts"
import { printable, Screen, usageError } from "../screen.ts"
import { failedPlace } from "./batches.ts"
import { eventsIn } from "./events.ts"
import { list, type Raw, show } from "./look.ts"
import { redrive } from "./redrive.ts"

const eventFlags = (most: number) => ({
  reason: name("reason", "a reason such as NotJson or Conflict").pipe(
    Flag.optional,
    Flag.withDescription("Only events that were rejected for this reason, such as NotJson or Conflict")
  ),
  ...range("Events that arrived"),
  limit: limit("events", most, "Maximum number of events, the oldest")
})

const batchFlags = (most: number) => ({
  ...range("Batches that were given up"),
  limit: limit("batches", most, "Maximum number of batches, the oldest")
})

const rate = number("rate", "events a second", { min: 0.1, max: 1_000 }).pipe(
  Flag.withDefault(50),
  Flag.withDescription("Maximum events a second (default 50); one shard takes 1,000, live traffic included")
)

/** Text with escaped control characters for a terminal, the exact bytes elsewhere. */
const raw: Raw<OpenedEvent> = {
  print: ({ raw }) =>
    Screen.useSync(({ outputIsTerminal, print, write }) =>
      outputIsTerminal ? print(Buffer.from(raw).toString("utf8").split("\n").map(printable).join("\n")) : write(raw)
    ),
  document: ({ raw }) => ({ raw: Buffer.from(raw).toString("base64") })
}

type EventPlace = "quarantine" | "parked"

const redriveEvents = (command: string, place: EventPlace) =>
  Command.make(
    command,
    {
      ...keys,
      ...eventFlags(1_000),
      ...consent,
      force: toggle("force", "Also redrive what this version would refuse again"),
      rate
    },
    (flags) => Projections.use((listed) => redrive(eventsIn(place, listed), flags))
  ).pipe(
    Command.withDescription(
      "Sends events back to the stream, and settle messages to their queue; a dry run without --yes"
    )
  )

/** Batches are not selected by a reason. */
const noReason = { reason: Option.none<string>() }

const redriveFailed = (command: string) =>
  Command.make(command, { ...keys, ...batchFlags(1_000), ...consent, rate }, (flags) =>
    redrive(failedPlace, { ...flags, ...noReason, force: false })
  ).pipe(
    Command.withDescription(
      "Sends every record back to the stream under its own partition key; a dry run without --yes"
    )
  )

const eventCommands = (place: EventPlace, description: string) =>
  Command.make(place).pipe(
    Command.withDescription(description),
    Command.withSubcommands([
      Command.make(
        "list",
        { ...eventFlags(50), topics: toggle("topics", "Open each event to show its topic; needs --why"), ...why },
        ({ topics, ...flags }) =>
          Projections.use((listed) => list(eventsIn(place, listed, topics), { ...flags, keys: [] }, topics))
      ).pipe(Command.withDescription("Lists events by reason and arrival, without opening them")),
      Command.make(
        "show",
        {
          ...keys,
          ...eventFlags(10),
          raw: toggle("raw", "Show the exact bytes, personal data included; the use log says so"),
          ...why
        },
        Effect.fnUntraced(function* (flags) {
          if (flags.raw && flags.keys.length !== 1 && !(yield* root).json)
            return yield* usageError("--raw prints the bytes of one event: give one key, or --json for several")
          yield* show(eventsIn(place, yield* Projections), flags, flags.raw ? raw : undefined)
        })
      ).pipe(
        Command.withDescription("Shows events redacted: their structure, and values that are known to be harmless")
      ),
      redriveEvents("redrive", place)
    ])
  )

export const quarantine = eventCommands("quarantine", "Events that were rejected and could not be stored")

export const parked = eventCommands(
  "parked",
  "Dead letters that the redrive function gave up, and what no table can hold"
)

export const failed = Command.make("failed").pipe(
  Command.withDescription("Batches of the stream that Lambda gave up because append failed on them"),
  Command.withSubcommands([
    Command.make("list", { ...batchFlags(50), ...why }, (flags) =>
      list(failedPlace, { ...flags, ...noReason, keys: [] })
    ).pipe(Command.withDescription("Lists batches by when they were given up, without opening them")),
    Command.make("show", { ...keys, ...batchFlags(1), ...why }, (flags) =>
      show(failedPlace, { ...flags, ...noReason })
    ).pipe(Command.withDescription("Shows the records of batches redacted, as quarantine show does")),
    redriveFailed("redrive")
  ])
)

/** The same as `quarantine redrive`, `parked redrive` and `failed redrive`. */
export const redriveFrom = Command.make("redrive").pipe(
  Command.withDescription("Sends rejected events and failed batches back; the same as quarantine redrive and so on"),
  Command.withSubcommands([
    redriveEvents("quarantine", "quarantine"),
    redriveEvents("parked", "parked"),
    redriveFailed("failed")
  ])
)
