import { Effect, Layer } from "effect"
import type { DirectoryEntry, DirectoryKind, DirectoryScope } from "../../../src/domain/directory.ts"
import { directory } from "../../../src/store/aws/directory.ts"
import { DynamoDb } from "../../../src/store/aws/dynamodb.ts"
import { Connection, type ConnectionSettings } from "../../../src/store/connection.ts"
import { Directory } from "../../../src/store/directory.ts"

interface Site {
  readonly captured: { readonly outputs: Readonly<Record<string, unknown>> }
  readonly stack: { readonly operator: ConnectionSettings }
}

/** Fills the directory of a stack as a sweep does, which has come to its end for these kinds. */
export const fillDirectory = (
  { captured, stack }: Site,
  entries: ReadonlyArray<DirectoryEntry>,
  swept: ReadonlyArray<DirectoryKind> = [],
  scope: DirectoryScope = { holds: "emails", divisions: [] }
) =>
  Effect.runPromise(
    Directory.use((held) =>
      Effect.andThen(
        held.put(entries),
        Effect.forEach(swept, (kind) => held.swept(kind, Math.max(...entries.map(({ at }) => at))))
      )
    ).pipe(
      Effect.provide(directory(String(captured.outputs.directoryTableName), scope).pipe(Layer.provide(DynamoDb.layer))),
      Effect.provideService(Connection, stack.operator)
    )
  )
