import { quarantineDigest } from "../store/quarantine.ts"
import type { Line } from "./lines.ts"

/**
 * A line that was not appended, or that was and is `parked` because a table cannot hold all that it says, and why. `key` names the object
 * that keeps it; what the rule drops is kept nowhere.
 */
export interface LeftOut {
  readonly number: number
  readonly outcome: "quarantined" | "parked" | "dropped by the rule"
  readonly reason: string
  readonly key?: string
}

/** An object of the quarantine or of what is parked, as far as it is looked at. */
interface Kept {
  readonly key: string
  readonly metadata: Readonly<Record<string, string>>
}

const FIRST_CAPACITY = 1_024

/** The lines by their content, at twelve bytes a line: a file may have millions, of which a few are asked for. */
const makeContents = () => {
  let digests = new BigUint64Array(FIRST_CAPACITY)
  let numbers = new Uint32Array(FIRST_CAPACITY)
  let size = 0
  const grow = () => {
    const [before, places] = [digests, numbers]
    digests = new BigUint64Array(2 * size)
    digests.set(before)
    numbers = new Uint32Array(2 * size)
    numbers.set(places)
  }
  return {
    add: ({ number, text }: Line) => {
      if (size === digests.length) grow()
      digests[size] = BigInt(`0x${quarantineDigest(Buffer.from(text))}`)
      numbers[size++] = number
    },
    /** Calls back for each line whose content is among the keys, in the order of the lines. */
    visit: <A>(wanted: ReadonlyMap<bigint, A>, found: (number: number, value: A) => void) => {
      for (let i = 0; i < size; i++) {
        const value = wanted.get(digests[i] as bigint)
        if (value !== undefined) found(numbers[i] as number, value)
      }
    }
  }
}

/**
 * Remembers the lines of a file, to name afterwards those that did not come through. `list` gives the objects that keep such lines; what was there
 * before belongs to an earlier run.
 */
export const makeLeftOut = (list: () => ReadonlyArray<Kept>) => {
  const contents = makeContents()
  const before = new Set(list().map(({ key }) => key))
  const dropped: Array<LeftOut> = []
  return {
    /** A line that went in. */
    fed: contents.add,
    /** A line that no rule took. */
    drop: ({ number }: Line, reason: string) => {
      dropped.push({ number, outcome: "dropped by the rule", reason })
    },
    dropped: () => dropped.length,
    /** All of them by line, once everything has settled. */
    all: (): ReadonlyArray<LeftOut> => {
      const objects = list().filter(({ key }) => !before.has(key))
      const byContent = new Map(objects.map((object) => [BigInt(`0x${object.key.slice(-16)}`), object]))
      const all = [...dropped]
      contents.visit(byContent, (number, { key, metadata: { reason = "", detail = "" } }) =>
        all.push({
          number,
          outcome: key.startsWith("parked/") ? "parked" : "quarantined",
          reason: `${reason}, ${detail}`,
          key
        })
      )
      return all.sort((a, b) => a.number - b.number)
    }
  }
}
