import { Context, type Effect } from "effect"
import type { StoreError } from "./store-error.ts"

/** Units per second that a table takes from the first second on. */
export interface Warm {
  readonly writes: number
  readonly reads: number
}

/** What a stream or a table has, and whether AWS is changing it. */
export interface Sized<A> {
  readonly size: A
  readonly changing: boolean
}

/** The sizes of what a stack was given, which AWS changes while it works. */
export class Scaling extends Context.Service<
  Scaling,
  {
    /** Open shards of the stream. */
    readonly shards: Effect.Effect<Sized<number>, StoreError>
    /** Begins to split or merge the stream: to at most double and at least half, ten times in 24 hours. */
    readonly resize: (shards: number) => Effect.Effect<void, StoreError>
    readonly warm: (table: string) => Effect.Effect<Sized<Warm>, StoreError>
    /** Begins to raise the warm throughput of a table, for good: AWS lowers none. */
    readonly raise: (table: string, to: Warm) => Effect.Effect<void, StoreError>
  }
>()("projections/Scaling") {}
