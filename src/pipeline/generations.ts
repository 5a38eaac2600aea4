import { Clock, Data, Effect } from "effect"
import { generation } from "../domain/projection.ts"
import { firstGenerations, readersKey } from "../domain/readers.ts"
import { Control } from "../store/control.ts"
import { Projections } from "./projections.ts"

/** When something was decided (epoch ms), and who decided it. */
export interface Mark {
  readonly at: number
  readonly by: string
}

/** Which generation of a projection readers use, and which they used before. The stack's own first word has no mark: nobody decided. */
export interface Readers extends Partial<Mark> {
  readonly generation: string
  readonly previous?: string
}

/** What readers use after a decision. `changed`: by this one. `at` and `by` are absent where nothing was ever promoted. */
export interface Pointed extends Partial<Mark> {
  readonly generation: string
  readonly previous?: string
  readonly changed: boolean
}

/**
 * A generation that is listed. `readers`: it is the one that they use. `previous`: the one to which `rollback` would lead. `retired`:
 * since when its feed is off, and by whom.
 */
export interface GenerationStatus {
  readonly generation: string
  readonly name: string
  readonly version: number
  readonly readers: boolean
  readonly previous: boolean
  readonly retired?: Mark
}

/**
 * Why nothing was changed. `unlisted`: no such generation or name is folded. `retired`: its feed is off, so it grows old. `inUse`:
 * readers point there. `onlyOne`: nothing would be fed any more. `noPrevious`: there is nothing to go back to. `unlike`: it is compared with
 * one of another projection. `contended`: somebody else decides at the same time; look again.
 */
export type Refusal = "unlisted" | "retired" | "inUse" | "onlyOne" | "noPrevious" | "unlike" | "contended"

const explanations: Readonly<Record<Refusal, string>> = {
  unlisted: "is not folded; projections/index.ts does not list it",
  retired: "is retired: it is fed no more; list it as a new version and replay that",
  inUse: "is what readers use; promote another generation first",
  onlyOne: "is the only generation that is fed; list and promote another first",
  noPrevious: "has no previous generation to go back to; nothing was promoted yet",
  unlike: "is of another projection; compare two generations of one",
  contended: "is being decided by somebody else at this moment; look at the status and try again"
}

/** A decision that was refused: nothing has changed. `subject` is a generation, or the name of a projection. */
export class GenerationRefused extends Data.TaggedError("GenerationRefused")<{
  readonly subject: string
  readonly reason: Refusal
}> {
  override get message() {
    return `${this.subject} ${explanations[this.reason]}`
  }
}

const refuse = (subject: string, reason: Refusal) => new GenerationRefused({ subject, reason })

const retiredKey = (name: string) => `retired/${name}`

const read = Effect.fnUntraced(function* <A>(key: string) {
  const control = yield* Control
  const { value, version } = yield* control.read(key)
  // Nobody else writes these keys, and null is what was taken back.
  return { value: (value ?? undefined) as A | undefined, version }
})

const listed = Effect.fnUntraced(function* (subject: string) {
  const projection = (yield* Projections).find((p) => generation(p) === subject)
  return projection ?? (yield* refuse(subject, "unlisted"))
})

const pointer = Effect.fnUntraced(function* (name: string) {
  const first = firstGenerations(yield* Projections).get(name)
  const { value, version } = yield* read<Readers>(readersKey(name))
  const current = value?.generation ?? first
  if (current === undefined) return yield* refuse(name, "unlisted")
  return { current, value, version }
})

const retiredMark = (name: string) => Effect.map(read<Mark>(retiredKey(name)), ({ value }) => value)

/** The generation that readers of a projection use (`agents` gives `agents-v1`): the promoted one, or the lowest that is listed. */
export const readersOf = (name: string) => Effect.map(pointer(name), ({ current }) => current)

