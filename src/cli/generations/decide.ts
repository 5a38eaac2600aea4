import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { planPromotion, planRetirement, planRollback } from "../../pipeline/generations.ts"
import { type Consent, consent } from "../flags.ts"
import { change, checkConsent } from "../report.ts"
import { onTables } from "../stack/stack.ts"
import { filtersOf, recorded, whoText } from "../uses.ts"

interface Flags extends Consent {
  readonly subject: string
}

/** A checked decision, and how to say what it would do and what it has done. */
interface Planned<Made extends { readonly changed: boolean }, E, R> {
  readonly current: string
  readonly would: string
  readonly apply: (by: string) => Effect.Effect<Made, E, R>
  readonly did: (made: Made) => string
}

/** A command that makes a decision about a generation, or about the projection that it is one of. */
const decide =
  <Made extends { readonly changed: boolean }, E, R, E2, R2>(
    decision: string,
    plan: (subject: string) => Effect.Effect<Planned<Made, E, R>, E2, R2>
  ) =>
  (flags: Flags) =>
    Effect.andThen(
      checkConsent(flags, "Changing what readers see"),
      onTables((stack) => {
        const { subject, why } = flags
        const planned = plan(subject)
        return change({
          flags,
          // With --yes the record begins first: a decision that is refused is in it too.
          plan: Effect.void,
          preview: () =>
            Effect.map(planned, ({ current, would }) => ({
              document: { decision, subject, dryRun: true, current, would },
              lines: [would]
            })),
          apply: Effect.fnUntraced(function* () {
            const use = { stack, command: decision, filters: filtersOf({ subject }), why }
            const work = Effect.flatMap(planned, ({ apply, did }) =>
              Effect.map(apply(whoText(stack.who)), (made) => ({ changed: made.changed, text: did(made) }))
            )
            const { changed, text } = yield* recorded(use, work, (done) => ({
              outcome: done._tag === "Some" && done.value.changed ? "changed" : "unchanged",
              counts: {}
            }))
            return { document: { decision, subject, dryRun: false, changed, text }, lines: [text] }
          }),
          dryRun: "this was a dry run: nothing was written; give --yes and --why to do it"
        })
      })
    )

interface Pointed {
  readonly generation: string
  readonly previous?: string
  readonly changed: boolean
}

const pointed = ({ generation, previous, changed }: Pointed): string =>
  changed
    ? `readers use ${generation} now${previous === undefined ? "" : `, before that ${previous}`}`
    : `readers use ${generation} already: nothing was written`

const generationArgument = (example: string) => ({
  subject: Argument.String("generation").pipe(Argument.withDescription(`A generation, such as ${example}`))
})

export const promote = Command.make(
  "promote",
  { ...generationArgument("agents-v2"), ...consent },
  decide(
    "promote",
    Effect.fnUntraced(function* (subject) {
      const { name, current, changes, apply } = yield* planPromotion(subject)
      const would = changes
        ? `readers of ${name} would use ${subject} instead of ${current}`
        : `readers of ${name} use ${subject} already`
      return { current, would, apply, did: pointed }
    })
  )
).pipe(Command.withDescription("Makes readers use a generation; a dry run without --yes"))

export const rollback = Command.make(
  "rollback",
  {
    subject: Argument.String("name").pipe(Argument.withDescription("A projection without its version, such as agents")),
    ...consent
  },
  decide(
    "rollback",
    Effect.fnUntraced(function* (subject) {
      const { name, generation, current, apply } = yield* planRollback(subject)
      return {
        current,
        would: `readers of ${name} would use ${generation} again instead of ${current}`,
        apply,
        did: pointed
      }
    })
  )
).pipe(
  Command.withDescription("Makes readers of a projection use the previous generation again; a dry run without --yes")
)

export const retire = Command.make(
  "retire",
  { ...generationArgument("agents-v1"), ...consent },
  decide(
    "retire",
    Effect.fnUntraced(function* (subject) {
      const { current, changes, apply } = yield* planRetirement(subject)
      const would = changes
        ? `${subject} will stop receiving updates, and keeps the rows that it has. This cannot be undone`
        : `${subject} is retired already`
      const did = ({ changed }: { readonly changed: boolean }) =>
        changed
          ? `${subject} is retired: it stops receiving updates within half a minute`
          : `${subject} was retired already`
      return { current, would, apply, did }
    })
  )
).pipe(
  Command.withDescription(
    "Stops updates of a generation for good; refused while readers use it; a dry run without --yes"
  )
)
