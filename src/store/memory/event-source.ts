import type { EventPage, PageRequest } from "../event-source.ts"
import type { StoredEvent } from "../event-store.ts"

/** Items that a page looks at, whichever segment they are of: so there are empty ones, as DynamoDB has them. */
const PAGE = 100

/** Which segment an id is of. */
const segmentOf = (id: string, segments: number): number => {
  let hash = 0
  for (let i = 0; i < id.length; i++) hash = (Math.imul(hash, 31) + id.charCodeAt(i)) >>> 0
  return hash % segments
}

/** A page of what is stored: `ids` in the order of their insertion, which never changes. Of some nothing may be left to `read`. */
export const memoryPage = (
  ids: ReadonlyArray<string>,
  read: (id: string) => StoredEvent | undefined,
  { segment, segments, cursor, topics, limit = PAGE }: PageRequest
): EventPage => {
  const from = cursor === undefined ? 0 : Number(cursor)
  const to = from + Math.min(limit, PAGE)
  const found = ids
    .slice(from, to)
    .filter((id) => segmentOf(id, segments) === segment)
    .flatMap((id) => {
      const stored = read(id)
      return stored === undefined ? [] : [{ id, topic: String(stored.envelope["detail-type"]), ...stored }]
    })
  const events = found.filter(({ topic }) => topics?.has(topic) ?? true)
  const skipped = found.length - events.length
  return { events, unreadable: [], skipped, readUnits: 0, ...(to < ids.length ? { cursor: String(to) } : {}) }
}
