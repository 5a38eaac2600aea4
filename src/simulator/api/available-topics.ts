import { defaultTopics } from "../../genesys/aliases.ts"

/** Topics that no public source shows on EventBridge. The organisation here does not send them there, which is the harsher reading. */
const unseen: ReadonlySet<string> = new Set([
  "v2.users.{id}.outofoffice",
  "v2.users.{id}.station",
  "v2.users.{id}.integrationpresence",
  "v2.analytics.queues.{id}.activity",
  "v2.detail.events.conversation.{id}.voicemail.start",
  "v2.detail.events.conversation.{id}.voicemail.end",
  "v2.detail.events.agent.{id}.state"
])

/** Topics outside of the contract that an organisation lists as well. */
const others: ReadonlyMap<string, ReadonlyArray<string>> = new Map([
  ["v2.users.{id}.geolocation", ["All"]],
  ["v2.operations.events.{id}", ["EventBridge", "ProcessAutomation"]],
  ["v2.users.{id}.conversations", ["Websocket"]]
])

/** A topic as `availabletopics` lists it. */
export interface AvailableTopic {
  readonly id: string
  readonly transports: ReadonlyArray<string>
}

export const availableTopics: ReadonlyArray<AvailableTopic> = [
  ...defaultTopics.map((id) => ({ id, transports: unseen.has(id) ? ["Websocket"] : ["All"] })),
  ...[...others].map(([id, transports]) => ({ id, transports }))
]

/** Whether a topic can go to EventBridge. */
export const isOnEventBridge = (topics: ReadonlyArray<AvailableTopic>, topic: string): boolean =>
  topics.some(({ id, transports }) => id === topic && transports.some((one) => one === "All" || one === "EventBridge"))
