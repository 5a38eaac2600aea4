import { type Board, nameIn, type QueueCard } from "../board.ts"

/** What happened in several queues today. */
export interface Totals {
  readonly offered: number
  readonly answered: number
  readonly answeredInTime: number
  readonly judged: number
  readonly abandoned: number
  readonly shortAbandoned: number
  /** From 0 to 1; absent where nothing counts towards it. */
  readonly serviceLevel?: number
  /** The target of all of them; absent where they have several. */
  readonly target?: number
  readonly revised: boolean
}

/** The target of a queue, by its id or its name, and else that of all. */
export const targetOf = (queueId: string, { names, settings }: Pick<Board, "names" | "settings">): number => {
  const { serviceLevels, serviceLevel } = settings
  const keys = [queueId, nameIn(names, queueId) ?? queueId]
  const [own] = keys.filter((key) => Object.hasOwn(serviceLevels, key))
  return (own === undefined ? serviceLevel : (serviceLevels[own] ?? serviceLevel)).target
}

/** Sums over queues; undefined where none of them has figures of the day. */
export const totalsOf = (
  queues: ReadonlyArray<Pick<QueueCard, "queueId" | "today">>,
  known: Pick<Board, "names" | "settings">
): Totals | undefined => {
  const days = queues.flatMap(({ today }) => (today === undefined ? [] : [today]))
  if (days.length === 0 && queues.length > 0) return undefined
  const total = (name: "offered" | "answered" | "answeredInTime" | "judged" | "abandoned" | "shortAbandoned") =>
    days.reduce((all, day) => all + day[name], 0)
  const targets = new Set(queues.map(({ queueId }) => targetOf(queueId, known)))
  const [answeredInTime, judged] = [total("answeredInTime"), total("judged")]
  const [target] = targets
  return {
    offered: total("offered"),
    answered: total("answered"),
    answeredInTime,
    judged,
    abandoned: total("abandoned"),
    shortAbandoned: total("shortAbandoned"),
    ...(judged === 0 ? {} : { serviceLevel: answeredInTime / judged }),
    ...(targets.size === 1 && target !== undefined ? { target } : {}),
    revised: days.some(({ revised }) => revised)
  }
}
