import { Effect } from "effect"
import { addDelay, type Delays } from "../domain/lateness.ts"
import { isSnapshotTopic } from "../genesys/snapshot.ts"
import { parseTime } from "../genesys/time.ts"
import { EventSource, type SourcedEvent } from "../store/event-source.ts"

/** The store is read in so many parts. Ids are spread over them evenly, so any of them are a fair sample. */
export const PARTS = 1_000

/** Which events count: those that were published from `since` on and before `until`, epoch ms. */
export interface LatenessScope {
  readonly since?: number
  readonly until?: number
}

export interface LatenessReport {
  readonly topics: ReadonlyMap<string, Delays>
  readonly scanned: number
  readonly readUnits: number
}

/** Publication as append takes it; undefined for an event that tells of none, whose arrival stands in. */
const publishedOf = ({ envelope }: SourcedEvent): number | undefined => {
  const { detail, time } = envelope as { readonly detail?: { readonly timestamp?: unknown }; readonly time?: unknown }
  return parseTime(detail?.timestamp) ?? parseTime(time)
}

/**
 * How late events of each topic came, from publication to arrival, in the first `parts` parts of the store out of `PARTS`. Snapshots are left out:
 * they tell since when something is so, and are nobody's delay. `onPage` is told how many parts are read.
 */
export const measureLateness = Effect.fnUntraced(function* <E, R>(
  parts: number,
  { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY }: LatenessScope,
  onPage: (parts: number) => Effect.Effect<void, E, R>
) {
  const source = yield* EventSource
  const topics = new Map<string, Map<number, number>>()
  let [scanned, readUnits] = [0, 0]
  for (let segment = 0; segment < parts; segment++) {
    let cursor: string | undefined
    do {
      const page = yield* source.page({ segment, segments: PARTS, ...(cursor === undefined ? {} : { cursor }) })
      for (const event of page.events) {
        const published = publishedOf(event)
        if (published === undefined || published < since || published >= until || isSnapshotTopic(event.topic)) continue
        const delays = topics.get(event.topic) ?? new Map<number, number>()
        topics.set(event.topic, delays)
        addDelay(delays, event.received - published)
      }
      scanned += page.events.length + page.unreadable.length
      readUnits += page.readUnits
      cursor = page.cursor
    } while (cursor !== undefined)
    yield* onPage(segment + 1)
  }
  return { topics, scanned, readUnits } satisfies LatenessReport as LatenessReport
})
