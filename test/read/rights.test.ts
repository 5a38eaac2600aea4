import { assert, describe, it } from "@effect/vitest"
import type { PolicyDocument, PolicyStatement } from "aws-in-process"
import { Effect } from "effect"
import { agents } from "../../projections/agents.ts"
import { queues } from "../../projections/queues.ts"
import { Reader } from "../../src/read/index.ts"
import { AGENT, QUEUE } from "../projections/support.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { devStack } from "../support/stack.ts"
import { commandsOfPage, sendCommand } from "./commands.ts"
import { makeTables, policyOfReaders } from "./engine.ts"
import { member, onQueue } from "./events.ts"

const policy = policyOfReaders(await devStack())

interface Grant {
  readonly action: string
  readonly resource: string
}

const statements = (of: PolicyDocument) => [of.Statement].flat() as ReadonlyArray<PolicyStatement>

/** What is read here is of agents and queues: rights on the tables of other projections are for those who added them. */
const isOfReader = ({ resource }: Pick<Grant, "resource">) =>
  !/-v\d+(?:\/|$)/.test(resource) || /-(?:agents|queues)-v\d/.test(resource)

const grants: ReadonlyArray<Grant> = statements(policy)
  .flatMap(({ Action, Resource }) =>
    [Action].flat().flatMap((action) => [Resource].flat().map((resource) => ({ action, resource })))
  )
  .filter(isOfReader)

const without = (taken: Grant): PolicyDocument => ({
  Statement: statements(policy).flatMap(({ Action, Resource, ...rest }) =>
    [Action]
      .flat()
      .flatMap((action) => [Resource].flat().map((resource) => ({ ...rest, Action: action, Resource: resource })))
      .filter(({ Action: action, Resource: resource }) => action !== taken.action || resource !== taken.resource)
  )
})

/** Makes every call of the reader and sends every command of docs/tables.md; returns what was refused and what was not needed. */
const attempt = async (of: PolicyDocument) => {
  const tables = await makeTables({ policy: of })
  try {
    await tables.fold([...onQueue(AGENT, "IDLE", 0), member(QUEUE, AGENT, true, 0)])
    const calls = Reader.use((reader) =>
      Effect.forEach(
        [
          reader.agent(AGENT),
          reader.agents([AGENT, QUEUE]),
          reader.queue(QUEUE),
          reader.queue(QUEUE, { join: true }),
          reader.available(QUEUE),
          reader.members(QUEUE),
          reader.rows(agents, AGENT),
          reader.row(queues, QUEUE),
          reader.agent(AGENT, { names: true }),
          reader.list("agents"),
          reader.list("agents", { name: "anna" }),
          reader.list("agents", { division: QUEUE }),
          reader.list("agents", { team: QUEUE, division: QUEUE })
        ],
        (call) => Effect.ignore(call as Effect.Effect<unknown, unknown>)
      )
    )
    await Effect.runPromise(Effect.provide(calls, tables.layer()))
    const client = tables.client()
    for (const words of commandsOfPage()) await sendCommand(client, words).catch(() => undefined)
    const [denied, unused] = [tables.rights.denied(), tables.rights.unused()]
    return { denied, unused: unused.filter(({ roleArn }) => roleArn.endsWith("/reader")).filter(isOfReader) }
  } finally {
    await tables.close()
  }
}

describe("the policy for readers", () => {
  it(
    "[P10] is enough for the reader and for the documented commands, and holds nothing that neither uses",
    UNHURRIED,
    async () => {
      const { denied, unused } = await attempt(policy)
      assert.deepStrictEqual(denied, [])
      assert.deepStrictEqual(unused, [])
    }
  )

  it.each(grants)("[P10] cannot do without $action on $resource", UNHURRIED, async (grant) => {
    const { denied } = await attempt(without(grant))
    assert.isTrue(
      denied.some(({ action, resource }) => action === grant.action && resource === grant.resource),
      JSON.stringify(denied)
    )
  })

  it("[P10] lets nobody see what else the control table holds, read everybody, or write", UNHURRIED, async () => {
    const tables = await makeTables()
    const client = tables.client()
    const refused = async (...words: ReadonlyArray<string>) => {
      const error = await sendCommand(client, ["aws", "dynamodb", ...words]).catch((error: Error) => error.name)
      assert.strictEqual(error, "AccessDeniedException", words.join(" "))
    }
    const control = tables.tableOf("control")
    await refused("get-item", "--table-name", control, "--key", '{"key": {"S": "breaker/stream"}}')
    await refused("get-item", "--table-name", control, "--key", '{"key": {"S": "retired/agents-v2"}}')
    const both = { [control]: { Keys: [{ key: { S: "watermark" } }, { key: { S: "breaker/stream" } }] } }
    await refused("batch-get-item", "--request-items", JSON.stringify(both))
    const all = ["--key-condition-expression", "#key = :key", "--expression-attribute-names", '{"#key": "key"}']
    await refused(
      "query",
      "--table-name",
      control,
      ...all,
      "--expression-attribute-values",
      '{":key": {"S": "watermark"}}'
    )
    const directory = tables.tableOf("directory")
    const everybody = [
      "--key-condition-expression",
      "#kind = :kind",
      "--expression-attribute-names",
      '{"#kind": "kind"}'
    ]
    // Who is gone is in the table and in no index.
    await refused(
      "query",
      "--table-name",
      directory,
      ...everybody,
      "--expression-attribute-values",
      '{":kind": {"S": "agents"}}'
    )
    const events = { [tables.tableOf("events")]: { Keys: [{ id: { S: "e" } }] } }
    await refused("batch-get-item", "--request-items", JSON.stringify(events))
    await tables.close()
  })
})
