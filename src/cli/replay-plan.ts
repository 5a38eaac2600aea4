import { Clock, Effect, Option } from "effect"
import { generation } from "../domain/projection.ts"
import { iso } from "../domain/time.ts"
import { GenerationRefused, status } from "../pipeline/generations.ts"
import { Projections } from "../pipeline/projections.ts"
import type { Bounds } from "../pipeline/replay/budget.ts"
import type { ReplayPlan } from "../pipeline/replay/plan.ts"
import { MAX_AT_ONCE } from "../pipeline/replay/replay.ts"
import type { TableSize } from "../store/table-sizes.ts"
import { type Cost, costOf, keyUnits, scanUnits, sizeOfGeneration, writeUnits } from "./cost.ts"
import { usageError } from "./exit.ts"
import type { SiteOptions } from "./flags.ts"
import { span } from "./select.ts"
import type { StackTarget } from "./stack-target.ts"

export interface ReplayOptions extends SiteOptions {
  readonly subject: string
  readonly since: Option.Option<string>
  readonly until: Option.Option<string>
  readonly topic: ReadonlyArray<string>
  readonly entity: Option.Option<string>
  readonly id: Option.Option<string>
  /** The manifest of an export that is read instead of the table. */
  readonly exported?: Option.Option<string>
  readonly rate: Option.Option<number>
  readonly maxItems: Option.Option<number>
  readonly maxReadUnits: Option.Option<number>
  readonly maxWriteUnits: Option.Option<number>
  readonly maxDollars: Option.Option<number>
  readonly park: boolean
  readonly yes: boolean
  readonly dryRun: boolean
  readonly json: boolean
  readonly why: Option.Option<string>
}

/** Rows of a generation that a verify holds in memory at a time, as its own bound has it. */
const ROWS_A_PART = 100_000

const given = <Name extends string, A>(name: Name, value: Option.Option<A>) =>
  Option.match(value, { onNone: () => ({}), onSome: (some) => ({ [name]: some }) }) as { readonly [N in Name]?: A }

/** The projection of a generation that a replay may be about. */
const projectionOf = Effect.fnUntraced(function* (subject: string, write: boolean) {
  const projection = (yield* Projections).find((one) => generation(one) === subject)
  if (projection === undefined) return yield* new GenerationRefused({ subject, reason: "unlisted" })
  const retired = (yield* status).find((one) => one.generation === subject)?.retired
  if (write && retired !== undefined) return yield* new GenerationRefused({ subject, reason: "retired" })
  return projection
})

/** What the options ask for. `rows`: about how many the generation has, which says in how many parts a verify is done. */
export const planOf = Effect.fnUntraced(function* (
  site: StackTarget,
  options: ReplayOptions,
  write: boolean,
  rows: number
) {
  const { subject, topic, entity, park, rate, maxItems, maxReadUnits, maxWriteUnits, maxDollars } = options
  const { topics } = yield* projectionOf(subject, write)
  const foreign = topic.find((one) => !topics.includes(one))
  if (foreign !== undefined)
    return yield* usageError(`--topic: ${subject} does not fold ${JSON.stringify(foreign)}, but ${topics.join(", ")}`)
  const { segments, eventsPerSecond } = site.outputs.replayLimits
  const now = iso(yield* Clock.currentTimeMillis).replaceAll(/[-:]|\.\d+Z/g, "")
  return {
    id: Option.getOrElse(options.id, () => `${subject}-${write ? "" : "verify-"}${now}`),
    generation: subject,
    scope: { ...(topic.length > 0 ? { topics: topic } : {}), ...(yield* span(options)), ...given("entity", entity) },
    // Every part of a verify reads the whole store.
    segments: write ? segments : Math.max(1, Math.ceil(rows / ROWS_A_PART)),
    ...(write ? {} : { concurrency: 1 }),
    write,
    ...given("source", options.exported ?? Option.none<string>()),
    park,
    eventsPerSecond: Option.getOrElse(rate, () => eventsPerSecond),
    budget: {
      ...given("items", maxItems),
      ...given("readUnits", maxReadUnits),
      ...given("writeUnits", maxWriteUnits),
      ...given("dollars", maxDollars)
    }
  } satisfies ReplayPlan as ReplayPlan
})

/** How many rows of the projection readers use now: what a rebuild comes to, about. */
export const sizeOfReaders = Effect.fnUntraced(function* (site: StackTarget, subject: string) {
  const generations = yield* status
  const own = generations.find((one) => one.generation === subject)
  if (own === undefined) return yield* new GenerationRefused({ subject, reason: "unlisted" })
  const current = generations.find(({ name, readers }) => name === own.name && readers)
  return yield* sizeOfGeneration(site, (current ?? own).generation)
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
 * What a plan will take at most, about, of a store and a table of these sizes, and in how many seconds. What a scope leaves out is read all
 * the same. Summaries are left out: they are of entities, not of events.
 */
export const estimate = (plan: ReplayPlan, store: TableSize, rows: TableSize, bounds: Bounds) => {
  const { segments, write, eventsPerSecond, source } = plan
  const written = write ? rowsWritten(plan, store.items, rows.items, bounds) : 0
  const passes = write ? 1 : segments
  const reads =
    (source === undefined ? passes * scanUnits(store) : 0) +
    (write ? keyUnits(rows, written) : passes * scanUnits(rows))
  const items = store.items * passes
  return {
    cost: costOf(items, reads, writeUnits(rows, written)) satisfies Cost as Cost,
    seconds: Math.ceil(items / eventsPerSecond)
  }
}
