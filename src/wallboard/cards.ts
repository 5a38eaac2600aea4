import type { Columns } from "../domain/projection.ts"
import type { AgentCard, Board, Change, Figures, QueueCard, Sample, Work } from "./board.ts"
import type { StateDocument } from "./document.ts"
import { type Names, NO_NAMES } from "./names.ts"
import { agentLine, isShown, queueLine } from "./view/lines.ts"
import type { QueueLine } from "./view/snapshot.ts"

const workOf = ({ phase, mediaType, queueId, since }: Columns): Work => ({
  phase: String(phase),
  ...(typeof mediaType === "string" ? { medium: mediaType } : {}),
  ...(typeof queueId === "string" ? { queueId } : {}),
  ...(typeof since === "string" ? { since: Date.parse(since) } : {})
})

const toAgent = (agent: Columns): AgentCard => ({
  ...agentLine(agent),
  work: [
    ...(agent.sessions as ReadonlyArray<Columns>),
    // The list of what is wrapped up does not repeat its own name.
    ...(agent.wrapup as ReadonlyArray<Columns>).map((session) => ({ ...session, phase: "wrapup" }))
  ].map(workOf)
})

interface Queue {
  readonly line: QueueLine
  readonly members: ReadonlyArray<string>
}

const toQueue = (queue: Columns): Queue => ({
  line: queueLine(queue),
  members: (queue.members as ReadonlyArray<Columns>).map(({ userId }) => String(userId))
})

/** Once for each value: what has not changed in the document is the same value there. */
const remember = <A>(of: (value: Columns) => A): ((value: Columns) => A) => {
  const known = new WeakMap<Columns, A>()
  return (value) => {
    const held = known.get(value) ?? of(value)
    known.set(value, held)
    return held
  }
}

const statesOf = (
  members: ReadonlyArray<string>,
  agents: ReadonlyMap<string, AgentCard>,
  gone: ReadonlySet<string>
): QueueCard["states"] => {
  const counts = new Map<string, number>()
  for (const id of members) {
    if (gone.has(id)) continue
    const state = agents.get(id)?.state ?? "Unknown"
    counts.set(state, (counts.get(state) ?? 0) + 1)
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Cards, and the members of each queue by its id. */
interface Cards extends Pick<Board, "agents" | "queues"> {
  readonly members: ReadonlyMap<string, ReadonlyArray<string>>
}

const NOTHING_TODAY = () => ({})

/**
 * Makes the cards of a document; it does again only what the document has changed. `today` says what happened in a queue today, and
 * `agentToday` what an agent did.
 */
export const makeCards = (
  today: (queueId: string) => Pick<QueueCard, "today"> = NOTHING_TODAY,
  agentToday: (agentId: string) => Pick<AgentCard, "handledToday"> = NOTHING_TODAY
): ((document: StateDocument) => Cards) => {
  const [agentOf, queueOf] = [remember(toAgent), remember(toQueue)]
  return (document) => {
    const agents = document.agents
      .filter(isShown)
      .map(agentOf)
      .map((agent) => ({ ...agent, ...agentToday(agent.agentId) }))
    const gone = new Set(document.agents.flatMap((agent) => (isShown(agent) ? [] : [String(agent.agentId)])))
    const byId = new Map(agents.map((agent) => [agent.agentId, agent]))
    const queues = document.queues.map(queueOf)
    return {
      agents,
      queues: queues.map(({ line, members }) => ({
        ...line,
        states: statesOf(members, byId, gone),
        ...today(line.queueId)
      })),
      members: new Map(queues.map(({ line, members }) => [line.queueId, members]))
    }
  }
}

const difference = <A>(before: Map<string, string>, now: ReadonlyArray<A>, idOf: (one: A) => string) => {
  const changed: Array<A> = []
  const gone = new Set(before.keys())
  for (const one of now) {
    const [id, text] = [idOf(one), JSON.stringify(one)]
    gone.delete(id)
    if (before.get(id) === text) continue
    before.set(id, text)
    changed.push(one)
  }
  for (const id of gone) before.delete(id)
  return { changed, gone: [...gone] }
}

const unlessEmpty = <K extends string, A>(name: K, list: ReadonlyArray<A>) =>
  (list.length === 0 ? {} : { [name]: list }) as { readonly [name in K]?: ReadonlyArray<A> }

/** Names that are others than before, by id; null for those that are gone. */
const renames = (before: Names, now: Names): ReadonlyArray<readonly [id: string, name: string | null]> =>
  before === now
    ? []
    : [
        ...[...now].filter(([id, name]) => before.get(id) !== name),
        ...[...before.keys()].filter((id) => !now.has(id)).map((id) => [id, null] as const)
      ]

/** Takes the cards and names as they are now, and returns what is new in them since it was last asked; at first, everything. */
export const makeChanges = () => {
  const [agents, queues] = [new Map<string, string>(), new Map<string, string>()]
  const lists = new Map<string, ReadonlyArray<string>>()
  let namesBefore = NO_NAMES
  return (figures: Figures, cards: Cards, names: Names, samples: ReadonlyArray<Sample>): Change => {
    const agent = difference(agents, cards.agents, ({ agentId }) => agentId)
    const queue = difference(queues, cards.queues, ({ queueId }) => queueId)
    const renamed = renames(namesBefore, names)
    namesBefore = names
    // What has not changed in the document is the same value there.
    const moved = [...cards.members].filter(([id, members]) => lists.get(id) !== members)
    for (const [id, members] of moved) lists.set(id, members)
    return {
      figures,
      ...unlessEmpty("agents", agent.changed),
      ...unlessEmpty("queues", queue.changed),
      ...unlessEmpty("gone", [...agent.gone, ...queue.gone]),
      ...(renamed.length === 0 ? {} : { names: Object.fromEntries(renamed) }),
      ...(moved.length === 0 ? {} : { members: Object.fromEntries(moved) }),
      ...unlessEmpty("samples", samples)
    }
  }
}
