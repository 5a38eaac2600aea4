const ID = /[0-9a-f]{8}-[0-9a-f-]{27}/g

/** `v2.users.{id}.activity` says as much as the whole topic: the id is that of the row. */
const topicText = (topic: string): string => topic.replace(ID, "{id}")

/** Whether a cause has the name of a topic in place of an event's id: it follows from the last of several events, whichever that was. */
export const isTopic = (eventId: string): boolean => eventId.includes("{id}")

/** What set a field: the topic of the event, or why none is named. */
export const causeText = ({ topic, eventId }: { readonly topic?: string; readonly eventId: string }): string =>
  topic !== undefined ? topicText(topic) : isTopic(eventId) ? `follows from ${eventId}` : "not in the event store"
