import { seededRandom } from "aws-in-process/random"
import { assert, describe, it } from "vitest"
import { known } from "./differences.ts"
import { differences, emptied, ours, theirs } from "./dynamodb.ts"
import { endpoints } from "./endpoints.ts"
import { makeRequests, tablesOf } from "./requests.ts"

/** Another run: `JUDGE_SEED=2`. */
const SEED = process.env.JUDGE_SEED ?? "1"

/** Requests that start from empty tables. */
const ROUND = 40

interface Judged {
  readonly engine: "dynoxide" | "ministack"
  readonly endpoint: string | undefined
  readonly rounds: number
  /** The share of values at the edge, and of tables: what the engine may be asked. */
  readonly oddness: ReadonlyArray<number>
  readonly isAsked: (table: string) => boolean
}

const judged: ReadonlyArray<Judged> = [
  {
    engine: "dynoxide",
    endpoint: endpoints.dynoxide,
    rounds: 50,
    oddness: [0.05, 0.05, 0.35],
    isAsked: () => true
  },
  {
    engine: "ministack",
    endpoint: endpoints.ministack,
    rounds: 25,
    oddness: [0],
    // MiniStack takes 1 and 1.0 for two keys.
    isAsked: (table) => !table.endsWith("-numbers")
  }
]

/** Ours says that it does not implement what it was asked: it has not answered, so there is nothing to judge. */
const isUnanswered = (line: string) => line.includes("not implemented by aws-in-process")

const judge = async ({ engine, endpoint = "", rounds, oddness, isAsked }: Judged) => {
  const prefix = `judge-${Date.now()}`
  const mine = await ours(prefix)
  const other = await theirs(endpoint, prefix)
  const tables = tablesOf(prefix).filter(({ name }) => isAsked(name))
  const counts = { requests: 0, alike: 0, unanswered: 0, known: 0 }
  const unknown = new Map<string, string>()
  const short = (text: string) => text.replaceAll(prefix, "T").slice(0, 500)
  const isNews = (line: string) => !known.some((one) => one.engine === engine && one.line.test(line))

  for (let round = 0; round < rounds; round++) {
    const next = makeRequests(tables, seededRandom(`${SEED}/${engine}/${round}`), oddness[round % oddness.length] ?? 0)
    for (let n = 0; n < ROUND; n++) {
      const request = next()
      const lines = differences(request, await mine.ask(request), await other(request))
      counts.requests++
      if (lines.length === 0) counts.alike++
      else if (lines.some(isUnanswered)) counts.unanswered++
      else if (!lines.some(isNews)) counts.known++
      else for (const line of lines.filter(isNews)) unknown.set(short(line), short(JSON.stringify(request.input)))
      if (lines.length > 0) await emptied(prefix, [mine.ask, other])
    }
    await emptied(prefix, [mine.ask, other])
  }
  await mine.close()
  return { counts, unknown }
}

describe.each(judged)("the DynamoDB of aws-in-process beside $engine", (judged) => {
  it.skipIf(judged.endpoint === undefined)("answers alike, or differs where it is known who is right", async () => {
    const { counts, unknown } = await judge(judged)
    process.stdout.write(`${judged.engine}: ${JSON.stringify(counts)}, ${unknown.size} unknown kinds\n`)
    assert.deepStrictEqual([...unknown], [])
    assert.isAbove(counts.alike, counts.requests * 0.75)
  })
})
