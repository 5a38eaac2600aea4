import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb"
import { assert, describe, it } from "@effect/vitest"
import { compilePattern } from "aws-in-process"
import { captureOnce } from "../support/capture-once.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { runStack } from "../support/stack.ts"
import { blocksOf, pageOf } from "./pages.ts"

const page = pageOf("docs/getting-started.md")

/** When somebody follows the page, long after what the event tells of. */
const LATER = Date.parse("2026-11-02T09:00:00.000Z")

const found = (pattern: RegExp): string => {
  const [, text] = pattern.exec(page.text) ?? []
  assert.isDefined(text, `the page has nothing like ${pattern}`)
  return text as string
}

/** The prefix of IAM's actions for a type of Pulumi's, by its module and, where a module serves two, its name. */
const prefixOf = (type: string): string => {
  const [, module = "", name = ""] = /^aws:(\w+)\/(\w+):/.exec(type) ?? []
  if (module === "cloudwatch") return name.startsWith("event") ? "events" : name.startsWith("log") ? "logs" : module
  const others: Readonly<Record<string, string>> = {
    appautoscaling: "application-autoscaling",
    sfn: "states",
    vpc: "ec2"
  }
  return others[module] ?? module
}

describe("the page for who begins", () => {
  it("sends an event that ends in the row that it shows", UNHURRIED, async () => {
    const { outputs, resources } = await captureOnce("dev")
    const entries = JSON.parse(found(/<<END\n(.*?)\nEND/s).replace("$BUS", String(outputs.busName)))
    assert.lengthOf(entries, 1)
    const [{ EventBusName, Source, DetailType, Detail }] = entries
    assert.strictEqual(EventBusName, outputs.busName)
    const envelope = {
      version: "0",
      id: "0d2ba8f6-3c1e-4d57-8a94-6f5e7b1c9d20",
      "detail-type": DetailType,
      source: Source,
      account: "444455556666",
      time: new Date(LATER).toISOString(),
      region: "eu-central-1",
      resources: [],
      detail: JSON.parse(Detail)
    }
    const rule = resources.find(({ type, name }) => type.endsWith(":EventRule") && name === "feed-rule")
    assert.isTrue(compilePattern(String(rule?.inputs.eventPattern))(envelope), "the rule of the stack does not take it")

    // The engine has a partner's bus alone, so that it goes in behind the rule.
    const run = await runStack({ start: LATER })
    run.stack.put(JSON.stringify(envelope))
    await run.reach(LATER + 12_000)

    const client = new DynamoDBClient(run.stack.operator)
    const Key = JSON.parse(found(/--key '([^']+)'/))
    const { Item = {} } = await client.send(new GetItemCommand({ TableName: found(/--table-name (\S+)/), Key }))
    const asked = [...found(/--query 'Item\.\{([^}]+)\}'/).matchAll(/(\w+): (\w+)\.(\w)/g)]
    const answer = Object.fromEntries(
      asked.map(([, name, column = "", type = ""]) => [
        name,
        (Item[column] as unknown as Record<string, unknown>)[type]
      ])
    )
    const [shown] = blocksOf(page).filter(({ language }) => language === "json")
    assert.deepStrictEqual(answer, JSON.parse(shown?.code ?? ""))
    await run.stack.stop()
  })

  it("lists the services that whoever deploys must have rights to", async () => {
    const captured = await captureOnce("prod", {
      genesysEventSource: "aws.partner/genesys.com/cloud/5ca1ab1e-0000-4000-8000-000000000001/docs",
      accountConcurrency: 1_000,
      provisionedConcurrency: 1,
      vpcId: "vpc-12345678",
      subnetIds: ["subnet-12345678"],
      routeTableIds: ["rtb-12345678"]
    })
    const made = captured.resources.filter(({ custom }) => custom).map(({ type }) => prefixOf(type))
    const listed = [...found(/prefixes of IAM actions are (.*?)\./s).matchAll(/`([\w-]+)`/g)].map(([, name]) => name)
    assert.sameMembers(listed, [...new Set(made)])
  })
})
