interface Timer {
  readonly time: number
  /** Order of setting, so that tasks of one instant run in it. */
  readonly order: number
  readonly task: () => void
  /** Place in the heap; -1 once it has left. */
  index: number
}

const before = (a: Timer, b: Timer) => a.time < b.time || (a.time === b.time && a.order < b.order)

/** Tasks by time: a binary heap that also removes from the middle, since most timers of an engine are cancelled. */
export interface Timers {
  readonly set: (time: number, task: () => void) => () => void
  /** The earliest time; undefined when empty. */
  readonly next: () => number | undefined
  /** Removes and returns the earliest task that is due at `now`. */
  readonly takeDue: (now: number) => (() => void) | undefined
  readonly size: () => number
}

export const makeTimers = (): Timers => {
  const heap: Array<Timer> = []
  let order = 0

  const place = (timer: Timer, index: number) => {
    heap[index] = timer
    timer.index = index
  }
  const up = (timer: Timer, from: number) => {
    let index = from
    while (index > 0) {
      const parent = (index - 1) >>> 1
      if (!before(timer, heap[parent]!)) break
      place(heap[parent]!, index)
      index = parent
    }
    place(timer, index)
  }
  const down = (timer: Timer, from: number) => {
    let index = from
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, timer)) break
      place(heap[child]!, index)
      index = child
    }
    place(timer, index)
  }
  const remove = (timer: Timer) => {
    const { index } = timer
    if (index < 0) return
    timer.index = -1
    const last = heap.pop()!
    if (last === timer) return
    if (index > 0 && before(last, heap[(index - 1) >>> 1]!)) up(last, index)
    else down(last, index)
  }

  return {
    set: (time, task) => {
      const timer: Timer = { time, order: order++, task, index: -1 }
      heap.push(timer)
      up(timer, heap.length - 1)
      return () => remove(timer)
    },
    next: () => heap[0]?.time,
    takeDue: (now) => {
      const first = heap[0]
      if (first === undefined || first.time > now) return undefined
      remove(first)
      return first.task
    },
    size: () => heap.length
  }
}
