import { DynamoDBClient } from "@aws-sdk/client-dynamodb"
import { Context, Effect, Layer } from "effect"
import { GenesysApi } from "../genesys-api/api.ts"
import { genesysMemory } from "../genesys-api/memory.ts"
import type { SecretAccess } from "../genesys-api/secret.ts"
import { makeReader } from "./answer.ts"
import type { Calls } from "./calls.ts"
import { makeCritical } from "./critical-calls.ts"
import { type Fixture, memory } from "./memory.ts"
import type { ReaderOptions } from "./options.ts"
import { type Settings, settingsOf } from "./settings.ts"
import type { Source } from "./source.ts"
import { tables } from "./tables.ts"

/** Reads what agents and queues are doing, and the rows of any other projection, from the tables of one stack. */
export class Reader extends Context.Service<Reader, Calls>()("projections/Reader") {
  /** Reads the tables of a deployed stack, or those of `npm start`. Fails with `BadOption` for an option that cannot be used. */
  static readonly layer = (options: ReaderOptions) =>
    Layer.effect(
      Reader,
      Effect.gen(function* () {
        const settings = yield* settingsOf(options)
        const dynamo = yield* Effect.acquireRelease(
          Effect.sync(() => new DynamoDBClient(clientOf(options, settings))),
          (made) => Effect.sync(() => made.destroy())
        )
        return yield* makeCalls(tables(dynamo, settings.prefix), settings, accessOf(options))
      })
    )

  /** Serves the same calls from a fixture, for tests, with the same ages and errors and without a table. */
  static readonly memory = (fixture: Fixture = {}) =>
    Layer.effect(
      Reader,
      Effect.flatMap(settingsOf({ prefix: "memory", remember: 0 }), (settings) => {
        const calls = makeCalls(memory(fixture), settings, {})
        const { genesys } = fixture
        return genesys === undefined ? calls : Effect.provideService(calls, GenesysApi, genesysMemory(genesys))
      })
    )
}

const makeCalls = Effect.fnUntraced(function* (source: Source, settings: Settings, access: SecretAccess) {
  const reader = yield* makeReader(source, settings)
  // Any age: what is not the newest loses by its clock.
  const newest = { consistent: true, names: false, maxAge: Number.POSITIVE_INFINITY }
  const critical = yield* makeCritical({
    genesys: settings.genesys,
    access,
    projected: (agentId) => Effect.map(reader.agents([agentId], newest), ([agent]) => agent)
  })
  return { ...reader, critical } satisfies Calls
})

/** Secrets are in the same account, but not where `endpoint` says that the tables are. */
const accessOf = ({ region, credentials }: ReaderOptions): SecretAccess => ({
  ...(region === undefined ? {} : { region }),
  ...(credentials === undefined ? {} : { credentials })
})

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
