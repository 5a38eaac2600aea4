import { Effect } from "effect"
import {
  DIRECTORY_KINDS,
  type DirectoryFilter,
  type DirectoryKind,
  leavesOut,
  MOST_PAGE_ENTRIES,
  PAGE_ENTRIES
} from "../domain/directory.ts"
import type { ListPage } from "./answers.ts"
import { BadOption, NoDirectory } from "./errors.ts"
import type { ListOptions } from "./options.ts"
import { checkId, type Settings } from "./settings.ts"
import type { DirectorySource } from "./source.ts"
import { withinTime } from "./view.ts"

const LONGEST_NAME = 2_048

const checkText = (field: "name" | "after", given: unknown) =>
  given === undefined || (typeof given === "string" && given.length <= LONGEST_NAME)
    ? Effect.void
    : new BadOption({
        field,
        problem: `is ${typeof given === "string" ? "too long" : typeof given}; it must be ${field === "name" ? "the beginning of a name" : "next of the page before"}`
      })

const check = Effect.fnUntraced(function* (kind: unknown, options: ListOptions) {
  const { division, team, name, after, limit = PAGE_ENTRIES } = options
  if (!DIRECTORY_KINDS.some((one) => one === kind))
    return yield* new BadOption({
      field: "kind",
      problem: `is ${JSON.stringify(kind)}; it must be one of ${DIRECTORY_KINDS.join(", ")}`
    })
  if (division !== undefined) yield* checkId("division", division, "a division")
  if (team !== undefined) yield* checkId("team", team, "a team")
  yield* checkText("name", name)
  yield* checkText("after", after)
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_PAGE_ENTRIES)
    return yield* new BadOption({
      field: "limit",
      problem: `is ${JSON.stringify(limit)}; it must be a whole number from 1 to ${MOST_PAGE_ENTRIES}`
    })
  const filter: DirectoryFilter = {
    ...(division === undefined ? {} : { division }),
    ...(team === undefined ? {} : { team }),
    ...(name === undefined ? {} : { name })
  }
  return { filter, page: { limit, ...(after === undefined ? {} : { cursor: after }) } }
})

/** The call that says which agents, queues and so on there are. An empty list means that there is nobody, and nothing else. */
export const makeList = (directory: DirectorySource, settings: Settings) =>
  Effect.fnUntraced(function* (kind: DirectoryKind, options: ListOptions = {}) {
    const { filter, page } = yield* check(kind, options)

    const doubt = Effect.fnUntraced(function* () {
      const swept = yield* directory.lastSwept(kind)
      const not = (reason: NoDirectory["reason"]) => new NoDirectory({ table: directory.table, reason })
      if (swept === undefined) return yield* not("unfilled")
      if (filter.name !== undefined && kind === "agents" && swept.holds === "ids") return yield* not("ids")
      if (leavesOut(swept, kind, filter)) return yield* not("division")
    })

    const read = Effect.gen(function* () {
      const { entries, cursor } = yield* directory.list(kind, filter, page)
      if (entries.length === 0 && page.cursor === undefined) yield* doubt()
      const listed: ListPage = {
        entries: entries.map(({ kind: _, ...entry }) => entry),
        ...(cursor === undefined ? {} : { next: cursor })
      }
      return listed
    })
    return yield* withinTime(settings, "list", read)
  })
