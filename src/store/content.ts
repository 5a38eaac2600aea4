import { canonical, type Json } from "../domain/json.ts"
import type { Event } from "../genesys/event.ts"

/** The fields that tell two events of one id apart. A replay from an archive adds others, and is the same event. */
const FIELDS = ["source", "detail-type", "detail"]

/** The one text of what an event says: equal for events that are duplicates of each other, different for a conflict. */
export const contentOf = (envelope: Event["envelope"]): string =>
  canonical(
    Object.fromEntries(
      FIELDS.filter((name) => Object.hasOwn(envelope, name)).map((name) => [name, envelope[name] as Json])
    )
  )
