import { Context, type Effect, Schema } from "effect"
import type { EventId } from "../domain/ids.ts"
import type { Json } from "../domain/json.ts"
import { iso } from "../domain/stamp.ts"
import type { Event } from "../genesys/event.ts"
import type { StoreError } from "./store-error.ts"
import { Tally } from "./tally.ts"

/**
 * An event in the archive. `published` and `received` are epoch ms. `envelope`: as it came. Absent where the item had none that could be
 * given back: then `item` is the item itself, in DynamoDB's JSON, such as one whose body is in the bucket of bodies.
 */
export interface ArchivedEvent {
  readonly id: EventId
  readonly topic: string
  readonly published: number
  readonly received: number
  readonly envelope?: Event["envelope"]
  readonly item?: Json
}

/**
 * An object of the archive: events that were stored in one window and arrived in one hour (epoch ms of its beginning). `tally`: what it
 * holds. `published`: the least and the greatest of its events. `bytes`: as it is stored.
 */
export const ArchiveObject = Schema.Struct({
  key: Schema.String,
  window: Schema.Finite,
  hour: Schema.Finite,
  tally: Tally,
  published: Schema.Tuple([Schema.Finite, Schema.Finite]),
  bytes: Schema.Finite
})
export type ArchiveObject = typeof ArchiveObject.Type

/**
 * A window that is archived. `sealed`: all of it was written, and readers take it from here. `confirmed`: later, what the objects hold was
 * compared with the table once more; only then may its events leave the table. `lists`: the keys of the lists of its objects. `items` and
 * `bytes`: what those come to; too much of both after an erasure that was cut off, until a pass compares the window or the erasure is run again.
 */
export const ArchiveWindow = Schema.Struct({
  window: Schema.Finite,
  state: Schema.Literals(["sealed", "confirmed"]),
  sealedAt: Schema.Finite,
  confirmedAt: Schema.optionalKey(Schema.Finite),
  items: Schema.Finite,
  bytes: Schema.Finite,
  lists: Schema.Array(Schema.String)
})
export type ArchiveWindow = typeof ArchiveWindow.Type

/** Where an object belongs. `part`: who writes it, and which of theirs it is: the same part written twice is one object. */
export interface ArchivePlace {
  readonly window: number
  readonly hour: number
  readonly part: string
}

/** What an object of the archive was before it was written over or deleted. */
export interface ArchiveVersion {
  readonly key: string
  readonly version: string
}

/** Below which all objects are, and no lists. */
export const ARCHIVED = "events/"

/** The key of an object: by the hour in which its events arrived. */
export const archiveKey = ({ window, hour, part }: ArchivePlace): string => {
  const [day = "", time = ""] = iso(hour).split("T")
  return `${ARCHIVED}${day.replaceAll("-", "/")}/${time.slice(0, 2)}/${window}-${part}.jsonl.gz`
}

/** Where an object with this key belongs; undefined where the archive makes no such key. */
export const placeOfKey = (key: string): ArchivePlace | undefined => {
  const [, day = "", time, window, part = ""] =
    /^events\/(\d{4}\/\d\d\/\d\d)\/(\d\d)\/(\d+)-(.+)\.jsonl\.gz$/.exec(key) ?? []
  const hour = Date.parse(`${day.replaceAll("/", "-")}T${time}:00:00.000Z`)
  return Number.isNaN(hour) ? undefined : { window: Number(window), hour, part }
}

/** The key of a list of objects of a window. */
export const archiveListKey = (window: number, part: string): string => `lists/${window}/${part}.json`

/** The key of what is known of a window. */
export const archiveWindowKey = (window: number): string => `windows/${window}.json`

/**
 * Events that were copied out of the event table, in objects of one hour each. An object is of a window only when a list of that window
 * names it: what was written and never listed is as good as not there.
 *
 * `write` puts an object, and `list` the list of those of one part; each replaces what is there under the same name, unless `stillOurs`, which
 * comes after a look at that, fails because the part is another worker's by now. `seal` puts what is known of a window, where
 * there is nothing of it; `amend` changes what is there, again if somebody else did so meanwhile, and leaves a window alone that is not sealed.
 * `windows` returns those that are sealed, in order, `objects` those of one, by hour. `read` returns what an object holds. Where that is
 * not what its list says, it looks at both again for some seconds, because an erasure may be writing them, and then fails; with `unchecked` it does
 * not compare. `unlisted` returns what no list of a sealed window names: what a pass under way has written, and what one that was cut off has left
 * behind, each as its own list says it, or of no events where it has none. `replace` puts other events in the place of those of an object (none,
 * where they cannot be read), to erase some, and returns the object as its list then says. Do it again after a failure: it also mends a list.
 * `recount` puts what the lists of a sealed window come to for its `items` and `bytes`, after objects of it were replaced. `former` returns what
 * objects were before, of any object, the newest first; `readFormer` what one of those held, undefined where nobody can say; `drop` deletes one
 * for good.
 */
export class Archive extends Context.Service<
  Archive,
  {
    readonly write: <E = never>(
      place: ArchivePlace,
      events: ReadonlyArray<ArchivedEvent>,
      stillOurs?: Effect.Effect<void, E>
    ) => Effect.Effect<ArchiveObject, StoreError | E>
    readonly list: <E = never>(
      window: number,
      part: string,
      objects: ReadonlyArray<ArchiveObject>,
      stillOurs?: Effect.Effect<void, E>
    ) => Effect.Effect<string, StoreError | E>
    readonly seal: (window: ArchiveWindow) => Effect.Effect<void, StoreError>
    readonly amend: (
      window: number,
      to: (window: ArchiveWindow) => Effect.Effect<ArchiveWindow, StoreError>
    ) => Effect.Effect<void, StoreError>
    readonly windows: Effect.Effect<ReadonlyArray<ArchiveWindow>, StoreError>
    readonly objects: (window: ArchiveWindow) => Effect.Effect<ReadonlyArray<ArchiveObject>, StoreError>
    readonly read: (
      object: ArchiveObject,
      unchecked?: "unchecked"
    ) => Effect.Effect<ReadonlyArray<ArchivedEvent>, StoreError>
    readonly unlisted: Effect.Effect<ReadonlyArray<ArchiveObject>, StoreError>
    readonly replace: (
      object: ArchiveObject,
      to: (events: ReadonlyArray<ArchivedEvent>) => Effect.Effect<ReadonlyArray<ArchivedEvent>, StoreError>
    ) => Effect.Effect<ArchiveObject, StoreError>
    readonly recount: (window: number) => Effect.Effect<void, StoreError>
    readonly former: Effect.Effect<ReadonlyArray<ArchiveVersion>, StoreError>
    readonly readFormer: (one: ArchiveVersion) => Effect.Effect<ReadonlyArray<ArchivedEvent> | undefined, StoreError>
    readonly drop: (one: ArchiveVersion) => Effect.Effect<void, StoreError>
  }
>()("projections/Archive") {}
