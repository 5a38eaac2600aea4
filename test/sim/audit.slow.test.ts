import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb"
import { assert, describe, it } from "@effect/vitest"
import { AUDIT_KEY } from "../../src/pipeline/audit/checkpoint.ts"
import { historyOf } from "../support/history.ts"
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
const foundIn = async ({ stack }: Awaited<ReturnType<typeof runStack>>): Promise<ReadonlyArray<unknown>> => {
  const client = new DynamoDBClient({ ...stack.operator, maxAttempts: 1 })
  const Key = { key: { S: AUDIT_KEY } }
  const { Item } = await client.send(new GetItemCommand({ TableName: String(captured.outputs.controlTableName), Key }))
  return JSON.parse(Item?.value?.S ?? "{}").found
}

describe("a stack that audits itself", () => {
  it.each(seeds(2))(
    "finds nothing while events arrive for hours under injected faults, within its rights and its budget (seed %i)",
    { timeout: 600_000 },
    async (seed) => {
      const run = await runStack({ captured, seed, chaos: 0.7 })
      const began = run.clock.now()
      const history = historyOf(900, { seed, chaos: 0.7, rate: 0.1 })
      run.feed(history)
      await run.reach(history.at(-1)?.at ?? 0)
      run.stack.calm()
      await run.settle()
      await run.reach(run.clock.now() + 2.5 * HOUR)
      const audits = auditsIn(run.lines)
      const sum = (of: (one: AuditLine) => number) => audits.reduce((all, one) => all + of(one), 0)
      assert.isAbove(audits.length, 50)
      assert.deepStrictEqual(await foundIn(run), [])
      assert.strictEqual(Math.max(...audits.map(({ discrepancies = 0 }) => discrepancies)), 0)
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
        run.stack.unused().filter(({ roleArn }) => roleArn.endsWith("audit-role")),
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
