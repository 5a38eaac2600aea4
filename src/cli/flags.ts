import { Option, Schema } from "effect"
import { Argument, Flag } from "effect/cli"

const whole = (minimum: number, maximum: number, what: string) =>
  Schema.Int.check(
    Schema.isBetween({ minimum, maximum }, { message: `give a whole ${what} between ${minimum} and ${maximum}` })
  )

/** Which stack: one of the three. */
export const siteFlags = {
  stack: Flag.String("stack").pipe(
    Flag.withSchema(Schema.NonEmptyString),
    Flag.optional,
    Flag.withDescription("The deployed stack of this name; its outputs are asked of Pulumi")
  ),
  outputs: Flag.String("outputs").pipe(
    Flag.withSchema(Schema.NonEmptyString),
    Flag.optional,
    Flag.withDescription("The deployed stack whose outputs are in this file, as pulumi stack output --json prints them")
  ),
  local: Flag.String("local").pipe(
    Flag.withSchema(Schema.NonEmptyString),
    Flag.optional,
    Flag.withDescription("The folder that npm start -- --data wrote")
  )
}

export const jsonFlag = {
  json: Flag.Boolean("json").pipe(
    Flag.withDefault(false),
    Flag.withDescription("Print one JSON document on standard output and nothing else there")
  )
}

const since = Flag.String("since").pipe(
  Flag.optional,
  Flag.withDescription("From this time on: 2026-05-06, 2026-05-06T10:00:00Z, or as long ago as 90m, 2h, 7d")
)

const until = Flag.String("until").pipe(Flag.optional, Flag.withDescription("Up to and without this time"))

const limit = (fallback: number, which: string) =>
  Flag.Int("limit").pipe(
    Flag.withSchema(whole(1, 100_000, "number of events")),
    Flag.withDefault(fallback),
    Flag.withDescription(`At most so many, the ${which} (default ${fallback})`)
  )

/** Which of the stream's given-up batches, by when that was. */
export const batchFlags = (most: number) => ({ since, until, limit: limit(most, "oldest") })

export const differenceFlags = {
  limit: Flag.Int("limit").pipe(
    Flag.withSchema(whole(1, 100_000, "number of differences")),
    Flag.withDefault(20),
    Flag.withDescription("At most so many differences in full, the others counted (default 20)")
  )
}

export const explainFlags = {
  at: Flag.String("at").pipe(
    Flag.optional,
    Flag.withDescription(
      "As it was at this event time: what was true. Without an index by entity it reads the whole event store"
    )
  ),
  arrived: Flag.Boolean("arrived").pipe(
    Flag.withDefault(false),
    Flag.withDescription("With --at: from what had arrived by then: what the wall showed")
  ),
  scan: Flag.Boolean("scan").pipe(
    Flag.withDefault(false),
    Flag.withDescription(
      "With --at: read the whole event store, also for what came before there was an index by entity"
    )
  ),
  closed: Flag.Boolean("closed").pipe(
    Flag.withDefault(false),
    Flag.withDescription("Also rows that have closed, such as sessions that are over")
  )
}

const atLeast = (minimum: number, what: string) =>
  Schema.Finite.check(Schema.isGreaterThanOrEqualTo(minimum, { message: `give a number of ${what} from ${minimum}` }))

const most = (name: string, what: string) =>
  Flag.Finite(name).pipe(
    Flag.withSchema(atLeast(0, what)),
    Flag.optional,
    Flag.withDescription(`Stop when so many ${what} are spent; the same --id with more goes on`)
  )

/** Which events are folded, how fast, and for how much. */
export const replayFlags = {
  since: Flag.String("since").pipe(
    Flag.optional,
    Flag.withDescription("Events published from this time on: 2026-05-06, 2026-05-06T10:00:00Z, or 90m, 2h, 7d ago")
  ),
  until: Flag.String("until").pipe(Flag.optional, Flag.withDescription("Events published up to and without this time")),
  topic: Flag.String("topic").pipe(
    Flag.between(0, 100),
    Flag.withDescription("Only events of this topic, such as v2.users.{id}.presence; may be given several times")
  ),
  entity: Flag.String("entity").pipe(Flag.optional, Flag.withDescription("Only what is about this agent or queue")),
  id: Flag.String("id").pipe(
    Flag.withSchema(
      Schema.String.check(
        Schema.isPattern(/^[\w.-]{1,64}$/, { message: "give letters, digits, dots and dashes, 64 at most" })
      )
    ),
    Flag.optional,
    Flag.withDescription("Names the replay: the same id goes on where it stopped (default: a new one)")
  ),
  rate: Flag.Finite("rate").pipe(
    Flag.withSchema(atLeast(1, "events a second")),
    Flag.optional,
    Flag.withDescription("Events a second at most (default: the share of the tables that the stack leaves to replays)")
  ),
  maxItems: most("max-items", "events"),
  maxReadUnits: most("max-read-units", "read units"),
  maxWriteUnits: most("max-write-units", "write units"),
  maxDollars: most("max-dollars", "dollars"),
  park: Flag.Boolean("park").pipe(
    Flag.withDefault(false),
    Flag.withDescription("Put events that cannot be folded aside and go on, instead of stopping at the first")
  )
}

