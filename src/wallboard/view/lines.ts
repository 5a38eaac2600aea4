import type { Columns } from "../../domain/projection.ts"
import { isGone } from "../../genesys/presence.ts"
import type { AgentLine, QueueLine } from "./snapshot.ts"

const time = (iso: unknown): number | undefined => (typeof iso === "string" ? Date.parse(iso) : undefined)

const ifSet = <K extends string, V>(key: K, value: V | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { readonly [key in K]?: V }

/** Whether the view shows an agent of the state document: users who were deleted or deactivated are no agents any more. */
export const isShown = ({ userState }: Columns): boolean => !isGone(userState as string | undefined)

/** An agent of the state document, as the view shows it. */
export const agentLine = (agent: Columns): AgentLine => ({
  agentId: String(agent.agentId),
  state: String(agent.state),
  ...ifSet("since", time(agent.since)),
  ...ifSet("presence", agent.presence as string | undefined),
  ...ifSet("routingStatus", agent.routingStatus as string | undefined),
  sessions: (agent.sessions as ReadonlyArray<Columns>).length,
  alerting: (agent.sessions as ReadonlyArray<Columns>).filter(({ phase }) => phase === "alerting").length,
  wrapup: (agent.wrapup as ReadonlyArray<Columns>).length
})

/** A queue of the state document, as the view shows it. */
export const queueLine = (queue: Columns): QueueLine => {
  const waiting = queue.waiting as ReadonlyArray<Columns>
  const media = new Map<string, number>()
  for (const { mediaType } of waiting) media.set(String(mediaType), (media.get(String(mediaType)) ?? 0) + 1)
  const oldest = waiting.map(({ since }) => time(since) ?? 0).sort((a, b) => a - b)[0]
  return {
    queueId: String(queue.queueId),
    members: (queue.members as ReadonlyArray<unknown>).length,
    waiting: Object.fromEntries(media),
    alerting: (queue.alerting as ReadonlyArray<unknown>).length,
    interacting: (queue.interacting as ReadonlyArray<unknown>).length,
    wrapup: (queue.wrapup as ReadonlyArray<unknown>).length,
    ...ifSet("oldestWaitingSince", oldest)
  }
}
