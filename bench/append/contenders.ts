import { fromItem } from "../../src/store/aws/event-item.ts"
import { itemOf } from "../../src/store/aws/export-format.ts"
import type { Handler, others as makeOthers } from "./others.ts"

export interface Contender {
  readonly name: string
  readonly handler: Handler
  /** The envelope in a stored item as JSON has it; undefined for a handler that only reads. */
  readonly envelopeOf: ((item: object) => unknown) | undefined
  /** Invocations a round: more where one is too short to be measured. */
  readonly invocations: number
}

/** Where the canned answers are, and the handlers as they are bundled. The rest comes from the environment, as on Lambda. */
export interface Setting {
  readonly endpoint: string
  readonly appendFile: string
  readonly projectFile: string
  readonly othersFile: string
  /** Another append, to compare with. */
  readonly beforeFile?: string
}

export const TABLE = process.env.EVENT_TABLE ?? "events"

/** The ways to store events that are no part of this project, by name, with how often each is invoked in a round. */
export const otherWays = {
  sequential: 1,
  again: 1,
  concurrent: 1,
  powertools: 1,
  statements: 2,
  batchWrite: 2,
  floor: 4,
  readOnly: 8
} as const

export type Name = keyof typeof otherWays | "append" | "before"

const plainEnvelope = (item: object): unknown => JSON.parse((item as { readonly body: { readonly S: string } }).body.S)

const storedEnvelope = (item: object): unknown => fromItem(itemOf(JSON.stringify({ Item: item }))).envelope

/** Those that are compared, in one process, each from a bundle. */
export const makeContenders = async (
  { appendFile, othersFile, beforeFile }: Setting,
  names: ReadonlyArray<Name>
): Promise<ReadonlyArray<Contender>> => {
  const { others } = (await import(othersFile)) as { readonly others: typeof makeOthers }
  const ways = others(TABLE, "idempotency")
  const ownHandler = async (file: string) => ((await import(file)) as { readonly handler: Handler }).handler
  return Promise.all(
    names.map(async (name): Promise<Contender> => {
      if (name === "append" || name === "before") {
        const file = name === "append" ? appendFile : beforeFile
        if (file === undefined) throw new Error("there is no append of before")
        return { name, handler: await ownHandler(file), envelopeOf: storedEnvelope, invocations: 4 }
      }
      const handler = ways[name === "again" ? "sequential" : name] as Handler
      const envelopeOf = name === "readOnly" ? undefined : plainEnvelope
      return { name, handler, envelopeOf, invocations: otherWays[name] }
    })
  )
}
