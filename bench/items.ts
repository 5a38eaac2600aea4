import { Result } from "effect"
import { decodeEvent } from "../src/genesys/decoder.ts"
import type { Item } from "../src/store/aws/attribute.ts"
import { toItem } from "../src/store/aws/event-item.ts"
import { unpackBody } from "../src/store/aws/pack-body.ts"
import { deliveries, MORNING } from "./deliveries.ts"

/** A stored item, and its body as text. */
export interface Sample {
  readonly item: Item
  readonly body: string
  /** The id of the session that it is about, if it is about one. */
  readonly session: string | undefined
}

/** What the event store holds of the first events of a simulated organisation. */
export const samples = (count: number): ReadonlyArray<Sample> => {
  return deliveries(count, MORNING).map(({ line, at }) => {
    const { item } = toItem(Result.getOrThrow(decodeEvent(line, at)))
    const body = unpackBody(item)
    return { item, body, session: /"sessionId":"([^"]+)"/.exec(body)?.[1] }
  })
}

/** The nth repetition of a sample: another event, about another session. */
export const repeated = ({ item, body, session }: Sample, n: number): Item => ({
  ...item,
  id: { S: `${item.id?.S}-${n}` },
  ...(session === undefined ? {} : { body: { S: body.replaceAll(session, `${session}-${n}`) } })
})
