import { ALIKE, type Explanation, stays } from "./explanation.ts"

const ROOM = "the room is more than any text takes"
const HASHED =
  "what is found by another hash is compared all the same; how much of it is looked at is a matter of speed"

/** Survivors of the compression of bodies. */
export const dictionary: ReadonlyArray<Explanation> = [
  ...stays("src/store/aws/dictionary/codes.ts", {
    "symbol < 4 → symbol <= 4": ALIKE,
    "4 → 5 in: symbol < 4": ALIKE,
    "distance <= 4 → distance < 4": ALIKE,
    "4 → 5 in: distance <= 4": ALIKE,
    "2 → 3 in: MAX_BITS + 2": ROOM,
    "length > 0 → true": "how many codes have no bits is shifted out of each code",
    "length > 0 → length >= 0": "how many codes have no bits is shifted out of each code",
    "1 → 2 in: let bits = 1": "no code comes before those of one bit",
    "length === 0 → false": "of no bits none are turned round",
    "bit < length → bit <= length": "a bit behind the last is cut off with its element"
  }),
  ...stays("src/store/aws/dictionary/compress.ts", {
    "6 * MOST + 8 → (6 * MOST) - 8": ROOM,
    "6 → 7 in: 6 * MOST": ROOM,
    "8 → 9 in: 6 * MOST": ROOM,
    "token < MATCH → token <= MATCH": "no match is one byte long and no byte away",
    "bits >= 8 → bits > 8": "a byte is written now or a little later",
    "8 → 9 in: while (bits >= 8)": "a byte is written now or a little later",
    "bits >= 8 → false": "a byte is written now or a little later"
  }),
  ...stays("src/store/aws/dictionary/dictionaries.ts", {
    '", " → ""': "there is one dictionary so far, and nothing stands between it and another",
    "made ??= make() → made = make()": "it is made anew for each text then, which takes longer and says the same",
    "0 → 1 in: [first = 0]": "neither of both is the first byte of what a dictionary compressed"
  }),
  ...stays("src/store/aws/dictionary/decompress.ts", {
    "1 → 2 in: const [LOOK, LOOKS]": ALIKE,
    "10 → 11 in: const [LOOK, LOOKS]": ALIKE,
    "bits > 0 → true": "every symbol of a dictionary has a code",
    "bits > 0 → bits >= 0": "every symbol of a dictionary has a code",
    "at < LOOKS → at <= LOOKS": "a table takes nothing behind its end",
    "LOOK + 1 → LOOK - 1": "shorter codes are in the table, and not among the long ones",
    "15 → 16 in: const bits = entry & 15": ALIKE,
    "15 → 16 in: const both": ALIKE,
    "1 → 2 in: entry & next": ALIKE,
    "4 → 5 in: entry & next": ALIKE,
    "literals !== 0 && both <= LOOK → false": ALIKE,
    "both <= LOOK → both < LOOK": ALIKE,
    "2 → 3 in: both | (2 << 4)": ALIKE,
    "at + 1 < input.length → true": "what is not there counts as 0",
    "at + 1 < input.length → (at + 1) <= input.length": "what is not there counts as 0",
    "at + 1 → at - 1": "what is not there counts as 0",
    "at < input.length → true": "what is not there counts as 0",
    "at < input.length → at <= input.length": "what is not there counts as 0",
    "0 → 1 in:       : 0": "what stands behind the end belongs to no text, and is refused where it is taken for one",
    "24 → 25 in: LONG": ALIKE,
    "end - at >= LONG && end - at <= at - source → false": ALIKE,
    "end - at >= LONG → (end - at) > LONG": ALIKE,
    "end - at >= LONG → (end - at) < LONG": ALIKE,
    "end - at → end + at in: end - at >= LONG": ALIKE,
    "end - at <= at - source → (end - at) < (at - source)": ALIKE,
    "source + end - at → (source + end) + at": "what is copied behind the end is written over, or never read",
    "bits < 16 → bits <= 16": "bytes are taken a little earlier or later",
    "16 → 17 in: if (bits < 16)": "bytes are taken a little earlier or later"
  }),
  ...stays("src/store/aws/dictionary/dictionary.ts", { "16 → 17": "a single digit is the same number in both" }),
  ...stays("src/store/aws/dictionary/finder.ts", {
    "1 → 2 in: const [HASH_BITS": HASHED,
    "13 → 14 in: const [HASH_BITS": HASHED,
    "30 → 31 in: LAST_PLACE": "places are numbered anew from any number on that a table can hold",
    "1 → 2 in: MATCH": "any number will do that no byte and no distance reaches",
    "16 → 17 in: MATCH": "any number will do that no byte and no distance reaches",
    "3 → 4 in: Buffer.alloc(common.length": ROOM,
    "3 → 4 in: new Int32Array(3 * MOST)": ROOM,
    "1 → 2 in: fill(-1), new": "no place has either number",
    "-1 → 1 in: fill(-1), new": "a place that does not begin alike is compared, and left",
    "0 → 1 in: let base": "places are numbered from any number on",
    "at + SHORTEST → at - SHORTEST in: at + SHORTEST <= common.length": HASHED,
    "0 → 1 in: let source": "it is set before it is read",
    "at + SHORTEST > end → false": "what is left is shorter than any match either way",
    "at + SHORTEST → at - SHORTEST in: if (at + SHORTEST > end)": "what is left is shorter than any match either way",
    "0 → 1 in: if (at + SHORTEST > end)": "both are shorter than any match",
    "1 → 2 in: let longest": "what is shorter than any match is none",
    "bytes[candidate + longest] === bytes[at + longest] && bytes[candidate] === bytes[at] → true": HASHED,
    "bytes[candidate + longest] === bytes[at + longest] && bytes[candidate] === bytes[at] → (bytes[candidate + longest] === bytes[at + longest]) || (bytes[candidate] === bytes[at])":
      HASHED,
    "other - at > longest → (other - at) >= longest": "what is as long was looked at by its last byte, and left",
    "other === stop → false": "nothing is longer than the longest",
    "base > LAST_PLACE → true": "tables may be cleared at every call",
    "base > LAST_PLACE → base >= LAST_PLACE": "tables are cleared a call earlier or later",
    "base > LAST_PLACE → base <= LAST_PLACE": "tables may be cleared at every call",
    "1 → 2 in: heads.fill(-1)": "no place has either number",
    "0 → 1 in: base = 0": "places are numbered from any number on",
    "next - at >= SHORTEST → true": HASHED,
    "next - at → next + at": HASHED,
    "0 → 1 in: const later": "what is not looked for is not longer"
  })
]
