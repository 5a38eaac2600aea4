import { isUuid } from "./template.ts"

/** By what a person is named. A conversation stands for whoever takes part in it as a customer. */
export const PERSON_KINDS = ["agent", "conversation", "external-contact", "address"] as const
export type PersonKind = (typeof PERSON_KINDS)[number]

/** The one who is to be forgotten, by one id of Genesys Cloud or by one address. */
export interface Person {
  readonly kind: PersonKind
  readonly value: string
}

/**
 * Finds a person in texts. `is`: the text names the person and says nothing else. `in`: it names the person somewhere. `cut`: the text
 * with another word in place of each name.
 */
export interface Names {
  readonly person: Person
  readonly is: (text: string) => boolean
  readonly in: (text: string) => boolean
  readonly cut: (text: string) => string
}

/** What stands in a text where a name stood. */
export const ERASED = "erased"

const PHONE = /^\+?[\d\s().-]+$/
/** Fewer digits or letters would name half of the country. */
const LEAST = { digits: 7, letters: 6 } as const

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")

/** What an address may have before it: `tel:`, `mailto:`, `sip:` and the like. */
const SCHEME = "(?:[a-z]{2,10}:(?:\\/\\/)?)?"
/** What stands between the digits of a number as people write it. */
const GAP = "[\\s().-]{0,3}"

/** The address in the forms in which events have it, encoded for an URL too, and what may stand on neither side of it. */
const addressPattern = (value: string): readonly [before: string, body: string, after: string] => {
  if (PHONE.test(value)) {
    const digits = [...value.replace(/\D/g, "")].join(GAP)
    return ["(?<!\\d)", `(?:\\+|%2B)?${GAP}${digits}`, "(?!\\d)"]
  }
  const body = escaped(value).replaceAll("@", "(?:@|%40)").replaceAll("\\+", "(?:\\+|%2B)")
  return ["(?<![\\p{L}\\p{N}._%+-])", body, "(?![\\p{L}\\p{N}_-]|\\.[\\p{L}\\p{N}])"]
}

/** Why a value names nobody, as the end of a sentence about it; undefined where it may. */
export const personProblem = ({ kind, value }: Person): string | undefined => {
  if (kind !== "address")
    return isUuid(value) ? undefined : "must be an id of Genesys Cloud, such as 6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58"
  if (value.trim() !== value || /\p{Cc}/u.test(value)) return "must be one address, without white space around it"
  if (PHONE.test(value))
    return value.replace(/\D/g, "").length < LEAST.digits
      ? `must have at least ${LEAST.digits} digits: a shorter number would name others too`
      : undefined
  return value.length < LEAST.letters
    ? `must have at least ${LEAST.letters} characters: a shorter one would name others too`
    : undefined
}

/** Finds this person, whatever the case of the letters. */
export const namesOf = (person: Person): Names => {
  const [before, body, after] =
    person.kind === "address"
      ? addressPattern(person.value)
      : ["(?<![\\p{L}\\p{N}])", escaped(person.value), "(?![\\p{L}\\p{N}])"]
  const whole = new RegExp(`^\\s*${SCHEME}${body}\\s*$`, "iu")
  const within = new RegExp(`${before}${body}${after}`, "iu")
  const each = new RegExp(within.source, "giu")
  return {
    person,
    is: (text) => whole.test(text),
    in: (text) => within.test(text),
    cut: (text) => text.replace(each, ERASED)
  }
}