export const engineFlags = {
  stop: Flag.Boolean("stop").pipe(
    Flag.withDefault(false),
    Flag.withDescription("Ask the replay of this --id to stop at its next checkpoints, wherever it runs")
  ),
  exported: Flag.String("export").pipe(
    Flag.withSchema(Schema.NonEmptyString),
    Flag.optional,
    Flag.withDescription(
      "Read a table export instead of the table: its manifest-files.json, as s3://bucket/key or as a path beside data/"
    )
  ),
  stateMachine: Flag.Boolean("state-machine").pipe(
    Flag.withDefault(false),
    Flag.withDescription("Run it on the stack's state machine, and follow that to its end")
  )
}

export const followFlags = {
  follow: Flag.Boolean("follow").pipe(
    Flag.withDefault(false),
    Flag.withDescription("Look every few seconds until all segments are done or stopped")
  )
}

export const auditFlags = { since, until, limit: limit(50, "newest") }

/** Which events: by reason and by arrival. */
export const selectionFlags = (most: number) => ({
  reason: Flag.String("reason").pipe(
    Flag.withSchema(Schema.NonEmptyString),
    Flag.optional,
    Flag.withDescription("Only those that are held for this reason, such as NotJson or Conflict")
  ),
  since,
  until,
  limit: limit(most, "oldest")
})

/** Or by their keys. */
export const keysArgument = {
  keys: Argument.String("key").pipe(
    Argument.variadic(),
    Argument.withDescription("Keys from the list, instead of --reason, --since and --until")
  )
}

export const whyFlag = {
  why: Flag.String("why").pipe(
    Flag.optional,
    Flag.withDescription("Why this is done; goes into the audit, and is required wherever an event is opened")
  )
}

export const redriveFlags = {
  yes: Flag.Boolean("yes").pipe(
    Flag.withDefault(false),
    Flag.withDescription("Do it; without this it is a dry run, which says what would happen")
  ),
  dryRun: Flag.Boolean("dry-run").pipe(
    Flag.withDefault(false),
    Flag.withDescription("Only say what would happen; this is also what happens without --yes")
  ),
  force: Flag.Boolean("force").pipe(
    Flag.withDefault(false),
    Flag.withDescription("Hand over also what the present door would refuse again")
  ),
  rate: Flag.Finite("rate").pipe(
    Flag.withSchema(
      Schema.Finite.check(
        Schema.isBetween({ minimum: 0.1, maximum: 1_000 }, { message: "give events a second between 0.1 and 1000" })
      )
    ),
    Flag.withDefault(50),
    Flag.withDescription("Events a second at most (default 50); one shard takes 1,000, live traffic included")
  )
}

export interface SiteOptions {
  readonly stack: Option.Option<string>
  readonly outputs: Option.Option<string>
  readonly local: Option.Option<string>
}

export interface SelectionOptions {
  readonly reason: Option.Option<string>
  readonly since: Option.Option<string>
  readonly until: Option.Option<string>
  readonly limit: number
}

export interface BatchOptions extends SiteOptions, Omit<SelectionOptions, "reason"> {
  readonly json: boolean
  readonly why: Option.Option<string>
}

/** What was given, as the audit shows it: absent options are left out. */
export const given = (
  options: Readonly<Record<string, Option.Option<string | number> | string | number | boolean | ReadonlyArray<string>>>
): Readonly<Record<string, string | number | boolean>> =>
  Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) => {
      const bare = Option.isOption(value) ? Option.getOrElse(value, () => false as const) : value
      if (bare === false || (Array.isArray(bare) && bare.length === 0)) return []
      return [[name, Array.isArray(bare) ? bare.join(" ") : (bare as string | number | boolean)]]
    })
  )
