import { Effect } from "effect"
import type { ArchiveVersion } from "./archive.ts"
import type { StoreError } from "./store-error.ts"

/** What a place holds under a key. `tag`: another one after every change. */
export interface Held {
  readonly bytes: Uint8Array
  readonly tag: string
}

/**
 * Where the archive keeps its objects. `put` puts over that of the tag `over` alone, or where nothing is if that is null; it returns whether it
 * did. `get` of a key or a version that is not there is null. `keys`: those below a prefix, in order. `former`:
 * what objects below a prefix were before, where the place keeps versions; `drop` deletes one.
 */
export interface ObjectPlace {
  readonly put: (
    key: string,
    body: Uint8Array,
    kind: "events" | "list",
    over: string | null
  ) => Effect.Effect<boolean, StoreError>
  readonly get: (key: string, version?: string) => Effect.Effect<Held | null, StoreError>
  readonly former: (prefix: string) => Effect.Effect<ReadonlyArray<ArchiveVersion>, StoreError>
  readonly drop: (one: ArchiveVersion) => Effect.Effect<void, StoreError>
  readonly keys: (prefix: string) => Effect.Effect<ReadonlyArray<string>, StoreError>
}

/** Puts what is one's own over whatever is there, for as long as it is one's own: it is asked after what is there was looked at. */
export const putOurs = Effect.fnUntraced(function* <E>(
  { put, get }: ObjectPlace,
  key: string,
  body: Uint8Array,
  kind: "events" | "list",
  stillOurs: Effect.Effect<void, E>
) {
  if (yield* put(key, body, kind, null)) return
  for (;;) {
    const held = yield* get(key)
    yield* stillOurs
    if (yield* put(key, body, kind, held?.tag ?? null)) return
  }
})

/** Puts what `change` makes of what is there, and of what is there by then if somebody else was faster. Nothing is left as it is. */
export const changeObject = Effect.fnUntraced(function* <E>(
  { put, get }: ObjectPlace,
  key: string,
  kind: "events" | "list",
  to: (held: Held) => Effect.Effect<Uint8Array | undefined, E>
) {
  for (;;) {
    const held = yield* get(key)
    const next = held === null ? undefined : yield* to(held)
    if (held === null || next === undefined || (yield* put(key, next, kind, held.tag))) return
  }
})
