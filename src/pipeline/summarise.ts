import { Effect, Result } from "effect"
import type { EntityId, Generation } from "../domain/ids.ts"
import { canonical } from "../domain/json.ts"
import type { Columns, Projection } from "../domain/projection.ts"
import { columnsProblem, type Unwritable, wellFormed } from "../domain/writable.ts"
import type { Event } from "../genesys/event.ts"
import { laterRevision, ProjectionStore, type Revision, type Summary } from "../store/projection-store.ts"
import { StoreError } from "../store/store-error.ts"
import { decodeParts, encodeParts, type Parts, partsOfAll, partsToRead, withParts } from "./summary-parts.ts"
import { tried } from "./tried.ts"

/** The projection of a generation. */
export type Of = (generation: Generation) => Projection<Event> | undefined

/**
 * An entity of which a row was touched that its summary reads. `latest`: the greatest `asOf` of such rows, epoch ms. `revised`: the last
 * revision of one of them. `touched`: their keys; undefined where they are not known.
 */
export interface Stale {
  readonly projection: Generation
  readonly entity: EntityId
  readonly latest: number
  readonly revised?: Revision | undefined
  readonly touched?: ReadonlySet<string> | undefined
}

/** Both, entity by entity the later of what they say. */
export const laterStale = (
  a: ReadonlyMap<string, Stale>,
  b: ReadonlyMap<string, Stale>
): ReadonlyMap<string, Stale> => {
  const both = new Map(a)
  for (const [key, stale] of b) {
    const held = both.get(key)
    const touched =
      held === undefined ? stale.touched : held.touched && stale.touched && new Set([...held.touched, ...stale.touched])
    both.set(key, {
      ...stale,
      touched,
      latest: Math.max(stale.latest, held?.latest ?? 0),
      revised: laterRevision(held?.revised, stale.revised)
    })
  }
  return both
}

/** Entities whose open rows are read and summarised at a time. */
const SUMMARIES_AT_ONCE = 16

/** Parts of an entity that are read at a time. */
const PARTS_AT_ONCE = 8

/** Writers of one summary each read it anew, and each round one of them wins, so this many rounds mean that something else is wrong. */
const MAX_ROUNDS = 40

const sameSummary = (seen: Summary, next: Omit<Summary, "version">): boolean =>
  seen.asOf === next.asOf &&
  seen.revised?.at === next.revised?.at &&
  canonical(seen.columns) === canonical(next.columns)

const sameParts = (a: Parts | undefined, b: Parts | undefined): boolean =>
  (a && canonical(encodeParts(a, 0))) === (b && canonical(encodeParts(b, 0)))

/** An entity whose summary cannot be derived or written. */
export interface RefusedSummary extends Unwritable {
  readonly stale: Stale
}

/** The columns, or why there are none: a column may well be called `reason`. */
const columnsOf = (derive: () => Columns): Result.Result<Columns, Unwritable> =>
  Result.flatMap(tried("summary", derive), (columns) => {
    const problem = columnsProblem(columns)
    return problem === undefined ? Result.succeed(wellFormed(columns) as Columns) : Result.fail(problem)
  })

/** Derives the summaries of entities. Returns how many, and those that cannot be. */
export const summarise = Effect.fnUntraced(function* (all: ReadonlyMap<string, Stale>, of: Of) {
  const store = yield* ProjectionStore
  const refused: Array<RefusedSummary> = []

  /** The rows of parts, or all that are open. */
  const read = Effect.fnUntraced(function* ({ projection, entity }: Stale, names: ReadonlyArray<string>) {
    const rows = yield* Effect.forEach(names, (name) => store.open(projection, entity, name), {
      concurrency: PARTS_AT_ONCE
    })
    return new Map(names.map((name, i) => [name, rows[i] ?? []]))
  })

  const derive = Effect.fnUntraced(function* (stale: Stale) {
    const { projection, entity, latest, revised, touched } = stale
    const { of: summary, join } = of(projection)?.summary ?? {}
    if (summary === undefined) return
    const refuse = ({ reason, detail }: Unwritable) => void refused.push({ stale, reason, detail })
    let first: number | undefined
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const seen = yield* store.summary(projection, entity)
      first ??= seen.version
      const held = join === undefined ? undefined : decodeParts(seen.parts, seen.version)
      const names = partsToRead(held, touched)
      // Parts that nobody touched are as they were when somebody last read them, or whoever touched them since writes after this.
      const [open, some] =
        names === undefined ? [yield* store.open(projection, entity), undefined] : [[], yield* read(stale, names)]
      let parts: Parts | undefined
      const columns = columnsOf(() => {
        if (join === undefined) return summary(open, seen.columns)
        parts =
          held !== undefined && some !== undefined ? withParts(summary, held, some) : partsOfAll(summary, open, held)
        return join(
          [...parts.parts.values()].map((part) => part.columns),
          seen.columns
        )
      })
      if (Result.isFailure(columns)) return refuse(columns.failure)
      const next = {
        columns: columns.success,
        asOf: Math.max(seen.asOf, latest),
        revised: laterRevision(seen.revised, revised),
        ...(parts === undefined ? {} : { parts: encodeParts(parts, seen.version + 1) })
      }
      // After a row was written a summary must be, or whoever read before it could still write; once anybody has, they cannot.
      if (seen.version > first && sameSummary(seen, next) && sameParts(held, parts)) return
      const written = yield* store.summarise(projection, entity, seen, next)
      if (written === "written") return
      if (written !== "conflict") return refuse(written)
    }
    return yield* new StoreError({
      store: "projection store",
      operation: "summarise",
      reason: `still contended after ${MAX_ROUNDS} rounds`,
      retryable: true
    })
  })
  yield* Effect.forEach(all.values(), derive, { concurrency: SUMMARIES_AT_ONCE, discard: true })
  return { summaries: all.size - refused.length, refused }
})
