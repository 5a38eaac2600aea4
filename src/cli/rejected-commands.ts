import { Command, Flag } from "effect/cli"
import type { Place } from "../store/rejected-events.ts"
import { failedList } from "./failed.ts"
import { failedRedrive } from "./failed-redrive.ts"
import { failedShow } from "./failed-show.ts"
import { batchFlags, jsonFlag, keysArgument, redriveFlags, selectionFlags, siteFlags, whyFlag } from "./flags.ts"
import { list } from "./list.ts"
import { redrive } from "./redrive.ts"
import { show } from "./show.ts"

const topics = {
  topics: Flag.Boolean("topics").pipe(
    Flag.withDefault(false),
    Flag.withDescription("Open each event to show its topic; needs --why")
  )
}

const raw = {
  raw: Flag.Boolean("raw").pipe(
    Flag.withDefault(false),
    Flag.withDescription("Show the bytes as they came, people's data included; the audit says so")
  )
}

const redriveHeld = (name: string, place: Place) =>
  Command.make(
    name,
    { ...keysArgument, ...siteFlags, ...selectionFlags(1_000), ...redriveFlags, ...whyFlag, ...jsonFlag },
    redrive(place)
  ).pipe(
    Command.withDescription(
      "Gives events back to the stream, and settle messages to their queue, paced; without --yes a dry run"
    )
  )

/** What can be done with events that wait in a place: list, show, redrive. */
export const heldCommands = (place: Place, what: string) =>
  Command.make(place).pipe(
    Command.withDescription(what),
    Command.withSubcommands([
      Command.make(
        "list",
        { ...siteFlags, ...selectionFlags(50), ...topics, ...whyFlag, ...jsonFlag },
        list(place)
      ).pipe(Command.withDescription("Lists events by reason and arrival, without opening them")),
      Command.make(
        "show",
        { ...keysArgument, ...siteFlags, ...selectionFlags(10), ...raw, ...whyFlag, ...jsonFlag },
        show(place)
      ).pipe(Command.withDescription("Shows events redacted: their structure, and values known to be harmless")),
      redriveHeld("redrive", place)
    ])
  )

const { force: _, ...batchRedriveFlags } = redriveFlags

const redriveFailed = (name: string) =>
  Command.make(
    name,
    { ...keysArgument, ...siteFlags, ...batchFlags(1_000), ...batchRedriveFlags, ...whyFlag, ...jsonFlag },
    failedRedrive
  ).pipe(
    Command.withDescription("Gives every record back to the stream under its own key, paced; without --yes a dry run")
  )

/** The same of batches that were given up. */
export const failedCommands = Command.make("failed").pipe(
  Command.withDescription("Batches of the stream that append failed on until they were given up"),
  Command.withSubcommands([
    Command.make("list", { ...siteFlags, ...batchFlags(50), ...whyFlag, ...jsonFlag }, failedList).pipe(
      Command.withDescription("Lists batches by when they were given up, without opening them")
    ),
    Command.make("show", { ...keysArgument, ...siteFlags, ...batchFlags(1), ...whyFlag, ...jsonFlag }, failedShow).pipe(
      Command.withDescription("Shows the records of batches redacted, as quarantine show does")
    ),
    redriveFailed("redrive")
  ])
)

/** The same as `quarantine redrive` and its like, for who thinks of what is to be done first. */
export const redriveCommands = Command.make("redrive").pipe(
  Command.withDescription("Brings back what was put aside, by where it is"),
  Command.withSubcommands([
    redriveHeld("quarantine", "quarantine"),
    redriveHeld("parked", "parked"),
    redriveFailed("failed")
  ])
)
