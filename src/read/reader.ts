import { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import { Context, Effect, Layer } from "effect"
import { makeReader } from "./answer.ts"
import type { Calls } from "./calls.ts"
import { type Fixture, memory } from "./memory.ts"
import type { ReaderOptions } from "./options.ts"
import { type Settings, settingsOf } from "./settings.ts"
import { tables } from "./tables.ts"

/** What agents and queues are doing, from the tables of one stack. */
export class Reader extends Context.Service<Reader, Calls>()("projections/Reader") {
  /** Reads the tables of a deployed stack, or those of `npm start`, and needs nothing else. Fails with `BadOption` for options that cannot be. */
  static readonly layer = (options: ReaderOptions) =>
    Layer.effect(
      Reader,
      Effect.gen(function* () {
        const settings = yield* settingsOf(options)
        const dynamo = yield* Effect.acquireRelease(
          Effect.sync(() => new DynamoDBClient(clientOf(options, settings))),
          (made) => Effect.sync(() => made.destroy())
        )
        return yield* makeReader(tables(dynamo, settings.prefix), settings)
      })
    )

  /** The same calls over what `fixture` says, for tests: the same answers, ages and errors, and no table. */
  static readonly memory = (fixture: Fixture = {}) =>
    Layer.effect(
      Reader,
      Effect.flatMap(settingsOf({ prefix: "memory", remember: 0 }), (settings) => makeReader(memory(fixture), settings))
    )
}

/** One attempt a call, because the retries are ours, and so short that they fit into the time of a call. */
const clientOf = ({ region, endpoint, credentials, requestHandler }: ReaderOptions, { timeoutMs }: Settings) => ({
  maxAttempts: 1,
  requestHandler: requestHandler ?? {
    connectionTimeout: timeoutMs / 4,
    requestTimeout: timeoutMs / 4,
    throwOnRequestTimeout: true
  },
  ...(region === undefined ? {} : { region }),
  ...(endpoint === undefined ? {} : { endpoint }),
  ...(credentials === undefined ? {} : { credentials })
})
