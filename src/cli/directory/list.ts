import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import {
  type DirectoryFilter,
  type DirectoryKind,
  type ListedEntry,
  leavesOut,
  MOST_PAGE_ENTRIES
} from "../../domain/directory.ts"
import { iso } from "../../domain/stamp.ts"
import { Directory, type Swept } from "../../store/directory.ts"
import { limit, name } from "../flags.ts"
import { present } from "../report.ts"
import { nothing, number, Screen, shorten, table } from "../screen.ts"
import { onStack, type StackTarget } from "../stack/stack.ts"
import { filtersOf, recorded } from "../uses.ts"
import { kind } from "./kind.ts"
import { namesOf, onDirectory } from "./store.ts"

/** The first entries of a list, up to a limit, and whether there are more. */
const firstOf = Effect.fnUntraced(function* (kind: DirectoryKind, filter: DirectoryFilter, most: number) {
  const { list } = yield* Directory
  const entries: Array<ListedEntry> = []
  let cursor: string | undefined
  do {
    const size = Math.min(most - entries.length, MOST_PAGE_ENTRIES)
    const page = yield* list(kind, filter, { limit: size, ...(cursor === undefined ? {} : { cursor }) })
    entries.push(...page.entries)
    cursor = page.cursor
  } while (cursor !== undefined && entries.length < most)
  return { entries, more: cursor !== undefined }
})

/** Why a list is empty, and what to do. */
const emptiness = (kind: DirectoryKind, filter: DirectoryFilter, swept: Swept | undefined): string => {
  const { division, team, name } = filter
  if (swept === undefined)
    return "nothing has filled the directory yet: set genesysCredentialsSecret, and run projections reconcile"
  if (name !== undefined && kind === "agents" && swept.holds === "ids")
    return "the directory keeps no names of people: set directory to names, and sweep again"
  if (leavesOut(swept, kind, filter))
    return division === undefined
      ? `the directory keeps no ${kind} of the divisions that the setting divisions names: correct it, and sweep again`
      : "the directory keeps nothing of this division: add it to the setting divisions, and sweep again"
  const filtered = division !== undefined || team !== undefined || name !== undefined
  return filtered
    ? "nothing matches: the list without flags shows what there is; divisions and teams are given by their ids, which projections list divisions and projections list teams show"
    : `the organisation has no ${kind}, as of ${iso(swept.began)}`
}

/** Characters of a name for a person: one that is longer would push all columns out of sight. */
const NAME_WIDTH = 60

/** What an id is called beside the id; the id alone where that is not known. */
const called = (id: string | undefined, names: ReadonlyMap<string, string>): string =>
  id === undefined ? "-" : (names.get(id) ?? id)

const linesOf = Effect.fnUntraced(function* (stack: StackTarget, entries: ReadonlyArray<ListedEntry>) {
  const { outputIsTerminal } = yield* Screen
  const idsOf = (of: "division" | "team") => [...new Set(entries.flatMap((entry) => entry[of] ?? []))]
  const divisions = yield* namesOf(stack, "divisions", idsOf("division"))
  const teams = yield* namesOf(stack, "teams", idsOf("team"))
  const emails = entries.some(({ email }) => email !== undefined)
  const short = (text: string) => (outputIsTerminal ? shorten(text, NAME_WIDTH) : text)
  const rows = entries.map(({ id, name = "-", division, team, email = "-" }) => [
    short(name),
    id,
    short(called(division, divisions)),
    short(called(team, teams)),
    ...(emails ? [short(email)] : [])
  ])
  return [table(["NAME", "ID", "DIVISION", "TEAM", ...(emails ? ["E-MAIL"] : [])], rows, outputIsTerminal)]
})

export const list = Command.make(
  "list",
  {
    kind,
    division: name("division", "the id of a division").pipe(
      Flag.optional,
      Flag.withDescription("Only those of the division with this id; list divisions shows ids")
    ),
    team: name("team", "the id of a team").pipe(
      Flag.optional,
      Flag.withDescription("Only agents of the team with this id; list teams shows ids")
    ),
    name: name("name", "the beginning of a name").pipe(
      Flag.optional,
      Flag.withDescription("Only those whose names begin so, whatever the case and the accents are")
    ),
    limit: limit("entries", 100, "Maximum number of entries, the first by name")
  },
  Effect.fnUntraced(function* ({ kind, limit, ...flags }) {
    const filter: DirectoryFilter = Object.fromEntries(
      Object.entries(flags).flatMap(([flag, given]) => (Option.isSome(given) ? [[flag, given.value]] : []))
    )
    yield* onStack(
      Effect.fnUntraced(function* (stack) {
        const { division, team } = flags
        // A name that somebody looks for is no less somebody's name: it stays out of the use log.
        const filters = filtersOf({ kind, division, team, limit, byName: Option.isSome(flags.name) })
        const use = { stack, command: "list", filters, why: Option.none() }
        const looked = onDirectory(
          stack,
          Effect.gen(function* () {
            const found = yield* firstOf(kind, filter, limit)
            return { ...found, swept: yield* (yield* Directory).lastSwept(kind) }
          })
        )
        const { entries, more, swept } = yield* recorded(use, looked, (found) => ({
          outcome: "listed",
          counts: { entries: Option.match(found, { onNone: () => 0, onSome: (some) => some.entries.length }) }
        }))
        yield* present({
          document: {
            kind,
            ...(swept && { swept: iso(swept.began) }),
            more,
            entries: entries.map(({ kind: _, ...entry }) => entry)
          },
          lines: entries.length === 0 ? [] : yield* linesOf(stack, entries),
          notes: more ? [`the first ${number(entries.length)}; there are more: raise --limit, or give --name`] : [],
          end: entries.length === 0 ? nothing(emptiness(kind, filter, swept)) : undefined
        })
      })
    )
  })
).pipe(Command.withDescription("Lists agents, queues and so on by name, with their ids"))
