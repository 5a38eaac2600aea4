import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb"
import { Effect, Layer } from "effect"
import { agents } from "../../projections/agents.ts"
import { queues } from "../../projections/queues.ts"
import type { Projection } from "../domain/projection.ts"
import type { Event } from "../genesys/event.ts"
import { readersOf } from "../pipeline/generations.ts"
import type { Item } from "../store/aws/attribute.ts"
import { control } from "../store/aws/control.ts"
import { DynamoDb } from "../store/aws/dynamodb.ts"
import { type RowTable, toReadRow } from "../store/aws/row-item.ts"
import { Connection } from "../store/connection.ts"
import type { ReadRow } from "../store/projection-store.ts"
import { type StateDocument, stateDocument } from "../wallboard/document.ts"
import { makeFollowed } from "../wallboard/followed.ts"
import type { RowChange } from "../wallboard/row-change.ts"
import type { Captured } from "./capture.ts"
import type { Stack } from "./stack.ts"

/** Where the generation is that readers of a projection use. */
const tableOf = async (
  { outputs }: Pick<Captured, "outputs">,
  stack: Pick<Stack, "operator">,
  { name, key }: Pick<Projection<Event>, "name" | "key">
): Promise<RowTable> => {
  const marks = control(String(outputs.controlTableName)).pipe(
    Layer.provide(DynamoDb.layer),
    Layer.provide(Layer.succeed(Connection, stack.operator))
  )
  const generation = await Effect.runPromise(Effect.provide(readersOf(name), marks))
  const tables = outputs.projectionTables as Readonly<Record<string, { readonly name: string }>>
  return { table: tables[generation]?.name ?? "", key }
}

/** The entity and the rows of an item. The document shows columns: what they were derived from need not be read. */
const placed = (where: RowTable, { registers: _, ...item }: Item) => ({
  entity: item[where.key]?.S ?? "",
  rows: toReadRow(where, item)
})

const scan = async (where: RowTable, stack: Pick<Stack, "operator">, take: (item: Item) => void) => {
  const client = new DynamoDBClient({ ...stack.operator, maxAttempts: 5 })
  try {
    for await (const { Items = [] } of paginateScan({ client }, { TableName: where.table }))
      for (const item of Items as ReadonlyArray<Item>) take(item)
  } finally {
    client.destroy()
  }
}

/** Reads the tables that readers use whole, as an operator with the right to scan them would, into one document of agents and queues. */
export const readState = async (
  captured: Pick<Captured, "outputs">,
  stack: Pick<Stack, "operator">
): Promise<StateDocument> => {
  const read = async (projection: typeof agents | typeof queues) => {
    const where = await tableOf(captured, stack, projection)
    const table = new Map<string, Array<ReadRow>>()
    await scan(where, stack, (item) => {
      const { entity, rows } = placed(where, item)
      if (rows.length > 0) table.set(entity, [...(table.get(entity) ?? []), ...rows])
    })
    return table
  }
  return stateDocument(await read(agents), await read(queues))
}

/** What takes the rows of a table: `put` those that it held, `wrote` those that are written. */
interface Follower {
  readonly put: (entity: string, row: ReadRow) => void
  readonly wrote: (entity: string, row: ReadRow) => void
}

/**
 * Follows the table that readers of a projection use, from what it holds on, and another one once readers are led there. What is written
 * while a table is being read is newer than what the reading finds. Returns a function that gives the present follower.
 */
export const followTable = async <F extends Follower>(
  captured: Captured,
  stack: Pick<Stack, "operator" | "dynamodb">,
  projection: Pick<Projection<Event>, "name" | "key">,
  make: () => F
): Promise<() => F> => {
  const open = async () => {
    const where = await tableOf(captured, stack, projection)
    const table = make()
    let written: Set<string> | undefined = new Set()
    const end = stack.dynamodb.onWrite((name, raw) => {
      if (name !== where.table) return
      const { entity, rows } = placed(where, raw as unknown as Item)
      for (const row of rows) {
        written?.add(`${entity}/${row.row}`)
        table.wrote(entity, row)
      }
    })
    await scan(where, stack, (item) => {
      const { entity, rows } = placed(where, item)
      for (const row of rows) if (!written?.has(`${entity}/${row.row}`)) table.put(entity, row)
    })
    // It grows with every row that is written, and only the reading asks it.
    written = undefined
    return { table, end }
  }
  let current = await open()
  const control = String(captured.outputs.controlTableName)
  let turn = Promise.resolve()
  stack.dynamodb.onWrite((name, item) => {
    if (name !== control || (item as unknown as Item).key?.S !== `readers/${projection.name}`) return
    turn = turn.then(async () => {
      const before = current
      current = await open()
      before.end()
    })
  })
  return () => current.table
}

/**
 * Follows the tables that readers use now without reading them again: tables grow with every conversation that was, the view only with
 * those that are. Tombstones are left out, also of `asOf`. Returns a function that gives the present document, in which an agent or queue of
 * which nothing was written is the same value as before. `onChange` hears of every row that is written.
 */
export const followState = async (
  captured: Captured,
  stack: Stack,
  onChange: (change: RowChange) => void = () => {}
): Promise<() => StateDocument> => {
  const [ofAgents, ofQueues] = [
    await followTable(captured, stack, agents, () => makeFollowed("agents", onChange)),
    await followTable(captured, stack, queues, () => makeFollowed("queues", onChange))
  ]
  return () => ({ agents: ofAgents().list(), queues: ofQueues().list() })
}
