import { Clock, Effect, Layer } from "effect"
import { type DeadLetter, DeadLetters, type Source } from "../dead-letters.ts"

interface Held extends Omit<DeadLetter, "receipt"> {
  readonly id: number
  visible: number
  receives: number
}

/** Dead letters in memory. `add` gives one up; `waiting` looks inside. Times are epoch ms. */
export const memoryDeadLetters = () => {
  const queues: Readonly<Record<Source, Map<number, Held>>> = { rule: new Map(), settle: new Map() }
  let ids = 0

  const layer = Layer.succeed(DeadLetters, {
    receive: (source, most, hiddenSeconds) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const ready = [...queues[source].values()].filter(({ visible }) => visible <= now).slice(0, most)
        return ready.map((held): DeadLetter => {
          held.receives++
          held.visible = now + hiddenSeconds * 1_000
          const { id, visible: _, ...letter } = held
          return { ...letter, receipt: `${id}/${held.receives}` }
        })
      }),
    remove: (source, receipts) =>
      Effect.sync(() => {
        for (const receipt of receipts) {
          const [id, receives] = receipt.split("/").map(Number)
          // Only the latest receipt deletes, as SQS has it.
          if (queues[source].get(id ?? -1)?.receives === receives) queues[source].delete(id ?? -1)
        }
        return new Set<string>()
      })
  })

  const add = (
    source: Source,
    body: string,
    sent: number,
    more: Partial<Pick<DeadLetter, "attempts" | "cause">> = {}
  ) => {
    const id = ids++
    queues[source].set(id, { id, body, sent, visible: sent, receives: 0, attempts: 0, ...more })
  }

  return {
    layer,
    add,
    waiting: (source: Source): ReadonlyArray<Omit<DeadLetter, "receipt">> => [...queues[source].values()]
  }
}
