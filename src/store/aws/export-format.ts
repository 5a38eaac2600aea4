import type { AttributeValue } from "@aws-sdk/client-dynamodb"
import type { Item } from "./attribute.ts"

/** A data file as a manifest names it: gzipped, an item in DynamoDB's JSON a line. */
export interface DataFile {
  readonly key: string
  readonly items: number
}

interface ManifestLine {
  readonly dataFileS3Key: string
  readonly itemCount: number
}

/** The data files of `manifest-files.json`, which has one of them a line. Throws where it is no manifest. */
export const parseManifest = (text: string): ReadonlyArray<DataFile> =>
  text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const { dataFileS3Key: key, itemCount: items } = JSON.parse(line) as ManifestLine
      if (typeof key !== "string" || !Number.isInteger(items)) throw new Error("not a line of a manifest")
      return { key, items }
    })

/** An item from its line. Throws where it is none. */
export const itemOf = (line: string): Item => {
  const { Item } = JSON.parse(line) as { readonly Item?: Readonly<Record<string, { readonly B?: string }>> }
  if (typeof Item !== "object" || Item === null) throw new Error("not a line of an export")
  const item: Record<string, unknown> = { ...Item }
  // Of the columns of an event only a body is bytes, which JSON has as base64.
  const { body } = Item
  if (body?.B !== undefined) item.body = { B: Buffer.from(body.B, "base64") }
  return item as Record<string, AttributeValue>
}

/** The inverse, for exports that are made here. */
export const lineOf = (item: Item): string => {
  const { body, ...columns } = item
  const bytes = body?.B
  const Item = {
    ...columns,
    ...(body && { body: bytes === undefined ? body : { B: Buffer.from(bytes).toString("base64") } })
  }
  return JSON.stringify({ Item })
}
