import { logAllowList } from "./log-allow-list.ts"

/**
 * What the contract knows of a value in a body, as data: it says what is new in an event, and refuses nothing. What lies in a value
 * that may be anything is not looked at.
 */
export type Shape =
  | { readonly kind: "anything" }
  /** Text of an open enumeration. `form` is what an unknown one must look like for people to be told it. */
  | { readonly kind: "word"; readonly knows: (word: string) => boolean; readonly form: RegExp }
  | { readonly kind: "object"; readonly fields: ReadonlyMap<string, Shape> }
  | { readonly kind: "list"; readonly items: Shape }

export interface Fields {
  readonly [name: string]: Shape
}

export const anything: Shape = { kind: "anything" }

/** A word of an enumeration; `words` are separated by blanks. */
export const word = (words: string, form: RegExp = logAllowList.word): Shape => {
  const known = new Set(words.split(/\s+/))
  return { kind: "word", knows: (candidate) => known.has(candidate), form }
}

/** A word in any of the spellings that `normalise` makes one of `words`. */
export const spelledWord = (words: ReadonlyArray<string>, normalise: (word: string) => string): Shape => {
  const known = new Set(words)
  return {
    kind: "word",
    knows: (candidate) => known.has(candidate) || known.has(normalise(candidate)),
    form: logAllowList.word
  }
}

export const object = (fields: Fields): Shape => ({ kind: "object", fields: new Map(Object.entries(fields)) })

/** Fields of which nothing but the names is known, separated by blanks. */
export const names = (fields: string): Fields => Object.fromEntries(fields.split(/\s+/).map((name) => [name, anything]))

export const list = (items: Shape): Shape => ({ kind: "list", items })
