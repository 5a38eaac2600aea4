import { crc32 } from "node:zlib"

const entry = (name: Buffer, body: Buffer) => {
  const common = Buffer.alloc(26)
  common.writeUInt16LE(20, 0)
  // UTF-8 names; stored, not compressed; 1 January 1980.
  common.writeUInt16LE(0x800, 2)
  common.writeUInt16LE(0x21, 8)
  common.writeUInt32LE(crc32(body), 10)
  common.writeUInt32LE(body.length, 14)
  common.writeUInt32LE(body.length, 18)
  common.writeUInt16LE(name.length, 22)
  return common
}

const signature = (text: string) => Buffer.from(`PK${text}`, "latin1")

/** A zip archive of one file. */
export const zipOf = (fileName: string, content: string): Buffer => {
  const [name, body] = [Buffer.from(fileName), Buffer.from(content)]
  const common = entry(name, body)
  const local = Buffer.concat([signature("\x03\x04"), common, name, body])
  const attributes = Buffer.alloc(14)
  // Readable by everybody.
  attributes.writeUInt32LE((0o100644 << 16) >>> 0, 6)
  const madeBy = Buffer.from([20, 3])
  const central = Buffer.concat([signature("\x01\x02"), madeBy, common, attributes, name])
  const end = Buffer.alloc(18)
  end.writeUInt16LE(1, 4)
  end.writeUInt16LE(1, 6)
  end.writeUInt32LE(central.length, 8)
  end.writeUInt32LE(local.length, 12)
  return Buffer.concat([local, central, signature("\x05\x06"), end])
}
