import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb"
import { Effect, Layer } from "effect"
import { agents } from "../../projections/agents.ts"
import { queues } from "../../projections/queues.ts"
import { readersOf } from "../pipeline/generations.ts"
import type { Item } from "../store/aws/attribute.ts"
import { control } from "../store/aws/control.ts"
import { DynamoDb } from "../store/aws/dynamodb.ts"
import { type RowTable, toReadRow } from "../store/aws/row-item.ts"
import { Connection } from "../store/connection.ts"
import type { ReadRow } from "../store/projection-store.ts"
import type { Captured } from "./capture.ts"
import { stateDocument } from "./document.ts"
import type { Stack } from "./stack.ts"

/** Agents and queues as the tables hold them. */
export type StateDocument = ReturnType<typeof stateDocument>

/** The rows of one table by entity and row. */
type Rows = Map<string, Map<string, ReadRow>>

/** Where the generation is that readers of a projection use. */
const tableOf = async (
  { outputs }: Captured,
  stack: Stack,
  { name, key }: typeof agents | typeof queues
): Promise<RowTable> => {
  const marks = control(String(outputs.controlTableName)).pipe(
    Layer.provide(DynamoDb.layer),
    Layer.provide(Layer.succeed(Connection, stack.operator))
  )
  const generation = await Effect.runPromise(Effect.provide(readersOf(name), marks))
  const tables = outputs.projectionTables as Readonly<Record<string, { readonly name: string }>>
  return { table: tables[generation]?.name ?? "", key }
}

const take = (rows: Rows, where: RowTable, item: Item, keeps: (row: ReadRow) => boolean) => {
  const entity = item[where.key]?.S ?? ""
  // The document shows columns: what they were derived from need not be read.
  const { registers: _, ...shown } = item
  for (const row of toReadRow(where, shown)) {
    const held = rows.get(entity) ?? new Map<string, ReadRow>()
    rows.set(entity, held)
    if (keeps(row)) held.set(row.row, row)
    else held.delete(row.row)
  }
}

const documentOf = (rows: { readonly agents: Rows; readonly queues: Rows }): StateDocument => {
  const plain = (table: Rows) =>
    new Map([...table].flatMap(([entity, held]) => (held.size === 0 ? [] : [[entity, [...held.values()]] as const])))
  return stateDocument(plain(rows.agents), plain(rows.queues))
}

const scanInto = async (rows: Rows, where: RowTable, stack: Stack, keeps: (row: ReadRow) => boolean) => {
  const client = new DynamoDBClient({ ...stack.operator, maxAttempts: 5 })
  try {
    for await (const { Items = [] } of paginateScan({ client }, { TableName: where.table }))
      for (const item of Items as ReadonlyArray<Item>) take(rows, where, item, keeps)
  } finally {
    client.destroy()
  }
}

/** Reads the tables that readers use whole, as an operator with the right to scan them would, into one document of agents and queues. */
export const readState = async (captured: Captured, stack: Stack): Promise<StateDocument> => {
  const rows = { agents: new Map(), queues: new Map() }
  await scanInto(rows.agents, await tableOf(captured, stack, agents), stack, () => true)
  await scanInto(rows.queues, await tableOf(captured, stack, queues), stack, () => true)
  return documentOf(rows)
}

/**
 * Follows the tables that readers use now from what they hold on, without reading them again: tables grow with every conversation that was,
 * the view only with those that are. Tombstones are left out, also of `asOf`. Answers a function that gives the present document.
 */
export const followState = async (captured: Captured, stack: Stack): Promise<() => StateDocument> => {
  const rows = { agents: new Map(), queues: new Map() }
  const isOpen = ({ expiresAt }: ReadRow) => expiresAt === undefined
  const followed = [
    [rows.agents, await tableOf(captured, stack, agents)],
    [rows.queues, await tableOf(captured, stack, queues)]
  ] as const
  // Nothing is fed yet, so that nothing can be written between the scan and the first word of a write.
  for (const [table, where] of followed) await scanInto(table, where, stack, isOpen)
  stack.dynamodb.onWrite((name, item) => {
    for (const [table, where] of followed) if (where.table === name) take(table, where, item as unknown as Item, isOpen)
  })
  return () => documentOf(rows)
}
