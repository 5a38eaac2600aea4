import { gzipSync } from "node:zlib"
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
