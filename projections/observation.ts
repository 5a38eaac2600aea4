import type { Update } from "../src/domain/delta.ts"
import type { Json } from "../src/domain/json.ts"
import type { Columns } from "../src/domain/projection.ts"
import type { Register, Row } from "../src/domain/row.ts"
import { iso } from "../src/domain/stamp.ts"
import type { Facet, Interval } from "../src/genesys/event.ts"

const OBSERVATION = "observation#"

/** A register of each metric of a medium, or of each qualifier of a metric. No word of Genesys can be taken for a timer or for what follows. */
const STATS = "stats."

interface Observed {
  readonly interval?: Interval
  readonly stats: { readonly [stat: string]: number }
}

/**
 * The metrics of a medium share a row, and so do the qualifiers of a metric: an event reports several of them at once, and a row for each
 * would be a write unit for each.
 */
export const observed = (facet: Extract<Facet, { readonly facet: "observation" }>): Update => {
  const { queueId: entity, media, metric, qualifier, interval, value: stats, clock } = facet
  return {
    entity,
    row: OBSERVATION + media + (qualifier === undefined ? "" : `#${metric}`),
    register: STATS + (qualifier ?? metric),
    value: { ...(interval === undefined ? {} : { interval: { ...interval } }), stats: { ...stats } },
    clock
  }
}

/** An object whose names are in one order, as a stored row gives them, whatever order an event had them in. */
export const inOrder = <A>(entries: Iterable<readonly [string, A]>): { readonly [name: string]: A } =>
  Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))

const columnsOf = ({ value, stamp }: Register): Json => {
  const { interval, stats } = value as unknown as Observed
  return {
    ...(interval === undefined ? {} : { interval: { from: iso(interval.start), to: iso(interval.end) } }),
    stats: inOrder(Object.entries(stats)),
    at: iso(stamp.clock)
  }
}

export const observationColumns = (row: string, registers: Row): Columns => {
  const [media, ...metric] = row.slice(OBSERVATION.length).split("#") as [string, ...ReadonlyArray<string>]
  const all = inOrder([...registers].map(([name, one]) => [name.slice(STATS.length), columnsOf(one)]))
  return metric.length === 0 ? { media, metrics: all } : { media, metric: metric.join("#"), qualifiers: all }
}
