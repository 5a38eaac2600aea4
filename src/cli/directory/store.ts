import { Effect, Layer } from "effect"
import type { DirectoryKind, StoredEntry } from "../../domain/directory.ts"
import { directory } from "../../store/aws/directory.ts"
import { DynamoDb } from "../../store/aws/dynamodb.ts"
import { Connection } from "../../store/connection.ts"
import { Directory } from "../../store/directory.ts"
import { Screen, usageError } from "../screen.ts"
import type { StackTarget } from "../stack/stack.ts"

/** The directory of a stack. The command puts nothing into it, so what it may keep does not matter. */
const storeOf = ({ outputs, connection }: StackTarget) =>
  directory(outputs.directoryTableName, { holds: "emails", divisions: [] }).pipe(
    Layer.provide(DynamoDb.layer),
    Layer.provide(Layer.succeed(Connection, connection))
  )

/** Runs `work` on the directory of a stack. Fails where an earlier version deployed the stack. */
export const onDirectory = Effect.fnUntraced(function* <A, E, R>(stack: StackTarget, work: Effect.Effect<A, E, R>) {
  if (stack.outputs.directoryTableName === "")
    return yield* usageError(`${stack.name} has no directory of names: deploy this version first, with pulumi up`)
  return yield* Effect.provide(work, Layer.fresh(storeOf(stack)))
})

/** Names by id, as far as they can be had: where they cannot, a note says why and the work goes on. */
export const namesOf = Effect.fnUntraced(function* (
  stack: StackTarget,
  kind: DirectoryKind,
  ids: ReadonlyArray<string>
) {
  if (stack.outputs.directoryTableName === "" || ids.length === 0) return new Map<string, string>()
  const found = yield* Directory.use(({ names }) => names(kind, ids)).pipe(
    Effect.provide(Layer.fresh(storeOf(stack))),
    Effect.catchTag("StoreError", ({ message }) =>
      Screen.useSync(({ note }) => {
        note(`without names: ${message}`)
        return new Map<string, StoredEntry>()
      })
    )
  )
  return new Map([...found].flatMap(([id, { name }]) => (name === undefined ? [] : [[id, name] as const])))
})
