import { Schema } from "effect"
import { type ArchivedEvent, ArchiveObject, type ArchivePlace, ArchiveWindow, archiveKey } from "./archive.ts"
import { tallyOf } from "./tally.ts"

/** Events as the text of an object: one a line, as JSON. */
export const archiveText = (events: ReadonlyArray<ArchivedEvent>): string =>
  events.map((event) => `${JSON.stringify(event)}\n`).join("")

/** The inverse. Throws where a line is no event. */
export const parseArchive = (text: string): ReadonlyArray<ArchivedEvent> =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const event = JSON.parse(line) as ArchivedEvent
      if (typeof event.id !== "string" || typeof event.received !== "number") throw new Error("not an event")
      return event
    })

/** What a list says of an object that holds these events, of which there is one at least, in so many bytes. */
export const describeObject = (
  place: ArchivePlace | Pick<ArchiveObject, "key" | "window" | "hour">,
  events: ReadonlyArray<ArchivedEvent>,
  bytes: number
): ArchiveObject => {
  let [least, greatest] = [Number.MAX_SAFE_INTEGER, 0]
  for (const { published } of events) {
    if (published < least) least = published
    if (published > greatest) greatest = published
  }
  return {
    key: "key" in place ? place.key : archiveKey(place),
    window: place.window,
    hour: place.hour,
    tally: tallyOf(events.map(({ id }) => id)),
    published: events.length === 0 ? [0, 0] : [least, greatest],
    bytes
  }
}

/** What objects come to. */
export const countsOf = (
  objects: ReadonlyArray<ArchiveObject>
): { readonly items: number; readonly bytes: number } => ({
  items: objects.reduce((sum, { tally }) => sum + tally.items, 0),
  bytes: objects.reduce((sum, { bytes }) => sum + bytes, 0)
})

const decodeObjects = Schema.decodeUnknownSync(Schema.Array(ArchiveObject))
const decodeWindow = Schema.decodeUnknownSync(ArchiveWindow)

/** A list of objects from its text. Throws where it is none. */
export const parseList = (text: string): ReadonlyArray<ArchiveObject> => decodeObjects(JSON.parse(text))

/** What is known of a window, from its text. Throws where it is no window. */
export const parseWindow = (text: string): ArchiveWindow => decodeWindow(JSON.parse(text))

/** By hour, and within it by key. */
export const inOrder = (objects: ReadonlyArray<ArchiveObject>): ReadonlyArray<ArchiveObject> =>
  objects.toSorted((a, b) => a.hour - b.hour || (a.key < b.key ? -1 : 1))
