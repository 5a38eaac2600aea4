import type { Agent, AgentDetail, Available, JoinedQueue, Queue } from "./answers.ts"
import type { ReadOptions } from "./options.ts"

/** `Reader` by promises: the same calls, which reject with the same tagged errors. */
export interface Client {
  readonly agent: (id: string, options?: ReadOptions) => Promise<AgentDetail | undefined>
  readonly agents: (ids: ReadonlyArray<string>, options?: ReadOptions) => Promise<ReadonlyArray<Agent | undefined>>
  readonly queue: {
    (id: string, options: ReadOptions & { readonly join: true }): Promise<JoinedQueue | undefined>
    (id: string, options?: ReadOptions & { readonly join?: false }): Promise<Queue | undefined>
  }
  readonly available: (queueId: string, options?: ReadOptions) => Promise<Available | undefined>
  /** Closes the connections. No call may follow. */
  readonly close: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}
