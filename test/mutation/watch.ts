import { Worker } from "node:worker_threads"
import { cpuNow } from "./failure.ts"

/** The mutant that is tried, or 0, and the CPU ms of the process at which it is taken for one that never ends. */
export type Tried = Float64Array<SharedArrayBuffer>

/** What the thread is told when it starts. `everyMs`: from one look at the process to the next. */
export interface Watch {
  readonly room: string
  readonly tried: Tried
  readonly everyMs: number
}

/**
 * A thread that ends the process when a mutant keeps it busy for ever, in a loop that lets nothing else of it run. It counts what the
 * process works, not the time, and looks at that every `everyMs`.
 */
export const watched = (room: string, everyMs = 1_000) => {
  const tried: Tried = new Float64Array(new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT))
  new Worker(new URL("./watcher.ts", import.meta.url), { workerData: { room, tried, everyMs } satisfies Watch }).unref()
  return {
    begin: (id: number, cpuMs: number) => {
      tried[1] = cpuNow() + cpuMs
      tried[0] = id
    },
    end: () => {
      tried[0] = 0
    }
  }
}
