import { effectClock, type VirtualClock, virtualClock } from "aws-in-process/clock"
import { Context, Effect, Layer } from "effect"
import type { Delta } from "../../src/domain/delta.ts"
import { type Derivation, derivedName } from "../../src/domain/derivation.ts"
import { foldEvent } from "../../src/domain/fold-event.ts"
import { canonical } from "../../src/domain/json.ts"
import { generation, mergeRow, type Projection, STATE_ROW } from "../../src/domain/projection.ts"
import { emptyRow, encodeRow, type Register, type Row } from "../../src/domain/row.ts"
import type { Window } from "../../src/domain/settle.ts"
import { compareStamps } from "../../src/domain/stamp.ts"
import type { Event } from "../../src/genesys/event.ts"
import { linesTo } from "../../src/lambda/lines.ts"
import { type Arrival, appendBatch } from "../../src/pipeline/append.ts"
import { Projections, SettleWindow } from "../../src/pipeline/folding.ts"
import { liveProjectionsLayer } from "../../src/pipeline/live-projections.ts"
import { projectMessages } from "../../src/pipeline/project-messages.ts"
import { EntityIndex } from "../../src/store/entity-index.ts"
import { EventStore, type StoredEvent } from "../../src/store/event-store.ts"
import { memoryControl } from "../../src/store/memory/control.ts"
import { memoryEntityIndex } from "../../src/store/memory/entity-index.ts"
import { memoryEventStore } from "../../src/store/memory/event-store.ts"
import { memoryParked } from "../../src/store/memory/parked.ts"
import { memoryProjectionStore } from "../../src/store/memory/projection-store.ts"
import { memoryQuarantine } from "../../src/store/memory/quarantine.ts"
import { memorySettleQueue } from "../../src/store/memory/settle-queue.ts"
import { Parked } from "../../src/store/parked.ts"
import { ProjectionStore, type ReadRow } from "../../src/store/projection-store.ts"
import { Quarantine } from "../../src/store/quarantine.ts"
import { SettleQueue } from "../../src/store/settle-queue.ts"
import { decoded } from "../store/events.ts"
import { delivered as folded } from "./delivered.ts"
import { START } from "./history.ts"

export const WINDOW: Window = { settle: 5_000, skew: 300_000 }

/** What a test puts around the ports. */
export interface Wraps {
  /** The generations that are folded, in place of those of `projections/index.ts`. */
  readonly projections?: ReadonlyArray<Projection<Event>>
  readonly events?: (inner: EventStore["Service"]) => EventStore["Service"]
  readonly rows?: (inner: ProjectionStore["Service"]) => ProjectionStore["Service"]
  readonly queue?: (inner: SettleQueue["Service"]) => SettleQueue["Service"]
  readonly quarantine?: (inner: Quarantine["Service"]) => Quarantine["Service"]
  readonly parked?: (inner: Parked["Service"]) => Parked["Service"]
  /** Absent: there is no index by entity. */
  readonly index?: (inner: EntityIndex["Service"]) => EntityIndex["Service"]
}

const same = <A>(a: A): A => a

/**
 * The core on stores in memory, with a clock that stands until it is moved, and every line that is logged. `deliver` and `settle`
 * are one invocation of append and of project.
 */
export const makeCore = (wraps: Wraps = {}, clock: VirtualClock = virtualClock(START)) => {
  const stores = {
    events: memoryEventStore(),
    rows: memoryProjectionStore(),
    queue: memorySettleQueue(),
    quarantine: memoryQuarantine(),
    parked: memoryParked(),
    index: memoryEntityIndex(),
    control: memoryControl()
  }
  const lines: Array<string> = []
  const received = new Set<string>()
  const written = new Map<string, readonly [projection: string, entity: string]>()
  const noting = (inner: ProjectionStore["Service"]): ProjectionStore["Service"] => ({
    ...inner,
    save: (writes) => {
      for (const { projection, entity } of writes) written.set(`${projection} ${entity}`, [projection, entity])
      return inner.save(writes)
    }
  })
  const base = Layer.mergeAll(
    stores.events.layer,
    stores.events.source,
    stores.rows.layer,
    stores.queue.layer,
    stores.quarantine.layer,
    stores.parked.layer,
    Layer.provideMerge(liveProjectionsLayer, stores.control.layer),
    Layer.succeed(Projections, wraps.projections ?? folded),
    Layer.succeed(SettleWindow, WINDOW),
    effectClock(clock),
    linesTo((line) => lines.push(line))
  )
  const wrapped = Layer.effectContext(
    Effect.gen(function* () {
      const { events = same, rows = same, queue = same, quarantine = same, parked = same } = wraps
      return Context.empty().pipe(
        Context.add(EventStore, events(yield* EventStore)),
        Context.add(ProjectionStore, rows(noting(yield* ProjectionStore))),
        Context.add(SettleQueue, queue(yield* SettleQueue)),
        Context.add(Quarantine, quarantine(yield* Quarantine)),
        Context.add(Parked, parked(yield* Parked))
      )
    })
  )
  const layer = Layer.provideMerge(wrapped, base)
  const { index } = wraps
  const indexed =
    index === undefined
      ? Layer.empty
      : Layer.effect(EntityIndex, Effect.map(EntityIndex, index)).pipe(Layer.provide(stores.index.layer))
  const run = <A, E>(effect: Effect.Effect<A, E, Layer.Success<typeof layer>>) =>
    Effect.runPromise(effect.pipe(Effect.provide(indexed), Effect.provide(layer, { local: true })))

  return {
    ...stores,
    clock,
    lines,
    run,
    deliver: (arrivals: ReadonlyArray<Arrival>) => run(appendBatch(arrivals)),
    /** As the function does: what comes again may have been left half done. */
    settle: (bodies: ReadonlyArray<string>) => {
      const again = bodies.some((body) => received.has(body))
      for (const body of bodies) received.add(body)
      return run(projectMessages(bodies, again))
    },
    /** Every row of every entity that was ever written. */
    dump: () =>
      dumpOf(
        [...written.values()].flatMap(([projection, entity]) =>
          stores.rows.rows(projection, entity).map((row) => ({ projection, entity, ...row }))
        )
      )
  }
}

