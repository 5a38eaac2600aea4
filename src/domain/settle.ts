import type { Delta } from "./delta.ts"

/** W and the skew bound, both in milliseconds. */
export interface Window {
  readonly settle: number
  readonly skew: number
}

/** When an update may be seen: its event time plus W. The skew rule bounds the clock, so never more than W + skew after arrival. */
export const dueAt = (clock: number, window: Window): number => clock + window.settle

/** An event is late when it arrives more than W after it was published. */
export const isLate = (published: number, received: number, window: Window): boolean =>
  received - published > window.settle

/**
 * Deltas that one delayed message carries. `due` is epoch ms, the greatest due time among them. `through`, where it carries on a
 * heartbeat and no deltas: the event time (epoch ms) up to which all that came in time was sent before it.
 */
export interface Settlement {
  readonly due: number
  readonly deltas: ReadonlyArray<Delta>
  readonly through?: number
}

/** What carries on a heartbeat. What happened up to W before it was due when it was sent, and had come by then unless it was late. */
export const settlementOf = (heartbeat: number, window: Window): Settlement => ({
  due: heartbeat,
  deltas: [],
  through: heartbeat - window.settle
})

/** Delays are whole seconds, so this is the finest that a message can be timed. */
const SLOT_MS = 1_000

/**
 * Groups deltas for delayed messages by the whole second, from `now`, after which they are due: no delta waits more than a second
 * longer than it must, and a clock that runs ahead holds back no neighbour. What is due already is one group. A group is cut when
 * `size` (bytes of a delta in the message) would exceed `maxBytes`.
 */
export const planSettlements = (
  deltas: ReadonlyArray<Delta>,
  now: number,
  window: Window,
  size: (delta: Delta) => number,
  maxBytes: number
): ReadonlyArray<Settlement> => {
  const groups = new Map<number, Array<{ due: number; bytes: number; deltas: Array<Delta> }>>()
  for (const delta of deltas) {
    const due = dueAt(delta.stamp.clock, window)
    const slot = Math.max(0, Math.ceil((due - now) / SLOT_MS))
    const bytes = size(delta)
    const cuts = groups.get(slot) ?? []
    if (cuts.length === 0) groups.set(slot, cuts)
    const last = cuts.at(-1)
    if (last === undefined || last.bytes + bytes > maxBytes) cuts.push({ due, bytes, deltas: [delta] })
    else {
      last.due = Math.max(last.due, due)
      last.bytes += bytes
      last.deltas.push(delta)
    }
  }
  return [...groups.values()].flat().map(({ due, deltas }) => ({ due, deltas }))
}
