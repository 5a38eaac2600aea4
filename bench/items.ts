import { Result } from "effect"
import { decodeEvent } from "../src/genesys/door.ts"
import { makeCentre } from "../src/local/centre/centre.ts"
import { SIMULATED_SOURCE } from "../src/local/partner.ts"
import type { Item } from "../src/store/aws/attribute.ts"
import { unpack } from "../src/store/aws/body.ts"
import { toItem } from "../src/store/aws/event-item.ts"

/** A stored item, and its body as text. */
export interface Sample {
  readonly item: Item
  readonly body: string
  /** The id of the session that it is about, if it is about one. */
  readonly session: string | undefined
}

const START = Date.parse("2026-05-06T08:00:00.000Z")

/** What the event store holds of the first events of a simulated organisation. */
export const samples = (count: number): ReadonlyArray<Sample> => {
  const centre = makeCentre({
    seed: 1,
    agents: 300,
    queues: 20,
    rate: 1_000,
    chaos: 0,
    start: START,
    source: SIMULATED_SOURCE
  })
  return Array.from({ length: count }, () => {
    const { line, at } = centre.next()
    const { item } = toItem(Result.getOrThrow(decodeEvent(line, at)))
    const body = unpack(item.body)
    return { item, body, session: /"sessionId":"([^"]+)"/.exec(body)?.[1] }
  })
}

/** The nth repetition of a sample: another event, about another session. */
export const repeated = ({ item, body, session }: Sample, n: number): Item => ({
  ...item,
  id: { S: `${item.id?.S}-${n}` },
  ...(session === undefined ? {} : { body: { S: body.replaceAll(session, `${session}-${n}`) } })
})
