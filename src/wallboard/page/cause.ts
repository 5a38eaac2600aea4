const ID = /[0-9a-f]{8}-[0-9a-f-]{27}/g

/** `v2.users.{id}.activity` says as much as the whole topic: the id is that of the row. */
const topicText = (topic: string): string => topic.replace(ID, "{id}")

/** Whether a cause has the name of a topic in place of an event's id: it follows from the last of several events, whichever that was. */
export const isTopic = (eventId: string): boolean => eventId.includes("{id}")

/** What is known of the event that set a field. */
interface Known {
  readonly topic?: string
  readonly eventId: string
  readonly snapshot?: true
}

/** What a field follows from that no event is named for. */
export const originText = (column: string, derived: boolean): string =>
  derived
    ? "counted from the sessions and members below, of which none is counted here now"
    : `tells this row from the others: ${column} was set when the row was made`

/** What set a field: the topic of the event, a snapshot, or why none is named. */
export const causeText = ({ topic, eventId, snapshot }: Known): string =>
  snapshot === true
    ? "snapshot"
    : topic !== undefined
      ? topicText(topic)
      : isTopic(eventId)
        ? `follows from ${eventId}`
        : "not in the event store"
