import { Clock, Data, Effect } from "effect"
import { generation } from "../domain/projection.ts"
import { firstGenerations, readersKey } from "../domain/readers.ts"
import { missingSources } from "../domain/stages.ts"
import { Control } from "../store/control.ts"
import type { StoreError } from "../store/store-error.ts"
import { Projections } from "./folding.ts"

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

/** A generation whose feed is off. `changed`: by this decision. */
export interface Retired extends Mark {
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
 * Why nothing was changed. `unlisted`: projections/index.ts lists no such generation or name. `retired`: live events no longer update it.
 * `inUse`: it is the active generation. `onlyOne`: no other generation is live. `isSource`: rows of others follow
 * from it, and from no other live generation. `noPrevious`: there is none to roll back to. `unlike`: it is compared with one of another
 * projection. `contended`: somebody else changes it at the same time; look again.
 */
export type Refusal = "unlisted" | "retired" | "inUse" | "onlyOne" | "isSource" | "noPrevious" | "unlike" | "contended"

const explanations: Readonly<Record<Refusal, string>> = {
  unlisted: "is not folded; projections/index.ts does not list it",
  retired: "is retired and receives no updates; list it as a new version and replay that",
  inUse: "is the active generation; promote another first",
  onlyOne: "is the only live generation; list and promote another first",
  isSource:
    "is what other projections derive from, and no other live generation will do; list one of a version that they take first",
  noPrevious: "has no previous generation to roll back to; nothing was promoted yet",
  unlike: "belongs to another projection; compare two generations of one projection",
  contended: "is being changed by somebody else right now; check the status and try again"
}

/** A decision that was refused: nothing has changed. `subject` is a generation, or the name of a projection. */
export class GenerationRefused extends Data.TaggedError("GenerationRefused")<{
  readonly subject: string
  readonly reason: Refusal
  /** What there is instead, of a subject that is not listed. */
  readonly listed?: ReadonlyArray<string>
}> {
  override get message() {
    const instead = this.listed === undefined ? "" : `: give one of ${this.listed.join(", ")}`
    return `${this.subject} ${explanations[this.reason]}${instead}`
  }
}

const refuse = (subject: string, reason: Refusal) => new GenerationRefused({ subject, reason })

const unlisted = (subject: string, listed: ReadonlyArray<string>) =>
  new GenerationRefused({ subject, reason: "unlisted", listed })

const retiredKey = (name: string) => `retired/${name}`

const read = Effect.fnUntraced(function* <A>(key: string) {
  const control = yield* Control
  const { value, version } = yield* control.read(key)
  // Nobody else writes these keys, and null is what was taken back.
  return { value: (value ?? undefined) as A | undefined, version }
})

/** The projection of a generation. Refuses what is not listed. */
export const requireListed = Effect.fnUntraced(function* (subject: string) {
  const listed = yield* Projections
  const projection = listed.find((p) => generation(p) === subject)
  return projection ?? (yield* unlisted(subject, listed.map(generation)))
})

const pointer = Effect.fnUntraced(function* (name: string) {
  const firsts = firstGenerations(yield* Projections)
  const first = firsts.get(name)
  const { value, version } = yield* read<Readers>(readersKey(name))
  const current = value?.generation ?? first
  if (current === undefined) return yield* unlisted(name, [...firsts.keys()])
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

/** The listed projections that live events are folded into. */
export const fedProjections = Effect.gen(function* () {
  const retired = yield* retiredGenerations
  return (yield* Projections).filter((projection) => !retired.has(generation(projection)))
})

/** Refuses a generation that is retired. */
export const requireFed = Effect.fnUntraced(function* (subject: string) {
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

/**
 * A decision that has been checked and not yet made. `generation` is its subject, `current` what readers use until then. `changes` is false
 * where all is so already. `apply` makes it, in the name of `by`; refused where somebody else decided since it was checked.
 */
export interface Decision<Made> {
  readonly name: string
  readonly generation: string
  readonly current: string
  readonly changes: boolean
  readonly apply: (by: string) => Effect.Effect<Made, GenerationRefused | StoreError, Control>
}

/** Checks that readers can use a generation. Where they do already, `apply` writes nothing. */
export const planPromotion = Effect.fnUntraced(function* (subject: string) {
  const { name } = yield* requireListed(subject)
  // Read before the mark: whoever retires meanwhile writes this key too, and then the write below does not hold.
  const from = yield* pointer(name)
  yield* requireFed(subject)
  const changes = from.current !== subject
  const unchanged: Pointed = { ...(from.value ?? { generation: subject }), changed: false }
  const apply = (by: string) => (changes ? point(name, subject, from, by) : Effect.succeed(unchanged))
  return { name, generation: subject, current: from.current, changes, apply } satisfies Decision<Pointed>
})

/** Checks that readers of a projection (`agents`) can use again what they used before. */
export const planRollback = Effect.fnUntraced(function* (name: string) {
  const from = yield* pointer(name)
  const previous = from.value?.previous
  if (previous === undefined) return yield* refuse(name, "noPrevious")
  yield* requireListed(previous)
  yield* requireFed(previous)
  const apply = (by: string) => point(name, previous, from, by)
  return { name, generation: previous, current: from.current, changes: true, apply } satisfies Decision<Pointed>
})

/** Checks that the feed of a generation can be turned off. Where it is off already, `apply` writes nothing. */
export const planRetirement = Effect.fnUntraced(function* (subject: string) {
  const { name } = yield* requireListed(subject)
  const control = yield* Control
  const { current, value, version } = yield* pointer(name)
  const held = yield* read<Mark>(retiredKey(subject))
  const decision = { name, generation: subject, current }
  if (held.value !== undefined) {
    const unchanged = { ...held.value, changed: false }
    return { ...decision, changes: false, apply: () => Effect.succeed(unchanged) } satisfies Decision<Retired>
  }
  const fed = yield* fedProjections
  if (fed.filter((one) => one.name === name).length < 2) return yield* refuse(subject, "onlyOne")
  if (current === subject) return yield* refuse(subject, "inUse")
  const left = fed.filter((one) => generation(one) !== subject)
  const before = missingSources(fed).filter(([one]) => left.includes(one))
  if (missingSources(left).length > before.length) return yield* refuse(subject, "isSource")

  const apply = Effect.fnUntraced(function* (by: string) {
    const mark = { at: yield* Clock.currentTimeMillis, by } satisfies Mark
    if ((yield* control.write(retiredKey(subject), mark, held.version)) === "conflict")
      return yield* refuse(subject, "contended")
    // The same readers once more: it refuses a promotion that did not see the mark, or is refused by one that came first.
    const fence = value ?? { generation: current, ...mark }
    if ((yield* control.write(readersKey(name), { ...fence }, version)) === "conflict") {
      yield* control.write(retiredKey(subject), null, held.version + 1)
      return yield* refuse(subject, "contended")
    }
    return { ...mark, changed: true }
  })
  return { ...decision, changes: true, apply } satisfies Decision<Retired>
})

/** Lets readers use a generation. Returns what holds then; `changed` is false where they use it already, and nothing is written. */
export const promote = (subject: string, by: string) => Effect.flatMap(planPromotion(subject), ({ apply }) => apply(by))

/** Makes the previous generation of a projection (`agents`) active again. Twice restores the first state. */
export const rollback = (name: string, by: string) => Effect.flatMap(planRollback(name), ({ apply }) => apply(by))

/**
 * Ends the live updates of a generation within half a minute. Its rows stay readable and grow stale; this cannot be undone. `changed` is
 * false if they had ended before.
 */
export const retire = (subject: string, by: string) => Effect.flatMap(planRetirement(subject), ({ apply }) => apply(by))
