import { Clock, Effect, Option } from "effect"
import { iso } from "../domain/time.ts"
import { type Place, parseRejectedKey, type RejectedEvent, RejectedEvents } from "../store/rejected-events.ts"
import { CliExit, EXIT, usageError } from "./exit.ts"
import type { SelectionOptions } from "./flags.ts"
import { moment } from "./time.ts"

/** Events that a command is about, and whether there are more than its limit. */
export interface Selected {
  readonly events: ReadonlyArray<Pick<RejectedEvent, "key"> & Partial<RejectedEvent>>
  readonly more: boolean
}

const bound = (flag: string, text: Option.Option<string>, now: number) =>
  Option.match(text, { onNone: () => Effect.undefined, onSome: (given) => moment(flag, given, now) })

/** The span of time that `--since` and `--until` name, in epoch ms. */
export const span = Effect.fnUntraced(function* (options: Pick<SelectionOptions, "since" | "until">) {
  const now = yield* Clock.currentTimeMillis
  const since = yield* bound("--since", options.since, now)
  const until = yield* bound("--until", options.until, now)
  if (since !== undefined && until !== undefined && since >= until)
    return yield* usageError(`--since ${iso(since)} is not before --until ${iso(until)}: exchange them`)
  return { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) }
})

/** The events that filters name. */
export const byFilter = Effect.fnUntraced(function* (place: Place, options: SelectionOptions) {
  const held = yield* RejectedEvents
  const { reason, limit } = options
  return yield* held.list(place, {
    ...(yield* span(options)),
    ...(Option.isSome(reason) ? { reason: reason.value } : {}),
    limit
  })
})

/** The events that keys or filters name. */
export const select = Effect.fnUntraced(function* (
  place: Place,
  keys: ReadonlyArray<string>,
  options: SelectionOptions
) {
  if (keys.length === 0) return (yield* byFilter(place, options)) satisfies Selected as Selected
  const filters = (["reason", "since", "until"] as const).filter((name) => Option.isSome(options[name]))
  if (filters.length > 0)
    return yield* usageError(`keys name the events already: leave out either them or --${filters.join(", --")}`)
  const foreign = keys.find((key) => parseRejectedKey(key)?.place !== place)
  if (foreign !== undefined)
    return yield* usageError(
      `${JSON.stringify(foreign)} is no key of ${place}: copy one from projections ${place} list`
    )
  return { events: [...new Set(keys)].map((key) => ({ key })), more: false } satisfies Selected as Selected
})

/** Ends the command when nothing matched. */
export const insistOnSome = (place: Place, { events }: { readonly events: ReadonlyArray<unknown> }) =>
  events.length > 0
    ? Effect.void
    : new CliExit({
        code: EXIT.nothing,
        message: `nothing in ${place} matches; see what is there with projections ${place} list`
      })
