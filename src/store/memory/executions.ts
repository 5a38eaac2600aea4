import { Clock, Effect, Layer } from "effect"
import { type Execution, Executions } from "../executions.ts"

/** Executions in memory, which go on until `end` is told how they have ended. */
export const memoryExecutions = () => {
  const held = new Map<string, Execution & { readonly input: string }>()
  const layer = Layer.succeed(Executions, {
    start: (name, input) =>
      Effect.map(Clock.currentTimeMillis, (startedAt) => {
        const found = held.get(name)
        if (found !== undefined) return found.status === "running" && found.input === input ? "started" : "taken"
        held.set(name, { status: "running", startedAt, input })
        return "started"
      }),
    status: (name) =>
      Effect.sync(() => {
        const { input: _, ...execution } = held.get(name) ?? {}
        return "status" in execution ? execution : undefined
      })
  })
  return {
    layer,
    end: (name: string, how: Omit<Execution, "startedAt">): void => {
      const found = held.get(name)
      if (found === undefined) throw new Error(`no execution ${name}`)
      held.set(name, { ...found, ...how })
    }
  }
}
