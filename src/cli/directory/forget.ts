import { Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { Directory } from "../../store/directory.ts"
import { consent } from "../flags.ts"
import { change, checkConsent } from "../report.ts"
import { nothing } from "../screen.ts"
import { onStack } from "../stack/stack.ts"
import { filtersOf, recorded } from "../uses.ts"
import { kind } from "./kind.ts"
import { onDirectory } from "./store.ts"

export const forget = Command.make(
  "forget",
  {
    kind,
    id: Argument.String("id").pipe(Argument.withDescription("Id of the agent, the queue and so on, as list prints it")),
    ...consent
  },
  Effect.fnUntraced(function* ({ kind, id, ...flags }) {
    yield* checkConsent(flags, "Removing a name")
    yield* onStack((stack) =>
      onDirectory(
        stack,
        change({
          flags,
          plan: Effect.gen(function* () {
            const entry = (yield* (yield* Directory).names(kind, [id])).get(id)
            return entry ?? (yield* nothing(`the directory has no ${kind} ${JSON.stringify(id)}`))
          }),
          preview: ({ name, email }) =>
            Effect.succeed({
              document: { kind, id, dryRun: true },
              lines: [
                `this would remove the entry of ${id}${[name && ", with the name", email && ", with the e-mail address"].filter(Boolean).join("")}`
              ]
            }),
          apply: () =>
            Effect.gen(function* () {
              const use = { stack, command: "forget", filters: filtersOf({ kind, id }), why: flags.why }
              const removed = Directory.use(({ remove }) => remove(kind, id))
              yield* recorded(use, removed, (done) => ({
                outcome: "removed",
                counts: { entries: Option.isSome(done) ? 1 : 0 }
              }))
              return {
                document: { kind, id, dryRun: false },
                lines: [`removed ${id}`],
                notes: ["the next sweep brings it back if Genesys still has it: delete it there first"]
              }
            })
        })
      )
    )
  })
).pipe(Command.withDescription("Removes the name of somebody from the directory"))
