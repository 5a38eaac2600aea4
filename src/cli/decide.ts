import { Effect, type Option } from "effect"
import { GenerationRefused, promote, retire, rollback, status } from "../pipeline/generations.ts"
import { audited, requireWhy, whoText } from "./audit.ts"
import { usageError } from "./exit.ts"
import { given, type SiteOptions } from "./flags.ts"
import { Screen } from "./screen.ts"
import { onTables } from "./tables.ts"

export interface DecideOptions extends SiteOptions {
  readonly subject: string
  readonly yes: boolean
  readonly dryRun: boolean
  readonly json: boolean
  readonly why: Option.Option<string>
}

type Decision = "promote" | "rollback" | "retire"

/** The generation that a decision is about: a rollback names the projection. Refuses what the decision would refuse before it reads further. */
const subjectOf = Effect.fnUntraced(function* (decision: Decision, subject: string) {
  const generations = yield* status
  const refuse = (reason: GenerationRefused["reason"], of = subject) => new GenerationRefused({ subject: of, reason })
  const own = generations.filter(({ name }) => name === subject)
  if (decision === "rollback" && own.length === 0) return yield* refuse("unlisted")
  const found = generations.find(({ generation, previous }) =>
    decision === "rollback" ? own.some((one) => one.generation === generation) && previous : generation === subject
  )
  if (found === undefined) return yield* refuse(decision === "rollback" ? "noPrevious" : "unlisted")
  const current = generations.find(({ name, readers }) => name === found.name && readers)
  if (decision === "retire") {
    const fed = generations.filter(({ name, retired }) => name === found.name && retired === undefined)
    if (found.retired === undefined && fed.length < 2) return yield* refuse("onlyOne")
    if (found.readers) return yield* refuse("inUse")
  } else if (found.retired !== undefined) return yield* refuse("retired", found.generation)
  return { ...found, current: current?.generation ?? found.generation }
})

const wouldBe: Readonly<Record<Decision, (found: Effect.Success<ReturnType<typeof subjectOf>>) => string>> = {
  promote: ({ generation, name, current }) =>
    current === generation
      ? `readers of ${name} use ${generation} already`
      : `readers of ${name} would use ${generation} instead of ${current}`,
  rollback: ({ generation, name, current }) => `readers of ${name} would use ${generation} again instead of ${current}`,
  retire: ({ generation, retired }) =>
    retired === undefined
      ? `${generation} would be fed no more; what it holds stays and grows old, and there is no way back`
      : `${generation} is fed no more already`
}

const decide = Effect.fnUntraced(function* (decision: Decision, subject: string, by: string) {
  if (decision === "retire") {
    const { changed } = yield* retire(subject, by)
    return {
      changed,
      text: changed
        ? `${subject} is retired: within half a minute nothing is derived for it any more`
        : `${subject} was retired already`
    }
  }
  const answer = yield* decision === "promote" ? promote(subject, by) : rollback(subject, by)
  const { generation, changed } = answer
  const before = "previous" in answer && answer.previous !== undefined ? `, before that ${answer.previous}` : ""
  return {
    changed,
    text: changed ? `readers use ${generation} now${before}` : `readers use ${generation} already: nothing was written`
  }
})

/** `projections promote`, `projections rollback` and `projections retire`. */
export const decideOn = (decision: Decision) =>
  Effect.fnUntraced(function* (options: DecideOptions) {
    const { subject, yes, dryRun, json } = options
    if (yes && dryRun) return yield* usageError("--yes does it and --dry-run does not: give one of them")
    const why = yes ? yield* Effect.asSome(requireWhy(options.why, "changes what readers see")) : options.why
    yield* onTables(options, (site) =>
      Effect.gen(function* () {
        const screen = yield* Screen
        if (!yes) {
          const found = yield* subjectOf(decision, subject)
          const would = wouldBe[decision](found)
          if (json)
            screen.print(
              JSON.stringify({ decision, subject, dryRun: true, current: found.current, would }, undefined, 2)
            )
          else screen.print(would)
          screen.note("this was a dry run: nothing was written; give --yes and --why to do it")
          return
        }
        const use = { site, command: decision, filters: given({ subject }), why }
        const done = yield* audited(use, decide(decision, subject, whoText(site.who)), (finished) => ({
          outcome: finished._tag === "Some" && finished.value.changed ? "changed" : "unchanged",
          counts: {}
        }))
        if (json) screen.print(JSON.stringify({ decision, subject, dryRun: false, ...done }, undefined, 2))
        else screen.print(done.text)
      })
    )
  })
