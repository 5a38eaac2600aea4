import type { Effect } from "effect"
import type {
  DirectoryEntry,
  DirectoryFilter,
  DirectoryKind,
  DirectoryScope,
  ListedEntry
} from "../domain/directory.ts"
import type { Columns } from "../domain/projection.ts"
import type { Watermark } from "../domain/watermark.ts"
import type { BadOption, NoActiveGeneration, NoDirectory, ReaderError } from "./errors.ts"

/** The projection to read: its name, and the partition key column of its table. The value of a projection has both. */
export interface Projection {
  readonly name: string
  readonly key: string
}

export const AGENTS: Projection = { name: "agents", key: "agentId" }
export const QUEUES: Projection = { name: "queues", key: "queueId" }
export const AGENT_INTERVALS: Projection = { name: "agent-intervals", key: "agentId" }
export const QUEUE_INTERVALS: Projection = { name: "queue-intervals", key: "queueId" }

/**
 * What the control table says: which generation of each projection readers use, by name, how far all is settled; and when that was read
 * (epoch ms). `asked` are the names that were looked for.
 */
export interface ReadContext {
  readonly asked: ReadonlySet<string>
  readonly generations: ReadonlyMap<string, string>
  readonly level: Watermark | undefined
  readonly at: number
}

/** A row as it is stored, without what readers do not need. `asOf` and `revised.at` are ISO-8601. `closed`: it is a tombstone. */
export interface Found {
  readonly row: string
  readonly columns: Columns
  readonly asOf: string
  readonly closed: boolean
  readonly revised?: { readonly at: string; readonly lateMs: number }
}

/** Which generation is read of which projection, and whether by consistent reads. */
export interface From {
  readonly projection: Projection
  readonly generation: string
  readonly consistent: boolean
}

/** Row keys from one to another, both included; with `most` no more than so many of them, the last ones, in any order. */
export interface KeyRange {
  readonly first: string
  readonly last: string
  readonly most?: number
}

/** An id of which the directory may know a name. */
export type NamedId = Pick<DirectoryEntry, "kind" | "id">

/** What the organisation calls things: a table of a stack, or a fixture. */
export interface DirectorySource {
  /** What the table is called. */
  readonly table: string
  /** The names of those that are known. None twice. */
  readonly names: (
    ids: ReadonlyArray<NamedId>
  ) => Effect.Effect<ReadonlyArray<NamedId & { readonly name?: string }>, ReaderError | NoDirectory>
  readonly list: (
    kind: DirectoryKind,
    filter: DirectoryFilter,
    page: { readonly limit: number; readonly cursor?: string }
  ) => Effect.Effect<
    { readonly entries: ReadonlyArray<ListedEntry>; readonly cursor?: string },
    ReaderError | NoDirectory | BadOption
  >
  /** What was kept by the last complete sweep of a kind; undefined before the first. */
  readonly lastSwept: (kind: DirectoryKind) => Effect.Effect<DirectoryScope | undefined, ReaderError | NoDirectory>
}

/** Where rows come from: the tables of a stack, or a fixture. A generation whose table is gone fails with `ResourceNotFoundException`. */
export interface Source {
  /** Of the projections with these names, the first of which a call is about. */
  readonly context: (
    names: readonly [string, ...Array<string>]
  ) => Effect.Effect<ReadContext, ReaderError | NoActiveGeneration>
  /** The rows of one entity, in the order of their keys: all, or those with keys from `first` to `last`, both included. */
  readonly rows: (from: From, entity: string, keys?: KeyRange) => Effect.Effect<ReadonlyArray<Found>, ReaderError>
  /** One row of one entity. */
  readonly row: (from: From, entity: string, row: string) => Effect.Effect<Found | undefined, ReaderError>
  /** The row `state` of each entity that has one. No entity twice. */
  readonly states: (
    from: From,
    entities: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyMap<string, Found>, ReaderError>
  /** The users that are joined to a queue. */
  readonly members: (from: From, queueId: string) => Effect.Effect<ReadonlyArray<string>, ReaderError>
  readonly directory: DirectorySource
}
