import type { Readable } from "node:stream"
import { createGunzip } from "node:zlib"

/** Reads a gzipped object line by line, a chunk at a time. It holds no more than what is on its way. */
export interface Lines {
  /** Lines given so far, and skipped. */
  readonly at: () => number
  /** The next line; undefined at the end. Rejects when the object breaks off. */
  readonly next: () => Promise<string | undefined>
  readonly close: () => void
}

const NEWLINE = 0x0a

async function* linesOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  /** A line is put together once, when its end is there: bytes, because a chunk may end within a character. */
  let begun: Array<Buffer> = []
  for await (const chunk of bytes) {
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      const rest = chunk.subarray(from, end)
      yield begun.length === 0 ? rest.toString() : Buffer.concat([...begun, rest]).toString()
      begun = []
      from = end + 1
    }
    if (from < chunk.length) begun.push(chunk.subarray(from))
  }
  if (begun.length > 0) yield Buffer.concat(begun).toString()
}

/** The lines of a gzipped object from line `from` on. */
export const openLines = async (gzipped: Readable, from: number): Promise<Lines> => {
  const gunzip = createGunzip()
  gzipped.on("error", (error) => gunzip.destroy(error))
  const lines = linesOf(gzipped.pipe(gunzip))
  let at = 0
  const next = async () => {
    const { value, done } = await lines.next()
    if (done) return undefined
    at++
    return value
  }
  while (at < from && (await next()) !== undefined);
  return {
    at: () => at,
    next,
    close: () => {
      gzipped.destroy()
      gunzip.destroy()
    }
  }
}
