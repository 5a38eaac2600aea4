/** Things to come, earliest first; those of one time in the order they were added. */
export interface Agenda<A> {
  readonly add: (time: number, item: A) => void
  /** The time of the earliest; `undefined` when there is none. */
  readonly due: () => number | undefined
  readonly take: () => A | undefined
  readonly size: () => number
}

interface Entry<A> {
  readonly time: number
  readonly order: number
  readonly item: A
}

const before = <A>(a: Entry<A>, b: Entry<A>): boolean => a.time < b.time || (a.time === b.time && a.order < b.order)

/** A binary heap. */
export const makeAgenda = <A>(): Agenda<A> => {
  const heap: Array<Entry<A>> = []
  let added = 0

  const add = (time: number, item: A): void => {
    const entry = { time, order: added++, item }
    let at = heap.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(entry, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = entry
  }

  const take = (): A | undefined => {
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first?.item
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
    return first.item
  }

  return { add, due: () => heap[0]?.time, take, size: () => heap.length }
}
