import { Clock, Effect } from "effect"
import type { DirectoryKind } from "../domain/directory.ts"
import type { Named } from "./answers.ts"
import type { NoDirectory, ReaderError } from "./errors.ts"
import type { DirectorySource, NamedId } from "./source.ts"

/** How long a name is remembered, in ms: so long a reader may still show one that was removed. */
const REMEMBERED_MS = 60_000

/** Names that are remembered at once. */
const MOST_REMEMBERED = 20_000

/** What the id under such a key is the id of, or each in a list of them. */
const kindsOfKeys: ReadonlyMap<string, DirectoryKind> = new Map([
  ["agentId", "agents"],
  ["userId", "agents"],
  ["answeredBy", "agents"],
  ["queueId", "queues"],
  ["activeQueueIds", "queues"],
  ["presenceId", "presences"]
])

/** What an entity is, by the name of the projection. */
const kindsOfProjections: ReadonlyMap<string, DirectoryKind> = new Map([
  ["agents", "agents"],
  ["queues", "queues"]
])

const keyOf = ({ kind, id }: NamedId): string => `${kind}#${id}`

/** The ids in an answer of which the directory may know a name. `projection`: of which it is, where that is not of agents and queues. */
const idsIn = (answer: unknown, projection = ""): ReadonlyArray<NamedId> => {
  const found: Array<NamedId> = []
  const kindOf = (key: string, under: string): DirectoryKind | undefined => {
    if (under === "" && key === "entity") return kindsOfProjections.get(projection)
    return under === "wrapup" && key === "code" ? "wrapupCodes" : kindsOfKeys.get(key)
  }
  const walk = (value: unknown, under: string): void => {
    if (Array.isArray(value)) for (const one of value) walk(one, under)
    else if (typeof value === "object" && value !== null)
      for (const [key, inner] of Object.entries(value)) {
        const kind = kindOf(key, under)
        if (kind === undefined) walk(inner, key)
        else for (const id of [inner].flat()) if (typeof id === "string") found.push({ kind, id })
      }
  }
  walk(answer, "")
  return found
}

/** Adds to an answer, or to each of a list of them, what the ids in it mean. */
export type AddNames = <A>(answer: A, projection?: string) => Effect.Effect<A, ReaderError | NoDirectory>

/** Remembers names for a minute, unknown ones as well. All ids of an answer that are not remembered are read at once. */
export const makeAddNames = (directory: DirectorySource): AddNames => {
  const remembered = new Map<string, { readonly name: string | undefined; readonly until: number }>()

  /** By key, the names of all that have one. */
  const namesOf = Effect.fnUntraced(function* (ids: ReadonlyArray<NamedId>) {
    const now = yield* Clock.currentTimeMillis
    const names = new Map<string, string | undefined>()
    const open = new Map<string, NamedId>()
    for (const id of ids) {
      const held = remembered.get(keyOf(id))
      if (held === undefined || held.until <= now || held.until > now + REMEMBERED_MS) open.set(keyOf(id), id)
      else names.set(keyOf(id), held.name)
    }
    if (open.size === 0) return names
    for (const entry of yield* directory.names([...open.values()])) names.set(keyOf(entry), entry.name)
    if (remembered.size + open.size > MOST_REMEMBERED) remembered.clear()
    for (const key of open.keys()) remembered.set(key, { name: names.get(key), until: now + REMEMBERED_MS })
    return names
  })

  return <A>(answer: A, projection?: string) =>
    Effect.gen(function* () {
      const answers: ReadonlyArray<unknown> = Array.isArray(answer) ? answer : [answer]
      const ids = answers.map((one) => idsIn(one, projection))
      const names = yield* namesOf(ids.flat())
      const named = answers.map((one, i) => {
        if (one === undefined) return one
        const known = (ids[i] ?? []).flatMap((id) => {
          const name = names.get(keyOf(id))
          return name === undefined ? [] : [[id.id, name] as const]
        })
        return { ...(one as object), names: Object.fromEntries(known) } satisfies Named
      })
      return (Array.isArray(answer) ? named : named[0]) as A
    })
}
