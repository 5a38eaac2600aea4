import type { QueueCard } from "../board.ts"
import type { Group } from "./groups.ts"

/** A page of the wall: some of the queues, or groups of agents. */
export type WallPage =
  | { readonly kind: "queues"; readonly queues: ReadonlyArray<QueueCard> }
  | { readonly kind: "agents"; readonly groups: ReadonlyArray<Group> }

/** How many queues, and how many agents and headings, a screen of some size (px) holds so that a room reads them. */
export const capacityOf = (width: number, height: number): { readonly queues: number; readonly agents: number } => {
  const rows = Math.max(4, Math.floor((height - 285) / 37))
  return { queues: rows, agents: rows * Math.max(1, Math.floor(width / 300)) }
}

const chunks = <A>(list: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size))

/** Groups on as few pages as they take in their order; one that is larger than what is left goes on over the page. */
const agentPages = (groups: ReadonlyArray<Group>, room: number): ReadonlyArray<ReadonlyArray<Group>> => {
  const pages: Array<Array<Group>> = [[]]
  let left = room
  for (const group of groups) {
    let agents = group.agents
    while (agents.length > 0) {
      // A heading alone at the end of a page says nothing.
      if (left < 2) {
        pages.push([])
        left = room
      }
      const here = agents.slice(0, left - 1)
      pages.at(-1)?.push({ ...group, agents: here })
      left -= here.length + 1
      agents = agents.slice(here.length)
    }
  }
  return pages.filter((page) => page.length > 0)
}

/** The pages of the wall: the queues first, then the agents. There is always one. */
export const pagesOf = (
  queues: ReadonlyArray<QueueCard>,
  groups: ReadonlyArray<Group>,
  capacity: { readonly queues: number; readonly agents: number }
): readonly [WallPage, ...ReadonlyArray<WallPage>] => {
  const [first = { kind: "queues", queues: [] }, ...more]: ReadonlyArray<WallPage> = [
    ...chunks(queues, capacity.queues).map((some) => ({ kind: "queues", queues: some }) as const),
    ...agentPages(groups, capacity.agents).map((some) => ({ kind: "agents", groups: some }) as const)
  ]
  return [first, ...more]
}
