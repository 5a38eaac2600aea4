import { gzipSync } from "node:zlib"
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb"
import type { Item } from "../../src/store/aws/attribute.ts"
import { lineOf } from "../../src/store/aws/export-format.ts"

/** The objects of a table export, by key, as DynamoDB writes them: data files of so many items, and the manifest that names them. */
export const exportOf = (
  items: ReadonlyArray<Item>,
  itemsPerFile: number,
  prefix = "AWSDynamoDB/01234567890123-abcdef01"
): { readonly manifest: string; readonly objects: ReadonlyMap<string, Buffer> } => {
  const objects = new Map<string, Buffer>()
  const lines: Array<string> = []
  for (let from = 0; from < items.length; from += itemsPerFile) {
    const some = items.slice(from, from + itemsPerFile)
    const dataFileS3Key = `${prefix}/data/${String(from).padStart(8, "0")}.json.gz`
    objects.set(dataFileS3Key, gzipSync(some.map((item) => `${lineOf(item)}\n`).join("")))
    lines.push(JSON.stringify({ itemCount: some.length, md5Checksum: "", etag: "", dataFileS3Key }))
  }
  const manifest = `${prefix}/manifest-files.json`
  objects.set(manifest, Buffer.from(lines.map((line) => `${line}\n`).join("")))
  return { manifest, objects }
}

/** A stack whose event table can be read, as its operator does. */
interface Readable {
  readonly stack: { readonly operator: ConstructorParameters<typeof DynamoDBClient>[0] & object }
  readonly captured: { readonly outputs: Readonly<Record<string, unknown>> }
}

/** What an export of the event table would hold. `during` lets engine time pass until a call is answered. */
export const itemsOf = async (
  { stack, captured }: Readable,
  during: <A>(promise: Promise<A>) => Promise<A | undefined> = (promise) => promise
): Promise<ReadonlyArray<Item>> => {
  const client = new DynamoDBClient({ ...stack.operator, maxAttempts: 1 })
  const TableName = String(captured.outputs.eventTableName)
  const items: Array<Item> = []
  for (let ExclusiveStartKey: Item | undefined; ; ) {
    const page = await during(
      client.send(new ScanCommand({ TableName, ...(ExclusiveStartKey && { ExclusiveStartKey }) }))
    )
    items.push(...((page?.Items ?? []) as ReadonlyArray<Item>))
    if (page?.LastEvaluatedKey === undefined) return items
    ExclusiveStartKey = page.LastEvaluatedKey as Item
  }
}
