import type { Json } from "../../../src/domain/json.ts"
import type { Field } from "../../../src/genesys/body.ts"
import { allTopics } from "../../../src/genesys/topics/index.ts"

/** What bodies say in words of Genesys and not of a customer, beside the enumerations of the contract. */
const PRODUCTS = ["Edge", "PureCloud Messaging", "PureCloud Webchat v2", "PURECLOUD", "MICROSOFTTEAMS"]

const wordsOf = (field: Field): ReadonlyArray<string> =>
  field.kind === "word"
    ? field.words
    : field.kind === "list"
      ? wordsOf(field.items)
      : field.kind === "object"
        ? [...field.fields.values()].flatMap(wordsOf)
        : []

/** All words that a template may keep: nobody's value is among them. */
export const vocabulary: ReadonlySet<string> = new Set([...allTopics.flatMap(({ body }) => wordsOf(body)), ...PRODUCTS])

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z/g
const FIELD = /^[a-z][A-Za-z-]*$|^CorrelationId$/

/**
 * Turns bodies of one event into templates: fields and words stay, and every value becomes a mark of its kind (`<uuid 1>`, `<time 2>`,
 * `<digits 11>`, `<text 5>`; `<word>` is one of
 * a list). Equal ids and equal times have the same number. `subject` and `clock` are the first of them.
 */
export const makeScrub = (subject: string, clock: number) => {
  const [ids, times] = [new Map<string, number>([[subject, 1]]), new Map<number, number>([[clock, 1]])]
  const numbered = <K>(known: Map<K, number>, key: K): number => {
    const number = known.get(key) ?? known.size + 1
    known.set(key, number)
    return number
  }

  const ofText = (text: string, key: string): string => {
    const marked = text
      .replace(UUID, (id) => `<uuid ${numbered(ids, id)}>`)
      .replace(TIME, (time, ms) => (ms === undefined ? "<second>" : `<time ${numbered(times, Date.parse(time))}>`))
    if (key === "topicName" && text.startsWith("v2.")) return marked
    if (/^aws\.partner\/genesys\.com\/cloud\/<uuid \d+>\//.test(marked))
      return marked.replace(/[^/]*$/, (suffix) => `<text ${suffix.length}>`)
    if (/^(<[^>]+>\/?)*$/.test(marked) || vocabulary.has(text)) return marked
    if (key === "region") return "<word>"
    if (key === "version" && /^\d$/.test(text)) return text
    const [, scheme = "", number] = /^(tel:\+|\+|)(\d+)$/.exec(text) ?? []
    return number === undefined ? `<text ${text.length}>` : `${scheme}<digits ${number.length}>`
  }

  const ofNumber = (number: number): string =>
    number === 0 || number === 1
      ? String(number)
      : /^1\d{12}$/.test(String(number))
        ? `<epoch ${numbered(times, number)}>`
        : `<digits ${String(number).length}>`

  const scrub = (value: Json, key = ""): string => {
    if (typeof value === "string") return `"${ofText(value, key)}"`
    if (typeof value === "number") return ofNumber(value)
    if (Array.isArray(value)) return `[${value.map((one) => scrub(one, key)).join()}]`
    if (typeof value !== "object" || value === null) return String(value)
    const entries = Object.entries(value).map(
      ([name, one]) => `"${FIELD.test(name) ? name : `<text ${name.length}>`}":${scrub(one as Json, name)}`
    )
    return `{${entries.join()}}`
  }
  return scrub
}
