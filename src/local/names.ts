import type { EngineClock } from "aws-in-process"
import { Effect, Layer, ManagedRuntime } from "effect"
import { type DirectoryKind, MOST_PAGE_ENTRIES } from "../domain/directory.ts"
import { directory } from "../store/aws/directory.ts"
import { DynamoDb } from "../store/aws/dynamodb.ts"
import { Connection } from "../store/connection.ts"
import { Directory } from "../store/directory.ts"
import { type Names, NO_NAMES } from "../wallboard/names.ts"
import type { Captured } from "./capture.ts"
import type { Stack } from "./stack.ts"

/** How often at most the directory is read while it is written, and how often at least, for an entry that was deleted. */
const SOONEST_MS = 250
const LATEST_MS = 30_000

const readAll = Effect.fnUntraced(function* (kind: DirectoryKind) {
  const { list } = yield* Directory
  const found: Array<readonly [id: string, name: string]> = []
  let cursor: string | undefined
  do {
    const page = yield* list(kind, {}, { limit: MOST_PAGE_ENTRIES, ...(cursor === undefined ? {} : { cursor }) })
    for (const { id, name } of page.entries) if (name !== undefined) found.push([id, name])
    cursor = page.cursor
  } while (cursor !== undefined)
  return found
})

const readNames = Effect.map(
  Effect.forEach(["agents", "queues"] as const, readAll),
  (kinds): Names => new Map(kinds.flat())
)

/**
 * Follows what the directory calls agents and queues, as a service with the policy for readers reads it: soon after it was written, and
 * now and then. `names` gives the same map until something was read anew; a reading that fails leaves it as it is.
 */
export const followNames = (
  { outputs }: Pick<Captured, "outputs">,
  { dynamodb, reader }: Pick<Stack, "dynamodb" | "reader">,
  machine: Pick<EngineClock, "now" | "at">
) => {
  const table = String(outputs.directoryTableName)
  const runtime = ManagedRuntime.make(
    // Nothing is put, so what it may keep does not matter.
    directory(table, { holds: "emails", divisions: [] }).pipe(
      Layer.provide(DynamoDb.layer),
      Layer.provide(Layer.succeed(Connection, reader))
    )
  )
  let names = NO_NAMES
  let isOver = false
  let isReading = false
  let next = { at: Number.POSITIVE_INFINITY, cancel: () => {} }

  const plan = (at: number) => {
    if (isOver || isReading || at >= next.at) return
    next.cancel()
    next = { at, cancel: machine.at(at, read) }
  }
  let wasWritten = false
  const read = () => {
    next = { at: Number.POSITIVE_INFINITY, cancel: () => {} }
    isReading = true
    wasWritten = false
    runtime
      .runPromise(readNames)
      .then((found) => {
        names = found
      })
      .catch(() => {})
      .finally(() => {
        isReading = false
        plan(machine.now() + (wasWritten ? SOONEST_MS : LATEST_MS))
      })
  }
  const end = dynamodb.onWrite((name) => {
    if (name !== table) return
    wasWritten = true
    plan(machine.now() + SOONEST_MS)
  })
  read()
  return {
    names: (): Names => names,
    close: async () => {
      isOver = true
      next.cancel()
      end()
      await runtime.dispose()
    }
  }
}
