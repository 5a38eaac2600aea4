import { Schema } from "effect"
import { logAllowList } from "./log-allow-list.ts"

/**
 * A part of a body as the contract knows it, as data. Decoding (`tolerant`) reads by it, drift detection (`driftOf`) looks by it for
 * what is new, and the page on topics lists it. Nothing is required, for Genesys requires no field, and nothing is refused.
 */
export type Field = Leaf<unknown> | Word | List<Field> | Group<Fields | undefined>

export interface Fields {
  readonly [name: string]: Field
}

/** A value of one type, into which drift detection does not look. `type` names it for people. */
export interface Leaf<out A> {
  readonly kind: "leaf"
  readonly type: string
  readonly schema: Schema.Codec<A>
}

/** Text of an open enumeration. `form` is what an unknown word must look like for people to be told it. */
export interface Word {
  readonly kind: "word"
  readonly words: ReadonlyArray<string>
  readonly knows: (word: string) => boolean
  readonly form: RegExp
}

export interface List<out Item extends Field> {
  readonly kind: "list"
  readonly items: Item
}

/**
 * An object. `read` are the fields that the topic reads, and `undefined` where it reads the value as it comes, by a rule of its own.
 * `fields` are all that are documented.
 */
export interface Group<out Read extends Fields | undefined> {
  readonly kind: "object"
  readonly read: Read
  readonly fields: ReadonlyMap<string, Field>
}

/** What a topic is given of a part: every field optional, and without those that are only known. */
export type ReadOf<F> =
  F extends Leaf<infer A>
    ? A
    : F extends Word
      ? string
      : F extends List<infer Item>
        ? ReadonlyArray<ReadOf<Item>>
        : F extends Group<infer Read>
          ? Read extends Fields
            ? { readonly [Name in keyof Read]?: ReadOf<Read[Name]> }
            : unknown
          : never

const leaf = <A>(type: string, schema: Schema.Codec<A>): Leaf<A> => ({ kind: "leaf", type, schema })

/** Text; an empty one says as little as none. */
export const text = leaf("text", Schema.String)

export const flag = leaf("true or false", Schema.Boolean)

export const number = leaf("number", Schema.Finite)

export const textOrFlag = leaf("text, true or false", Schema.Union([Schema.String, Schema.Boolean]))

/** A time in any of the forms that `parseTime` reads. */
export const time = leaf<unknown>("time", Schema.Unknown)

export const anything = leaf<unknown>("anything", Schema.Unknown)

/** A word of an enumeration; `words` are separated by blanks. */
export const word = (words: string, form: RegExp = logAllowList.word): Word => {
  const known = new Set(words.split(/\s+/))
  return { kind: "word", words: [...known], knows: (candidate) => known.has(candidate), form }
}

/** A word in any of the spellings that `normalise` makes one of `words`. */
export const spelledWord = (words: ReadonlyArray<string>, normalise: (word: string) => string): Word => {
  const known = new Set(words)
  return {
    kind: "word",
    words,
    knows: (candidate) => known.has(candidate) || known.has(normalise(candidate)),
    form: logAllowList.word
  }
}

export const list = <const Item extends Field>(items: Item): List<Item> => ({ kind: "list", items })

/** An object of fields that are read, and of others that are known and never read. A field in both is read. */
export const object = <const Read extends Fields>(read: Read, known: Fields = {}): Group<Read> => ({
  kind: "object",
  read,
  fields: new Map(Object.entries({ ...read, ...known, ...read }))
})

/** The same object, read as it comes, whatever its type. */
export const raw = ({ fields }: Group<Fields>): Group<undefined> => ({ kind: "object", read: undefined, fields })

/** Fields of which nothing but the names is known, separated by blanks. */
export const names = (fields: string): Fields => Object.fromEntries(fields.split(/\s+/).map((name) => [name, anything]))
