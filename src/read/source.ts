import type { Effect } from "effect"
import type { Columns } from "../domain/projection.ts"
import type { Level } from "../domain/watermark.ts"
import type { NotPointed, ReaderError } from "./errors.ts"

/** Whose rows are read. */
export type Projection = "agents" | "queues"

/** What the control table says: which generation of each projection readers use, how far all is settled; and when that was read (epoch ms). */
export interface Bearings {
  readonly generations: ReadonlyMap<Projection, string>
  readonly level: Level | undefined
  readonly at: number
}

/** A row as it is stored, without what readers do not need. `asOf` and `revised.at` are ISO-8601. */
export interface Found {
  readonly row: string
  readonly columns: Columns
  readonly asOf: string
  readonly revised?: { readonly at: string; readonly lateMs: number }
}

/** Which generation is read of which projection, and whether by consistent reads. */
export interface From {
  readonly projection: Projection
  readonly generation: string
  readonly consistent: boolean
}

/** Where rows come from: the tables of a stack, or a fixture. A generation whose table is gone fails with `ResourceNotFoundException`. */
export interface Source {
  readonly bearings: Effect.Effect<Bearings, ReaderError | NotPointed>
  /** All rows of one entity. */
  readonly rows: (from: From, entity: string) => Effect.Effect<ReadonlyArray<Found>, ReaderError>
  /** The row `state` of each entity that has one. No entity twice. */
  readonly states: (
    from: From,
    entities: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyMap<string, Found>, ReaderError>
  /** The users that are joined to a queue. */
  readonly members: (from: From, queueId: string) => Effect.Effect<ReadonlyArray<string>, ReaderError>
}

/** The partition key column of each projection. */
export const KEYS = { agents: "agentId", queues: "queueId" } as const satisfies Record<Projection, string>
