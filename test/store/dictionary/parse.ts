/** What a text is made of: a literal byte, or a match of so many bytes so far back. */
export type Part = number | { readonly length: number; readonly distance: number }

/** As in the compressor, whose matches these are to be like. */
const [SHORTEST, ENOUGH, LONGEST] = [4, 16, 258]

const keyAt = (bytes: Uint8Array, at: number): number =>
  Buffer.from(bytes.buffer, bytes.byteOffset + at, 4).readInt32LE()

/**
 * Takes texts apart as the compressor does, by a search of its own that looks at every place: a dictionary must come out the same after the
 * compressor has learned to search in another way.
 */
export const makeParse = (common: Uint8Array) => {
  const places = new Map<number, Array<number>>()
  const note = (into: Map<number, Array<number>>, key: number, at: number) => {
    const known = into.get(key)
    if (known === undefined) into.set(key, [at])
    else known.push(at)
  }
  for (let at = 0; at + SHORTEST <= common.length; at++) note(places, keyAt(common, at), at)

  return (before: ReadonlyArray<string>, text: string): ReadonlyArray<Part> => {
    const bytes = Buffer.concat([common, ...before.map((one) => Buffer.from(one)), Buffer.from(text)])
    const own = new Map<number, Array<number>>()
    let begun = common.length
    for (const part of before) {
      if (part.length >= SHORTEST) note(own, keyAt(bytes, begun), begun)
      begun += Buffer.byteLength(part)
    }
    const longest = (at: number) => {
      let best = { length: 0, distance: 0 }
      if (at + SHORTEST > bytes.length) return best
      const key = keyAt(bytes, at)
      for (const from of [...(places.get(key) ?? []), ...(own.get(key) ?? [])]) {
        let length = SHORTEST
        while (length < LONGEST && at + length < bytes.length && bytes[from + length] === bytes[at + length]) length++
        // The nearer of two that are as long takes fewer bits.
        if (length >= best.length) best = { length, distance: at - from }
      }
      note(own, key, at)
      return best
    }
    const parts: Array<Part> = []
    for (let [at, found] = [begun, longest(begun)]; at < bytes.length; ) {
      const later = found.length < ENOUGH ? longest(at + 1) : undefined
      if (found.length >= SHORTEST && (later?.length ?? 0) <= found.length + 1) {
        parts.push(found)
        at += found.length
        found = longest(at)
      } else {
        parts.push(bytes[at++] as number)
        found = later as NonNullable<typeof later>
      }
    }
    return parts
  }
}
