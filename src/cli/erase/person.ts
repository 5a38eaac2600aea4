import { Effect, Option } from "effect"
import { Flag } from "effect/cli"
import { type Person, type PersonKind, personProblem } from "../../genesys/person.ts"
import { name, toggle } from "../flags.ts"
import { usageError } from "../screen.ts"
import { StandardInput } from "../standard-input.ts"

const id = (flag: string, of: string) =>
  name(flag, `the id of ${of}`).pipe(Flag.optional, Flag.withDescription(`Id of ${of} in Genesys Cloud`))

/** Who is to be erased. */
export const person = {
  agent: id("agent", "an agent"),
  conversation: id("conversation", "a conversation"),
  externalContact: id("external-contact", "an external contact"),
  address: toggle(
    "address",
    "Whoever has the phone number, e-mail address or other address that standard input holds; it is read from nowhere else"
  )
}

export interface PersonFlags {
  readonly agent: Option.Option<string>
  readonly conversation: Option.Option<string>
  readonly externalContact: Option.Option<string>
  readonly address: boolean
}

const ONE = "--agent ID, --conversation ID, --external-contact ID or --address"

/** The person that the flags name, one of them. A message about an address does not hold it. */
export const personOf = Effect.fnUntraced(function* (flags: PersonFlags) {
  const named: ReadonlyArray<readonly [PersonKind, Option.Option<string>]> = [
    ["agent", flags.agent],
    ["conversation", flags.conversation],
    ["external-contact", flags.externalContact]
  ]
  const found: Array<Person> = named.flatMap(([kind, value]) =>
    Option.isSome(value) ? [{ kind, value: value.value.trim().toLowerCase() }] : []
  )
  if (found.length + (flags.address ? 1 : 0) !== 1)
    return yield* usageError(
      `${found.length === 0 && !flags.address ? "who is to be erased? give" : "one request is about one id or address: give one of"} ${ONE}`
    )
  const { read } = yield* StandardInput
  const asked = found[0] ?? { kind: "address" as const, value: (yield* read).trim() }
  const problem = personProblem(asked)
  if (problem === undefined) return asked
  return yield* usageError(
    `${asked.kind === "address" ? "the address on standard input" : `--${asked.kind}`} ${problem}`
  )
})
