import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb"
import { assert, describe, it } from "@effect/vitest"
import { AUDIT_KEY, type Seen } from "../../src/pipeline/audit/checkpoint.ts"
import { modelOf } from "../support/core.ts"
import { bigLine, historyOf } from "../support/history.ts"
import { seeds } from "../support/seeds.ts"
import { devStack, runStack } from "../support/stack.ts"

const READ_UNITS_PER_SECOND = 1
const captured = await devStack({ auditReadUnitsPerSecond: READ_UNITS_PER_SECOND, entityIndex: true })

interface AuditLine {
  readonly state: string
  readonly rows: number
  readonly events: number
  readonly entries: number
  readonly readUnits: number
  readonly suspects: number
  readonly discrepancies: number
}

/** What the function said of each of its audits. */
const auditsIn = (lines: ReadonlyArray<string>): ReadonlyArray<AuditLine> =>
  lines.flatMap((line) => {
    const entry = JSON.parse(line) as { readonly message?: string } & AuditLine
    return entry.message === "audit" ? [entry] : []
  })

const HOUR = 3_600_000

/** What the checkpoint says was found. */
const foundIn = async ({ stack }: Awaited<ReturnType<typeof runStack>>): Promise<ReadonlyArray<Seen>> => {
  const client = new DynamoDBClient({ ...stack.operator, maxAttempts: 1 })
  const Key = { key: { S: AUDIT_KEY } }
  const { Item } = await client.send(new GetItemCommand({ TableName: String(captured.outputs.controlTableName), Key }))
  return JSON.parse(Item?.value?.S ?? "{}").found
}

const placeOf = ({ generation, entity, row }: Seen): string => `${generation} ${entity} ${row}`

/** Rows that are not what the naive model makes of the stored events. */
const wrongRows = async (run: Awaited<ReturnType<typeof runStack>>): Promise<ReadonlyArray<string>> => {
  const [rows, model] = [new Set(await run.dump()), new Set(modelOf(await run.events()))]
  const lines = [...[...rows].filter((line) => !model.has(line)), ...[...model].filter((line) => !rows.has(line))]
  const differing = lines.map((line) => line.split(" ").slice(0, 3).join(" "))
  return [...new Set(differing)].sort()
}

describe("a stack that audits itself", () => {
  it.each(seeds(2))(
    "finds nothing wrong, and nothing is, while events arrive under injected faults (seed %i)",
    { timeout: 600_000 },
    async (seed) => {
      const run = await runStack({ captured, seed, chaos: 0.7 })
      const began = run.clock.now()
      const history = historyOf(900, { seed, chaos: 0.7, rate: 0.1 })
      run.feed(history)
      run.send(bigLine("a body in the bucket"))
      await run.reach(history.at(-1)?.at ?? 0)
      run.stack.calm()
      await run.settle()
      await run.reach(run.clock.now() + 2.5 * HOUR)
      const audits = auditsIn(run.lines)
      const sum = (of: (one: AuditLine) => number) => audits.reduce((all, one) => all + of(one), 0)
      assert.isAbove(audits.length, 50)
      const found = await foundIn(run)
      const wrong = await wrongRows(run)
      assert.deepStrictEqual([...new Set(found.map(placeOf))].sort(), wrong)
      assert.deepStrictEqual(wrong, [])
      assert.strictEqual(audits.at(-1)?.discrepancies, found.length)
      assert.strictEqual(audits.at(-1)?.suspects, 0)
      for (const looked of [sum((one) => one.rows), sum((one) => one.events), sum((one) => one.entries)])
        assert.isAbove(looked, 500)
      const seconds = (run.clock.now() - began) / 1_000
      assert.isAtMost(
        sum(({ readUnits }) => readUnits),
        READ_UNITS_PER_SECOND * (seconds + 600) + 500
      )
      assert.deepStrictEqual(run.stack.denied(), [])
      assert.deepStrictEqual(
        run.stack
          .unused()
          .filter(({ roleArn }) => roleArn.endsWith("audit-role"))
          .filter(
            // Only a body that is gone needs it.
            ({ action }) => action !== "s3:ListBucket"
          ),
        []
      )
      process.stdout.write(
        `audit (seed ${seed}): ${sum((one) => one.readUnits)} read units for ${sum((one) => one.rows)} rows, ` +
          `${sum((one) => one.events)} events and ${sum((one) => one.entries)} entries\n`
      )
      await run.stack.stop()
    }
  )
})
