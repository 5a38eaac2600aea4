import {
  DISTANCES,
  distanceSymbol,
  END,
  LENGTHS,
  LITERALS,
  lengthSymbol,
  MAX_BITS
} from "../../../src/store/aws/dictionary/codes.ts"
import type { Dictionary } from "../../../src/store/aws/dictionary/dictionary.ts"
import { fill, partsOf, type Template } from "./corpus.ts"
import { makeParse } from "./parse.ts"

/** Bytes of a dictionary. Half of it costs 13 bytes an event more, and twice as much saves 2. */
const MOST_BYTES = 8_192

/** Bytes that a match takes, about. */
const MATCH_BYTES = 3

/** How much more a symbol counts that was seen than one that was not: each has a code, so that every text can be said. */
const SEEN = 16

/** Bytes, about, that a part takes where `text` stands before it: what it repeats is as long as three literals. */
const costOf = (part: string, text: string): number => {
  let cost = 0
  for (let at = 0; at < part.length; ) {
    let length = 0
    while (at + length < part.length && text.includes(part.slice(at, at + length + 1))) length++
    cost += length > MATCH_BYTES ? MATCH_BYTES : 1
    at += length > MATCH_BYTES ? length : 1
  }
  return cost
}

/** The parts that save most beside those that are there already, the most frequent at the end, where distances are short. */
const textOf = (templates: ReadonlyArray<Template>): string => {
  const counts = new Map<string, number>()
  for (const template of templates)
    for (const part of partsOf(template)) counts.set(part, (counts.get(part) ?? 0) + template.weight)
  const savedBy = (part: string, count: number, text: string) => count * (costOf(part, text) - MATCH_BYTES)
  const byPart = (one: { readonly part: string }, other: { readonly part: string }) => (one.part < other.part ? -1 : 1)
  const left = [...counts].map(([part, count]) => ({ part, count, saved: savedBy(part, count, "") }))
  const chosen: Array<(typeof left)[number]> = []
  let text = ""
  for (;;) {
    left.sort((one, other) => one.saved - other.saved || -byPart(one, other))
    const best = left.pop()
    if (best === undefined || best.saved <= 0) break
    // What was chosen since may have made it worth less, and never more.
    const saved = savedBy(best.part, best.count, text)
    if (saved < best.saved) left.push({ ...best, saved })
    else if (text.length + best.part.length <= MOST_BYTES) {
      chosen.push(best)
      text += best.part
    }
  }
  return chosen
    .sort((one, other) => one.count - other.count || byPart(one, other))
    .map(({ part }) => part)
    .join("")
}

/** Lengths of a Huffman code of these counts, none longer than DEFLATE has: rare symbols are taken for less rare until that holds. */
const bitsOf = (counts: ReadonlyArray<number>): Uint8Array => {
  for (let least = 1; ; least *= 2) {
    const bits = new Uint8Array(counts.length)
    const trees = counts.map((count, symbol) => ({ count: Math.max(count, least), symbols: [symbol] }))
    while (trees.length > 1) {
      trees.sort((one, other) => other.count - one.count || (other.symbols[0] ?? 0) - (one.symbols[0] ?? 0))
      const [one, other] = [trees.pop(), trees.pop()] as [(typeof trees)[number], (typeof trees)[number]]
      const symbols = [...one.symbols, ...other.symbols]
      for (const symbol of symbols) bits[symbol] = (bits[symbol] as number) + 1
      trees.push({ count: one.count + other.count, symbols })
    }
    if (Math.max(...bits) <= MAX_BITS) return bits
  }
}

/** The dictionary of a corpus. The same corpus gives the same dictionary. */
export const train = (number: number, templates: ReadonlyArray<Template>): Dictionary => {
  const text = Buffer.from(textOf(templates))
  const [literals, distances] = [new Array<number>(LITERALS).fill(1), new Array<number>(DISTANCES).fill(1)]
  const count = (counts: Array<number>, symbol: number) => {
    counts[symbol] = (counts[symbol] as number) + SEEN
  }
  const parse = makeParse(text)
  for (const { before, text } of fill(templates, number)) {
    for (const part of parse(before, text))
      if (typeof part === "number") count(literals, part)
      else {
        count(literals, LENGTHS + (lengthSymbol[part.length] as number))
        count(distances, distanceSymbol(part.distance))
      }
    count(literals, END)
  }
  return { number, text, literalBits: bitsOf(literals), distanceBits: bitsOf(distances) }
}

const LINE = 110

/** Lines of at most `LINE` characters, as literals that the formatter leaves as they are. */
const literalsOf = (text: string): ReadonlyArray<string> =>
  (text.match(new RegExp(`.{1,${LINE}}`, "gs")) ?? []).map((line) =>
    line.includes('"') ? `'${line.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'` : JSON.stringify(line)
  )

const hex = (bits: Uint8Array) => [...bits].map((one) => one.toString(16)).join("")

/** A dictionary as the module that holds it. */
export const moduleOf = ({ number, text, literalBits, distanceBits }: Dictionary): string => {
  const joined = (text: string) =>
    `[\n${literalsOf(text)
      .map((line) => `    ${line}`)
      .join(",\n")}\n  ].join("")`
  return `import { dictionaryOf } from "./dictionary.ts"

/** Made by \`node test/store/dictionary/main.ts ${number}\`. Stored events need it for ever: never change it, make the next one. */
export const dictionary${number} = dictionaryOf({
  number: ${number},
  text: ${joined(Buffer.from(text).toString())},
  literalBits: ${joined(hex(literalBits))},
  distanceBits: ${JSON.stringify(hex(distanceBits))}
})
`
}
