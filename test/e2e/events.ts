import { SIMULATED_SOURCE } from "../../src/local/partner.ts"
import { makeSimulator } from "../../src/simulator/simulator.ts"

/** A day that is over, so that everything is due at once. */
const START = Date.UTC(2026, 2, 2, 8)

/** What a centre with mishaps delivers, in order of delivery: 600 lines. */
export const fromCentre = (): ReadonlyArray<string> => {
  const centre = makeSimulator({
    seed: 5,
    agents: 8,
    queues: 3,
    rate: 20,
    chaos: 0.5,
    start: START,
    source: SIMULATED_SOURCE
  })
  return Array.from({ length: 600 }, () => centre.next().line)
}

/** Lines that every reader has to account for, beside the centre's own: a duplicate, a conflict, an unknown topic, garbage. */
export const oddities = (lines: ReadonlyArray<string>): ReadonlyArray<string> => {
  const isPresence = (line: string) => line.includes('"v2.users.{id}.presence"') && line.endsWith("}")
  // Each id once, so that it does not depend on the order which is the original and which the conflict.
  const [twice, other] = lines.filter(
    (line, i) => isPresence(line) && lines.indexOf(line) === i && lines.lastIndexOf(line) === i
  )
  if (twice === undefined || other === undefined) throw new Error("the centre sent too few presences")
  const { detail, ...event } = JSON.parse(other) as { detail: object }
  return [
    twice,
    JSON.stringify({ ...event, detail: { ...detail, more: "under the same id" } }),
    JSON.stringify({ ...event, detail, id: "of-no-topic", "detail-type": "v2.nobody.knows.{id}" }),
    "no JSON at all",
    "[1, 2, 3]",
    '{"id": "an envelope without the rest"}'
  ]
}

/** A Fisher-Yates shuffle by a small generator: the same order for the same seed everywhere. */
export const shuffled = <A>(list: ReadonlyArray<A>, seed: number): Array<A> => {
  const copy = [...list]
  let state = seed
  for (let i = copy.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const j = Math.floor((state / 2 ** 32) * (i + 1))
    ;[copy[i], copy[j]] = [copy[j] as A, copy[i] as A]
  }
  return copy
}
