import { Effect } from "effect"
import { type DirectoryEntry, withTeam } from "../../domain/directory.ts"
import {
  type AgentStatus,
  Organisation,
  type OrganisationUser,
  STATUSES_A_CALL
} from "../../genesys-api/organisation.ts"
import { Directory } from "../../store/directory.ts"
import type { AgentAnswer, Answer } from "./answers.ts"
import { compareAgent } from "./compare.ts"
import { countsOf, together } from "./counts.ts"
import { openOf } from "./held.ts"
import { compareSettled, type Looked, type Settled } from "./look.ts"
import type { Unit } from "./unit.ts"

const IDLE = new Set(["IDLE", "OFF_QUEUE"])

/** Whether a user has no conversation, as far as the API says: then a list of sessions would be empty, unless the rows say otherwise. */
const isQuiet = ({ routingStatus, conversations }: OrganisationUser): boolean =>
  routingStatus !== undefined &&
  IDLE.has(routingStatus.value) &&
  conversations.every(({ value }) => [value.active, value.acw].every((count) => (count ?? 0) === 0))

const chunks = <A>(all: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))

/** What agents are doing, asked for those who work or have rows that say so. */
const statusesOf = Effect.fnUntraced(function* (projection: string, users: ReadonlyArray<OrganisationUser>) {
  const { statuses } = yield* Organisation
  const quiet = users.filter(isQuiet).map(({ id }) => id)
  const open = yield* openOf(projection, quiet)
  const asked = users.map(({ id }) => id).filter((id) => open.get(id)?.length !== 0)
  const found = new Map<string, Answer<AgentStatus>>()
  for (const ids of chunks(asked, STATUSES_A_CALL)) {
    const { asked, items } = yield* statuses(ids)
    // Who was not asked for is no answer.
    for (const said of items) if (ids.includes(said.userId)) found.set(said.userId, { asked, said })
  }
  return found as ReadonlyMap<string, Answer<AgentStatus>>
})

/** The teams that users are in, so far as the API says what they are called. */
const teamsOf = (users: ReadonlyArray<OrganisationUser>) => [
  ...new Map(
    users.flatMap(({ team, teamName }) => (team === undefined || teamName === undefined ? [] : [[team, teamName]]))
  )
]

/** Users with the teams that are stored, where an answer names none: see `withTeam`. */
const withTeams = Effect.fnUntraced(function* (entries: ReadonlyArray<DirectoryEntry>) {
  const without = entries.filter(({ team }) => team === undefined).map(({ id }) => id)
  if (without.length === 0) return entries
  const stored = yield* (yield* Directory).names("agents", without)
  return entries.map((entry) => withTeam(entry, stored.get(entry.id)))
})

/** A page of users: the names go into the directory, and what differs from the rows of `projection` onto the stream. */
export const agentsUnit = Effect.fnUntraced(function* (
  projection: string | undefined,
  next: string | undefined,
  heard: number | undefined
) {
  const page = yield* (yield* Organisation).users(next)
  yield* (yield* Directory).put([
    ...teamsOf(page.items).map(([id, name]) => ({ kind: "teams" as const, id, at: page.asked, name })),
    ...(yield* withTeams(
      page.items.map(({ id, name, email, division, team }) => ({
        kind: "agents" as const,
        id,
        at: page.asked,
        ...(name === undefined ? {} : { name }),
        ...(email === undefined ? {} : { email }),
        ...(division === undefined ? {} : { division }),
        ...(team === undefined ? {} : { team })
      }))
    ))
  ])
  const { compared, later }: Settled =
    projection === undefined ? { compared: together([]) } : yield* compareUsers(projection, page, heard)
  return {
    counts: { ...countsOf(compared), agents: page.items.length },
    missing: compared.missing,
    ...(later === undefined ? {} : { later }),
    ...(page.next === undefined ? {} : { next: page.next }),
    ...(page.total === undefined ? {} : { total: page.total })
  } satisfies Unit
})

const compareUsers = Effect.fnUntraced(function* (
  projection: string,
  { asked, items }: { readonly asked: number; readonly items: ReadonlyArray<OrganisationUser> },
  heard: number | undefined
) {
  const statuses = yield* statusesOf(projection, items)
  const looked = items.map((user): Looked<AgentAnswer> => {
    const status = statuses.get(user.id)
    return {
      entity: user.id,
      rows: (status?.said.sessions ?? []).map(({ sessionId }) => `session#${sessionId}`),
      asked: status?.asked ?? asked,
      answer: { agentId: user.id, user: { asked, said: user }, ...(status === undefined ? {} : { status }) }
    }
  })
  return yield* compareSettled(projection, looked, heard, (answer, held) => Effect.succeed(compareAgent(answer, held)))
})
