import { Context, type Effect } from "effect"
import type { StoreError } from "./store-error.ts"

/** Whose dead letters: those of the rule that feeds the stream, or of the settle queue. */
export type Source = "rule" | "settle"

/**
 * A message that was given up. `receipt` deletes it. `sent`: when it came to be, epoch ms, which stays the same however often it is
 * received. `receives` counts that, in all queues that it was in. `attempts`: how often its content was brought back before.
 * `cause`: what the service that gave it up calls the reason.
 */
export interface DeadLetter {
  readonly receipt: string
  readonly body: string
  readonly sent: number
  readonly receives: number
  readonly attempts: number
  readonly cause?: string
}

/**
 * Messages that were given up. `receive` returns up to `most`, fewer when they are large, none when there are none, and hides them
 * for `hiddenSeconds`. `remove` returns the receipts of those that could not be deleted and will come back.
 */
export class DeadLetters extends Context.Service<
  DeadLetters,
  {
    readonly receive: (
      source: Source,
      most: number,
      hiddenSeconds: number
    ) => Effect.Effect<ReadonlyArray<DeadLetter>, StoreError>
    readonly remove: (source: Source, receipts: ReadonlyArray<string>) => Effect.Effect<ReadonlySet<string>>
  }
>()("projections/DeadLetters") {}

/** The message attribute that counts how often the content of a message was brought back. */
export const ATTEMPTS_ATTRIBUTE = "REDRIVE_ATTEMPTS"
