import { Clock, Effect, Semaphore } from "effect"
import { AGENTS, QUEUES, type ReadContext, type Source } from "./source.ts"

type Reading = ReturnType<Source["context"]>

/** What a reader remembers of the control table: of agents, of queues, and of each other projection that it was asked for by name. */
export interface Remembered {
  /** Read by an earlier call, at most as long ago as is remembered, or now. */
  readonly now: (name?: string) => Reading
  /** Read after those: by another call meanwhile, or now. */
  readonly after: (held: ReadContext, name?: string) => Reading
}

/**
 * Reads the read context once for all concurrent calls, and keeps it for `forMs`. A failure is not kept. A name without an active
 * generation is kept only as long as the read context that lacks it.
 */
export const remember = (read: Source["context"], forMs: number): Effect.Effect<Remembered> =>
  Effect.map(Semaphore.make(1), (gate) => {
    let last: ReadContext | undefined
    const unless = (name: string, good: (held: ReadContext, now: number) => boolean) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        if (last?.asked.has(name) && good(last, now)) return last
        const known = new Set([AGENTS.name, QUEUES.name, ...(last?.generations.keys() ?? [])])
        known.delete(name)
        last = yield* read([name, ...known])
        return last
      })
    const fresh = (held: ReadContext, now: number) => now - held.at < forMs && now >= held.at
    return {
      now: Effect.fnUntraced(function* (name = AGENTS.name) {
        const now = yield* Clock.currentTimeMillis
        return last?.asked.has(name) && fresh(last, now) ? last : yield* gate.withPermits(1)(unless(name, fresh))
      }),
      after: (held, name = AGENTS.name) => gate.withPermits(1)(unless(name, (other) => other !== held))
    }
  })
