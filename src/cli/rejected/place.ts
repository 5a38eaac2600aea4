import { Effect, Option } from "effect"
import type { FailedBatches } from "../../store/failed-batches.ts"
import type { SettleReturn, StreamSink } from "../../store/hand-over.ts"
import type { RejectedEvents } from "../../store/rejected-events.ts"
import type { StoreError } from "../../store/store-error.ts"
import { type RangeFlags, span } from "../flags.ts"
import { nothing, type Screen, usageError } from "../screen.ts"

/** Where something waits for people: an event in `quarantine` or `parked`, a batch of the stream in `failed`. */
export type PlaceName = "quarantine" | "parked" | "failed"

/** What of it a command is about. Times are epoch ms. */
export interface Filter {
  readonly reason?: string
  readonly since?: number
  readonly until?: number
  readonly limit: number
}

type Access<A> = Effect.Effect<A, StoreError, RejectedEvents | FailedBatches>

/** Something that waits, as a list has it. */
export interface Listed {
  readonly key: string
}

/** How the commands list, open and show what waits in a place. `L` is what a list has of it, `O` what it is when opened. */
export interface Place<L extends Listed, O> {
  readonly name: PlaceName
  /** The name of the collection in documents and in the use log. */
  readonly items: "events" | "batches"
  /** So many of them, for people: `2 events`. */
  readonly count: (n: number) => string
  readonly isKey: (key: string) => boolean
  readonly list: (filter: Filter) => Access<{ readonly found: ReadonlyArray<L>; readonly more: boolean }>
  /** The columns of the list, without the key. */
  readonly columns: ReadonlyArray<{ readonly title: string; readonly cell: (listed: L, aligned: boolean) => string }>
  /** One of the list in a JSON document. */
  readonly listedDocument: (listed: L) => object
  readonly open: (key: string) => Access<O | undefined>
  /** One that was opened, redacted. */
  readonly document: (key: string, opened: O) => object
  readonly text: (key: string, opened: O) => string
  /** How many events it holds. */
  readonly eventsIn: (opened: O) => number
  /** Gives what the keys name back to the stream or queue, or only checks it (`apply: false`), and counts each key in `tally`. */
  readonly redrive: (
    keys: ReadonlyArray<string>,
    how: Redriving,
    tally: Tally
  ) => Effect.Effect<void, StoreError, RejectedEvents | FailedBatches | StreamSink | SettleReturn | Screen>
}

/** `force`: also what the decoder would refuse again. `rate`: events a second. */
export interface Redriving {
  readonly apply: boolean
  readonly force: boolean
  readonly rate: number
}

/** What became of each key, and of how many events: `refused` of the redriven ones would come back into quarantine. */
export interface Tally {
  events: number
  refused: number
  readonly redriven: Array<string>
  readonly left: Array<{ readonly key: string; readonly why: string }>
}

export const NOT_TRIED = "not tried, because nothing was accepted any more"
export const GONE = "it is not there any more"

export interface Selection extends RangeFlags {
  readonly keys: ReadonlyArray<string>
  readonly reason: Option.Option<string>
  readonly limit: number
}

/** What is selected: by keys, or by a filter. */
export type Selected =
  | { readonly keys: ReadonlyArray<string>; readonly filter?: undefined }
  | { readonly keys?: undefined; readonly filter: Filter }

/**
 * What keys or filters select. Refuses both together, keys of something else, and a span of time that is none: before anything is opened
 * or recorded.
 */
export const selectionOf = Effect.fnUntraced(function* <L extends Listed, O>(place: Place<L, O>, flags: Selection) {
  const { keys, reason, limit } = flags
  const within = yield* span(flags)
  if (keys.length === 0)
    return {
      filter: { ...within, ...(Option.isSome(reason) && { reason: reason.value }), limit }
    } satisfies Selected as Selected
  const { since, until } = flags
  const filters = Object.entries({ reason, since, until }).flatMap(([name, flag]) =>
    flag._tag === "Some" ? [name] : []
  )
  if (filters.length > 0)
    return yield* usageError(`keys already select the ${place.items}: leave out the keys, or --${filters.join(", --")}`)
  const foreign = keys.find((key) => !place.isKey(key))
  if (foreign !== undefined)
    return yield* usageError(
      `${JSON.stringify(foreign)} is no key of ${place.name}: copy one from projections ${place.name} list`
    )
  return { keys: [...new Set(keys)] } satisfies Selected as Selected
})

/** The keys of a selection, and whether there are more than its limit. */
export const keysOf = Effect.fnUntraced(function* <L extends Listed, O>(place: Place<L, O>, selected: Selected) {
  if (selected.keys !== undefined) return { keys: selected.keys, more: false }
  const { found, more } = yield* place.list(selected.filter)
  return { keys: found.map(({ key }) => key), more }
})

/** A selection as the use log has it. */
export const rangeOf = ({ keys, reason, since, until, limit }: Selection) =>
  keys.length > 0 ? { keys } : { reason, since, until, limit }

/** Ends the command because nothing matched; where nothing was asked for in particular, because nothing is there. */
export const noMatch = (
  { name, items }: { readonly name: PlaceName; readonly items: string },
  { keys, reason, since, until }: Pick<Selection, "keys" | "reason" | "since" | "until">
) =>
  keys.length === 0 && Option.isNone(reason) && Option.isNone(since) && Option.isNone(until)
    ? nothing(`there are no ${items} in ${name}`)
    : nothing(`no ${items} in ${name} match; projections ${name} list shows what is there`)
