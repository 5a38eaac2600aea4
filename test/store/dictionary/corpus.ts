import { iso } from "../../../src/domain/stamp.ts"

/** A body without values, or a word that a `<word>` in it stands for, and how many bodies hold it. */
export interface Template {
  readonly weight: number
  readonly text: string
}

const isBody = ({ text }: Template): boolean => text.startsWith("{")

/** A template with values that mean nothing, and what stands before it. */
export interface Filled {
  readonly before: ReadonlyArray<string>
  readonly text: string
}

const MARK = /<(uuid|time|epoch|second|digits|text|word) ?(\d*)>/g
const LETTERS = "etaoinshrdlucmfwypvbgkjqxz"

export const parseCorpus = (text: string): ReadonlyArray<Template> =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const tab = line.indexOf("\t")
      return { weight: Number(line.slice(0, tab)), text: line.slice(tab + 1) }
    })

export const formatCorpus = (templates: ReadonlyArray<Template>): string =>
  templates.map(({ weight, text }) => `${weight}\t${text}\n`).join("")

/** What is the same in all bodies of a template: the text between its values. */
export const partsOf = ({ text }: Template): ReadonlyArray<string> => text.split(/<[a-z]+ ?\d*>/)

/** Numbers from 0 below 1 that follow from a seed alone (mulberry32). */
export const random = (seed: number) => {
  let state = seed >>> 0
  return (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Bodies of templates, each as often as it weighs. */
export const fill = (templates: ReadonlyArray<Template>, seed: number): ReadonlyArray<Filled> => {
  const next = random(seed)
  const below = (count: number): number => Math.floor(next() * count)
  const chars = (count: number, of: string) => Array.from({ length: count }, () => of[below(of.length)]).join("")
  const hex = (count: number) => chars(count, "0123456789abcdef")
  const uuid = () => `${hex(8)}-${hex(4)}-4${hex(3)}-${chars(1, "89ab")}${hex(3)}-${hex(12)}`
  const words = templates.filter((template) => !isBody(template))
  return templates.filter(isBody).flatMap(({ weight, text }) =>
    Array.from({ length: weight }, () => {
      const clock = Date.UTC(2026, 0, 1) + below(300 * 86_400_000)
      const [ids, times] = [new Map([["1", uuid()]]), new Map([["1", clock]])]
      const remembered = <A>(known: Map<string, A>, key: string, make: () => A): A => {
        const value = known.get(key) ?? make()
        known.set(key, value)
        return value
      }
      // Most times of an event lie seconds before its clock, and some hours.
      const timeOf = (key: string) => remembered(times, key, () => clock - Math.floor(10 ** (1 + 6 * next())))
      const made: Readonly<Record<string, (of: string) => string>> = {
        uuid: (key) => remembered(ids, key, uuid),
        time: (key) => iso(timeOf(key)),
        epoch: (key) => String(timeOf(key)),
        second: () => `${iso(clock + below(400)).slice(0, 19)}Z`,
        word: () => words[below(words.length)]?.text ?? "",
        digits: (count) => chars(Number(count), "0123456789"),
        text: (count) => chars(Number(count), LETTERS.slice(0, 12 + below(LETTERS.length - 12)))
      }
      return {
        before: [String(clock), iso(clock), ids.get("1") as string],
        text: text.replace(MARK, (_, kind: string, of: string) => (made[kind] as (of: string) => string)(of))
      }
    })
  )
}
