import { Clock, Effect, Option } from "effect"
import { Flag } from "effect/cli"
import { generation } from "../../domain/projection.ts"
import { sourcesOf } from "../../domain/stages.ts"
import { iso } from "../../domain/stamp.ts"
import { fedProjections, requireFed, requireListed, status } from "../../pipeline/generations.ts"
import type { Bounds } from "../../pipeline/replay/budget.ts"
import type { ReplayPlan } from "../../pipeline/replay/plan.ts"
import { LEAST_DAYS, readRun, runKey } from "../../pipeline/replay/record.ts"
import { MAX_AT_ONCE } from "../../pipeline/replay/replay.ts"
import { Archive } from "../../store/archive.ts"
import { sealedBefore } from "../../store/cold-source.ts"
import type { TableSize } from "../../store/table-sizes.ts"
import {
  type Archived,
  costOf,
  keyUnits,
  nothingArchived,
  scanUnits,
  sizeOfGeneration,
  withArchive,
  writeUnits
} from "../cost.ts"
import { name, number, type RangeFlags, range, span, toggle } from "../flags.ts"
import { usageError } from "../screen.ts"
import type { StackTarget } from "../stack/stack.ts"

/** The flags from which a plan follows. */
export interface PlanFlags extends RangeFlags {
  readonly subject: string
  readonly topic: ReadonlyArray<string>
  readonly entity: Option.Option<string>
  readonly id: Option.Option<string>
  /** The manifest of an export, to read instead of the table. */
  readonly exported: Option.Option<string>
  readonly rate: Option.Option<number>
  readonly maxItems: Option.Option<number>
  readonly maxReadUnits: Option.Option<number>
  readonly maxWriteUnits: Option.Option<number>
  readonly maxDollars: Option.Option<number>
  readonly park: boolean
}

const budget = (flag: string, unit: string) =>
  number(flag, unit, { min: 0 }).pipe(
    Flag.optional,
    Flag.withDescription(`Stop after this many ${unit}; resume with the same --id and a higher limit`)
  )

const REPLAY_ID = /^[\w.-]{1,64}$/

/** The flags that `replay` and `verify` share. */
export const planFlags = {
  ...range("Only events that were published"),
  topic: Flag.String("topic").pipe(
    Flag.between(0, 100),
    Flag.withDescription("Only events of this topic, such as v2.users.{id}.presence; can be given several times")
  ),
  entity: Flag.String("entity").pipe(
    Flag.optional,
    Flag.withDescription("Only events about this entity, such as an agent or a queue")
  ),
  id: Flag.String("id").pipe(
    Flag.filter(
      (text) => REPLAY_ID.test(text),
      () => "1 to 64 letters, digits, dots, dashes and underscores"
    ),
    Flag.optional,
    Flag.withDescription("Name of the replay; an id that has stopped resumes (default: a new one)")
  ),
  rate: number("rate", "events a second", { min: 1 }).pipe(
    Flag.optional,
    Flag.withDescription("Maximum events a second (default: the share of the tables that the stack leaves to replays)")
  ),
  maxItems: budget("max-items", "events"),
  maxReadUnits: budget("max-read-units", "read units"),
  maxWriteUnits: budget("max-write-units", "write units"),
  maxDollars: budget("max-dollars", "dollars"),
  park: toggle("park", "Park events that cannot be folded and go on, instead of stopping at the first")
}

/** `--export`, which only `replay` has. */
export const exported = name("export", "a manifest, as s3://bucket/key or as a path").pipe(
  Flag.optional,
  Flag.withDescription(
    "Read a table export instead of the table: its manifest-files.json, as s3://bucket/key or as a path beside data/"
  )
)

/** Rows of a generation that a verify holds in memory at a time, as its own bound has it. */
const ROWS_A_PART = 100_000

const given = <Name extends string, A>(name: Name, value: Option.Option<A>) =>
  Option.match(value, { onNone: () => ({}), onSome: (some) => ({ [name]: some }) }) as { readonly [N in Name]?: A }

/** The projection of a generation that can be verified, or replayed (`write`). */
const projectionOf = Effect.fnUntraced(function* (subject: string, write: boolean) {
  const projection = yield* requireListed(subject)
  if (write) yield* requireFed(subject)
  return projection
})

/**
 * Where archive and table meet in this replay: as it was when the replay began, for one that goes on; else after what is sealed now. Undefined
 * without an archive, and for an export.
 */
const sealedOf = Effect.fnUntraced(function* ({ id, exported }: PlanFlags) {
  const archive = yield* Effect.serviceOption(Archive)
  if (Option.isNone(archive) || Option.isSome(exported)) return undefined
  const begun = Option.isNone(id) ? undefined : (yield* readRun(runKey(id.value))).value
  return begun === undefined ? sealedBefore(yield* archive.value.windows) : begun.plan.sealed
})