/** Every generation that is listed, in that order. Reads two keys of the control table for each. */
export const status = Effect.gen(function* () {
  return yield* Effect.forEach(
    yield* Projections,
    Effect.fnUntraced(function* ({ name, version }) {
      const own = generation({ name, version })
      const { current, value } = yield* pointer(name)
      const retired = yield* retiredMark(own)
      return {
        generation: own,
        name,
        version,
        readers: own === current,
        previous: own === value?.previous,
        ...(retired === undefined ? {} : { retired })
      } satisfies GenerationStatus
    })
  )
})

/** The listed generations of which no delta is derived any more. One read of the control table for each generation that is listed. */
export const retiredGenerations = Effect.gen(function* () {
  const names = (yield* Projections).map(generation)
  const marks = yield* Effect.forEach(names, retiredMark, { concurrency: names.length })
  return new Set(names.filter((_, i) => marks[i] !== undefined)) as ReadonlySet<string>
})

const usable = Effect.fnUntraced(function* (subject: string) {
  if ((yield* retiredMark(subject)) !== undefined) return yield* refuse(subject, "retired")
})

/** Moves readers to `to` by one write, which holds only if nobody has moved them or retired a generation since `from` was read. */
const point = Effect.fnUntraced(function* (
  name: string,
  to: string,
  from: { readonly current: string; readonly version: number },
  by: string
) {
  const control = yield* Control
  const readers = { generation: to, previous: from.current, at: yield* Clock.currentTimeMillis, by } satisfies Readers
  if ((yield* control.write(readersKey(name), readers, from.version)) === "conflict")
    return yield* refuse(to, "contended")
  const pointed: Pointed = { ...readers, changed: true }
  return pointed
})

/** Lets readers use a generation. Answers what stands then; `changed` is false where they use it already, and nothing is written. */
export const promote = Effect.fnUntraced(function* (subject: string, by: string) {
  const { name } = yield* listed(subject)
  // Read before the mark: whoever retires meanwhile writes this key too, and then the write below does not hold.
  const from = yield* pointer(name)
  yield* usable(subject)
  const unchanged: Pointed = { ...(from.value ?? { generation: subject }), changed: false }
  if (from.current === subject) return unchanged
  return yield* point(name, subject, from, by)
})

/** Lets readers of a projection (`agents`) use again what they used before. Twice leads back to where one began. */
export const rollback = Effect.fnUntraced(function* (name: string, by: string) {
  const from = yield* pointer(name)
  const previous = from.value?.previous
  if (previous === undefined) return yield* refuse(name, "noPrevious")
  yield* listed(previous)
  yield* usable(previous)
  return yield* point(name, previous, from, by)
})

/**
 * Turns the feed of a generation off: within half a minute nothing is derived for it any more. What it holds stays readable and
 * grows old, so there is no way back. `changed` is false where it was off already.
 */
export const retire = Effect.fnUntraced(function* (subject: string, by: string) {
  const { name } = yield* listed(subject)
  const control = yield* Control
  const { current, value, version } = yield* pointer(name)
  const held = yield* read<Mark>(retiredKey(subject))
  if (held.value !== undefined) return { ...held.value, changed: false }
  const retired = yield* retiredGenerations
  const fed = (yield* Projections).filter((p) => p.name === name && !retired.has(generation(p)))
  if (fed.length < 2) return yield* refuse(subject, "onlyOne")
  if (current === subject) return yield* refuse(subject, "inUse")

  const mark = { at: yield* Clock.currentTimeMillis, by } satisfies Mark
  if ((yield* control.write(retiredKey(subject), mark, held.version)) === "conflict")
    return yield* refuse(subject, "contended")
  // The same readers once more: it refuses a promotion that did not see the mark, or is refused by one that came first.
  const fence = { ...(value ?? { generation: current, ...mark }) }
  if ((yield* control.write(readersKey(name), fence, version)) === "conflict") {
    yield* control.write(retiredKey(subject), null, held.version + 1)
    return yield* refuse(subject, "contended")
  }
  return { ...mark, changed: true }
})
