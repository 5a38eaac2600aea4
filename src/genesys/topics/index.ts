import type { Topic } from "../topic.ts"
import { activity } from "./activity.ts"
import { agentState } from "./agent-state.ts"
import { audit } from "./audit.ts"
import { conversationSessions } from "./conversation.ts"
import { conversationSummary } from "./conversation-summary.ts"
import { integrationPresence } from "./integration-presence.ts"
import { outOfOffice } from "./out-of-office.ts"
import { persistentConnection } from "./persistent-connection.ts"
import { presence } from "./presence.ts"
import { queueActivity } from "./queue-activity.ts"
import { queueObservations } from "./queue-observations.ts"
import { queueUsers } from "./queue-users.ts"
import { routingStatus } from "./routing-status.ts"
import { snapshotTopics } from "./snapshot.ts"
import { station } from "./station.ts"
import { afterCallWork, wrapUp } from "./wrap-up.ts"

/** The topics of Genesys that the contract understands. */
export const genesysTopics: ReadonlyArray<Topic> = [
  activity,
  presence,
  routingStatus,
  conversationSummary,
  outOfOffice,
  station,
  persistentConnection,
  integrationPresence,
  queueUsers,
  queueObservations,
  queueActivity,
  ...conversationSessions,
  afterCallWork,
  wrapUp,
  agentState,
  audit
]

/** Every topic that the contract understands, snapshots included. Others are accepted, stored and counted as unrouted. */
export const allTopics: ReadonlyArray<Topic> = [...genesysTopics, ...snapshotTopics]

/** The topics by template, which is what `detail-type` holds. */
export const topics: ReadonlyMap<string, Topic> = new Map(allTopics.map((topic) => [topic.template, topic]))