/** The plan that the flags describe. `rows`: about how many the generation has, from which follows in how many parts a verify is done. */
export const planOf = Effect.fnUntraced(function* (stack: StackTarget, flags: PlanFlags, write: boolean, rows: number) {
  const { subject, topic, entity, park, rate, maxItems, maxReadUnits, maxWriteUnits, maxDollars } = flags
  const { topics } = yield* projectionOf(subject, write)
  const foreign = topic.find((one) => !topics.includes(one))
  if (foreign !== undefined)
    return yield* usageError(
      `--topic: ${subject} does not fold ${JSON.stringify(foreign)}; give one of ${topics.join(", ")}`
    )
  const { segments, eventsPerSecond, rowsPerSecond = eventsPerSecond } = stack.outputs.replayLimits
  const sealed = yield* sealedOf(flags)
  const now = iso(yield* Clock.currentTimeMillis).replaceAll(/[-:]|\.\d+Z/g, "")
  return {
    id: Option.getOrElse(flags.id, () => `${subject}-${write ? "" : "verify-"}${now}`),
    generation: subject,
    scope: { ...(topic.length > 0 ? { topics: topic } : {}), ...(yield* span(flags)), ...given("entity", entity) },
    // Every part of a verify reads the whole store.
    segments: write ? segments : Math.max(1, Math.ceil(rows / ROWS_A_PART)),
    ...(write ? {} : { concurrency: 1 }),
    write,
    ...given("source", flags.exported),
    ...(sealed === undefined ? {} : { sealed }),
    park,
    eventsPerSecond: Option.getOrElse(rate, () => eventsPerSecond),
    rowsPerSecond: Option.getOrElse(rate, () => rowsPerSecond),
    budget: {
      ...given("items", maxItems),
      ...given("readUnits", maxReadUnits),
      ...given("writeUnits", maxWriteUnits),
      ...given("dollars", maxDollars)
    }
  } satisfies ReplayPlan as ReplayPlan
})

/** The sizes of the generations from whose rows those of this one follow, as they are folded with it. */
export const sizesOfSources = Effect.fnUntraced(function* (stack: StackTarget, subject: string) {
  const projection = yield* requireListed(subject)
  return yield* Effect.forEach(sourcesOf(projection, yield* fedProjections), (source) =>
    sizeOfGeneration(stack, generation(source))
  )
})

/** The size of the generation that readers of the same projection use: about what a rebuild comes to. */
export const sizeOfReaders = Effect.fnUntraced(function* (stack: StackTarget, subject: string) {
  const { name } = yield* requireListed(subject)
  const current = (yield* status).find((one) => one.name === name && one.readers)
  return yield* sizeOfGeneration(stack, current?.generation ?? subject)
})

/**
 * How often a replay writes a row, at most. A segment gathers events until they are so many or a minute is over, and writes each row that
 * they meet once: as many rows as one finds that draws so often from all of them, if none is likelier than another.
 */
const rowsWritten = (
  { segments, eventsPerSecond }: ReplayPlan,
  events: number,
  rows: number,
  bounds: Bounds
): number => {
  const ofSegment = eventsPerSecond / Math.min(segments, MAX_AT_ONCE)
  const part = Math.max(1, Math.min(events / segments, (ofSegment * bounds.flushMs) / 1_000, bounds.registers))
  return rows === 0 ? 0 : (events / part) * rows * -Math.expm1(-part / rows)
}

/**
 * Days after which what was not sealed when a replay began may be confirmed and leave the table: two windows, and the day that a replay goes on after
 * its last resumption.
 */
const UNCONFIRMED_DAYS = 15

/** Days that a replay of so many seconds can be resumed: four times what it takes, for people stop it, and at least a week; but no longer than what it reads
 * from the table stays there. */
export const daysFor = (seconds: number, retentionDays = 0): number => {
  const days = Math.max(LEAST_DAYS, Math.ceil((4 * seconds) / 86_400))
  return retentionDays === 0 ? days : Math.min(days, Math.max(1, retentionDays - UNCONFIRMED_DAYS))
}

/** How often the rows of a source are read by a replay that writes: to be merged, for what follows from them, and again after that was written. */
const SOURCE_READS = 3

/**
 * The cost of a plan at most, about, for a store and tables of these sizes, and its duration in seconds. Events outside of the scope are
 * read as well, and so are the rows of `sources`, from which the generation derives. Summaries are left out: they are of entities, not of
 * events.
 */
export const estimate = (
  plan: ReplayPlan,
  store: TableSize,
  rows: TableSize,
  bounds: Bounds,
  archived: Archived = nothingArchived,
  sources: ReadonlyArray<TableSize> = []
) => {
  const { segments, write, eventsPerSecond, rowsPerSecond = eventsPerSecond, source } = plan
  const all = store.items + archived.items
  const written = write ? rowsWritten(plan, all, rows.items, bounds) : 0
  const sourceReads = write
    ? sources.reduce(
        (sum, source) => sum + SOURCE_READS * keyUnits(source, rowsWritten(plan, all, source.items, bounds)),
        0
      )
    : 0
  const passes = write ? 1 : segments
  const reads =
    (source === undefined ? passes * scanUnits(store) : 0) +
    (write ? keyUnits(rows, written) + sourceReads : passes * scanUnits(rows))
  const items = all * passes
  return {
    cost: withArchive(costOf(items, reads, writeUnits(rows, written)), archived.bytes * passes),
    seconds: Math.ceil(Math.max(items / eventsPerSecond, written / rowsPerSecond))
  }
}
