/**
 * What the bodies of events have in common, so that none of them needs to hold it: `text`, of which a body may repeat parts, and the bits
 * that each symbol of DEFLATE takes, literals and lengths, and distances. `number` stands in each item.
 */
export interface Dictionary {
  readonly number: number
  readonly text: Uint8Array
  readonly literalBits: Uint8Array
  readonly distanceBits: Uint8Array
}

/** A dictionary as its module writes it: bits as hexadecimal digits. */
export interface Written {
  readonly number: number
  readonly text: string
  readonly literalBits: string
  readonly distanceBits: string
}

const digits = (text: string): Uint8Array => Uint8Array.from(text, (digit) => Number.parseInt(digit, 16))

export const dictionaryOf = ({ number, text, literalBits, distanceBits }: Written): Dictionary => ({
  number,
  text: Buffer.from(text),
  literalBits: digits(literalBits),
  distanceBits: digits(distanceBits)
})