export type Core = ReturnType<typeof makeCore>

type Dumped = Pick<ReadRow, "row" | "columns" | "registers" | "asOf"> & {
  readonly projection: string
  readonly entity: string
}

/** Rows as sorted text: what they mean, and neither version, ticket nor expiry, which count how often and when they were written. */
export const dumpOf = (rows: ReadonlyArray<Dumped>): ReadonlyArray<string> =>
  rows
    .map(
      ({ projection, entity, row, registers, columns, asOf }) =>
        `${projection} ${entity} ${row} ${encodeRow(registers)} ${canonical(columns)} ${asOf}`
    )
    .sort()

/** All deltas of stored events that can be written, by their first arrival. */
export const deltasOf = (
  stored: ReadonlyMap<string, StoredEvent>,
  projections: ReadonlyArray<Projection<Event>> = folded
): ReadonlyArray<Delta> =>
  [...stored.values()].flatMap(({ envelope, received }) => [
    ...foldEvent(projections, decoded(envelope, received), WINDOW).deltas
  ])

const textOf = (register: Register | undefined): string =>
  register === undefined ? "" : `${canonical(register.value)} ${canonical({ ...register.stamp })}`

/** Of the generations of a source that a derivation understands the oldest; a generation that derives from itself has no other. */
const sourceOf = (
  target: Projection<Event>,
  { from, since = 1 }: Derivation,
  projections: ReadonlyArray<Projection<Event>>
): ReadonlyArray<Projection<Event>> =>
  from === target.name
    ? [target]
    : projections
        .filter(({ name, version }) => name === from && version >= since)
        .sort((a, b) => a.version - b.version)
        .slice(0, 1)

/** The naive model: all updates of all stored events in the order of their stamps, each setting its register. */
export const modelOf = (
  stored: ReadonlyMap<string, StoredEvent>,
  projections: ReadonlyArray<Projection<Event>> = folded
): ReadonlyArray<string> => {
  const tables = new Map<string, Map<string, Map<string, Map<string, Register>>>>()
  const inside = <V>(map: Map<string, V>, key: string, make: () => V): V => {
    const found = map.get(key) ?? make()
    map.set(key, found)
    return found
  }
  for (const delta of [...deltasOf(stored, projections)].sort((a, b) => compareStamps(a.stamp, b.stamp))) {
    const entities = inside(tables, delta.projection, () => new Map())
    const rows = inside(entities, delta.entity, () => new Map())
    inside(rows, delta.row, () => new Map()).set(delta.register, { value: delta.value, stamp: delta.stamp })
  }
  for (const projection of projections)
    for (const rows of tables.get(generation(projection))?.values() ?? [])
      for (const [row, registers] of rows) rows.set(row, new Map(mergeRow(projection, row, emptyRow, registers)))
  const tableOf = (projection: Projection<Event>) => inside(tables, generation(projection), () => new Map())
  // Until nothing follows any more: what derives from rows may be derived from.
  for (let changed = true; changed; ) {
    changed = false
    for (const target of projections)
      for (const derivation of target.derived ?? [])
        for (const source of sourceOf(target, derivation, projections))
          for (const [entity, held] of tableOf(source))
            for (const derived of derivation.rows(entity, held)) {
              const name = derivedName(derivation, entity)
              const own = tableOf(target).get(derived.entity)?.get(derived.row)
              const next = derived.of(own ?? emptyRow)
              if (textOf(own?.get(name)) === textOf(next)) continue
              changed = true
              const entities = inside(tableOf(target), derived.entity, () => new Map())
              const row = inside(entities, derived.row, () => new Map())
              if (next === undefined) row.delete(name)
              else row.set(name, next)
            }
  }
  const dumped: Array<Dumped> = []
  for (const projection of projections) {
    const name = generation(projection)
    for (const [entity, held] of tables.get(name) ?? []) {
      const rows = [...held].map(([row, registers]: readonly [string, Row]) => ({
        row,
        registers,
        columns: projection.view(row, registers),
        asOf: Math.max(0, ...[...registers].flatMap(([name, { stamp }]) => (/^[~@]/.test(name) ? [] : [stamp.clock])))
      }))
      dumped.push(...rows.map((row) => ({ projection: name, entity, ...row })))
      const { summary } = projection
      const read = rows.filter(({ row }) => summary?.reads(row))
      if (summary?.of === undefined || read.length === 0) continue
      const asOf = Math.max(...read.map((row) => row.asOf))
      const open = read.filter(
        ({ row, registers }) => !projection.closed(row, registers) || summary.remembers?.(row, registers)
      )
      const columns = summary.of(open, {})
      dumped.push({ projection: name, entity, row: STATE_ROW, registers: new Map(), columns, asOf })
    }
  }
  return dumpOf(dumped)
}
