import { Clock, Effect } from "effect"
import { STATE_ROW } from "../../domain/projection.ts"
import { type FormerState, type FormerUser, Organisation } from "../../genesys-api/organisation.ts"
import { Directory } from "../../store/directory.ts"
import { ProjectionStore, rowKey } from "../../store/projection-store.ts"
import type { AgentAnswer } from "./answers.ts"
import { noCounts } from "./checkpoint.ts"
import { compareAgent } from "./compare.ts"
import { countsOf, together } from "./counts.ts"
import { compareSettled, type Looked, type Settled } from "./look.ts"
import type { Unit } from "./unit.ts"

const answerOf = ({ id, state }: FormerUser, asked: number): AgentAnswer => ({
  agentId: id,
  user: { asked, said: { state, conversations: [] } }
})

/** Those of whom the stack knows anything, and among them those who are active by their rows. */
const knownOf = Effect.fnUntraced(function* (projection: string, users: ReadonlyArray<FormerUser>, asked: number) {
  const store = yield* ProjectionStore
  const read = yield* Clock.currentTimeMillis
  const keys = users.map(({ id }) => ({ projection, entity: id, row: STATE_ROW }))
  const loaded = yield* store.load(keys)
  const known = users.flatMap((user, i) => {
    const key = keys[i]
    const registers = key && loaded.get(rowKey(key))?.registers
    return registers === undefined || registers.size === 0 ? [] : [{ user, registers }]
  })
  const isActive = ({ user, registers }: (typeof known)[number]) =>
    compareAgent(answerOf(user, asked), { rows: new Map([[STATE_ROW, registers]]), read }).statements.length > 0
  return { known: known.map(({ user }) => user), active: known.filter(isActive).map(({ user }) => user) }
})

/**
 * A page of users who were deactivated or deleted. Whoever the rows still have as active was so without an event that told of it. They
 * leave the lists of the directory at once. Those of whom the stack never heard cost one small read.
 */
export const formerUnit = Effect.fnUntraced(function* (
  projection: string | undefined,
  state: FormerState,
  next: string | undefined,
  heard: number | undefined
) {
  const page = yield* (yield* Organisation).former(state)(next)
  const { asked, items } = page
  const { known, active } =
    projection === undefined ? { known: items, active: [] } : yield* knownOf(projection, items, asked)
  yield* (yield* Directory).left(
    "agents",
    known.map(({ id }) => id),
    asked
  )
  const looked = active.map(
    (user): Looked<AgentAnswer> => ({ entity: user.id, rows: [], asked, answer: answerOf(user, asked) })
  )
  const { compared, later }: Settled =
    projection === undefined || looked.length === 0
      ? { compared: together([]) }
      : yield* compareSettled(projection, looked, heard, (answer, held) => Effect.succeed(compareAgent(answer, held)))
  return {
    counts: { ...noCounts, ...countsOf(compared), former: items.length },
    missing: compared.missing,
    ...(later === undefined ? {} : { later }),
    ...(page.next === undefined ? {} : { next: page.next })
  } satisfies Unit
})
