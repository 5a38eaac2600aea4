import * as pulumi from "@pulumi/pulumi"
import { assert, describe, it } from "vitest"
import { generation } from "../../src/domain/projection.ts"
import { GenesysProjections, type GenesysProjectionsArgs } from "../../src/infra/genesys-projections.ts"
import { type Captured, capture, captureProgram } from "../../src/local/capture.ts"
import { readWiring } from "../../src/local/wiring.ts"
import { delivered as projections } from "../support/delivered.ts"
import { only, resourcesOf } from "./captured.ts"

const COMPONENT = "genesys-cloud-projections:stack:GenesysProjections"
const code = () => new pulumi.asset.AssetArchive({})

/** A program of somebody else, whose stack is `shop-live`. */
const program = (run: () => unknown) =>
  captureProgram({ project: "shop", stack: "live", config: { "aws:region": "eu-west-1" } }, run)

const construct = async (args: GenesysProjectionsArgs = {}, name = "genesys") => {
  let made: GenesysProjections | undefined
  const captured = await program(() => {
    made = new GenesysProjections(name, { code, ...args })
    return made.outputs
  })
  return { captured: { ...captured, projections } as Captured, component: made as GenesysProjections }
}

const failure = async (args: object, name?: string): Promise<Error> => {
  const error = await construct(args, name).catch((thrown: unknown) => thrown)
  assert.instanceOf(error, Error)
  assert.isTrue(pulumi.RunError.isInstance(error), "Pulumi would print its stack trace")
  return error
}

const valueOf = <A>(output: pulumi.Output<A>) => new Promise<A>((resolve) => output.apply(resolve))

describe("a stack that version 0.1 has made", () => {
  it.each(["dev", "prod"])("keeps every resource of %s, which had no component above", async (stack) => {
    const given =
      stack === "prod"
        ? { protect: false, accountConcurrency: 1_000, provisionedConcurrency: 2, vpcId: "vpc-0123456789abcdef0" }
        : {}
    const network = stack === "prod" ? { subnetIds: ["subnet-0123456789abcdef0"], vpcEndpoints: false } : {}
    const { resources } = await capture(stack, {
      ...given,
      ...network,
      secondRegion: "eu-west-1",
      entityIndex: true,
      alarms: "all"
    })
    const below = resources.filter(({ type }) => type !== COMPONENT && type !== "pulumi:pulumi:Stack")
    assert.isAbove(below.length, 130)
    const top = resources.find(({ type }) => type === COMPONENT)
    const urns = new Set(below.map(({ urn }) => urn))
    // Without a parent, and else as it is. What is below one of these Pulumi finds by the alias of its parent.
    for (const { name, options } of below)
      if (options.parent === top?.urn)
        assert.deepInclude(options.aliases[0] as object, {
          spec: { name: "", type: "", stack: "", project: "", parenturn: undefined, noparent: true }
        })
      else assert.include(urns, options.parent, name)
  })

  it("has the names that it had", async () => {
    const { resources } = await capture("dev")
    const names = ["append", "project", "redrive", "replay"]
    assert.sameMembers(
      resources.filter(({ type }) => type === "aws:lambda/function:Function").map(({ name }) => name),
      names
    )
    const tables = resources.filter(({ type }) => type === "aws:dynamodb/table:Table").map(({ inputs }) => inputs.name)
    for (const table of ["events", "control", ...projections.map(generation)])
      assert.include(tables, `genesys-cloud-projections-dev-${table}`)
  })
})

describe("GenesysProjections in a program of somebody else", () => {
  it("has its name in every name, so that a stack may have two", async () => {
    const captured = await program(() => {
      for (const name of ["one", "two"]) new GenesysProjections(name, { code })
      return {}
    })
    const urns = captured.resources.map(({ urn }) => urn)
    assert.strictEqual(new Set(urns).size, urns.length)
    const physical = captured.resources.flatMap(({ type, inputs }) =>
      [
        "aws:dynamodb/table:Table",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "aws:sfn/stateMachine:StateMachine"
      ].includes(type)
        ? [String(inputs.name)]
        : []
    )
    assert.strictEqual(new Set(physical).size, physical.length)
    for (const name of physical) assert.match(name, /^shop-live-(one|two)-/)
  })

  it("is made of what the program of this repository is made of", async () => {
    const { captured } = await construct()
    const kinds = ({ resources }: Pick<Captured, "resources">) => resources.map(({ type }) => type).sort()
    assert.deepStrictEqual(kinds(captured), kinds(await capture("other")))
    const wiring = readWiring(captured)
    assert.sameMembers(
      wiring.functions.map(({ name }) => name),
      ["append", "project", "redrive", "replay"]
    )
  })

  it("has its outputs as properties, and all of them together", async () => {
    const { captured, component } = await construct({ tags: { Team: "wfm" } })
    assert.strictEqual(component.prefix, "shop-live-genesys")
    assert.strictEqual(await valueOf(component.eventTableName), "shop-live-genesys-events")
    assert.strictEqual(captured.outputs.eventTableName, "shop-live-genesys-events")
    assert.strictEqual(captured.outputs.streamArn, await valueOf(component.streamArn))
    assert.deepStrictEqual(only(captured, "aws:dynamodb/table:Table", "genesys-events").inputs.tags, {
      Project: "shop",
      Stack: "live",
      Team: "wfm"
    })
  })

  it("takes settings by the same bounds as the configuration, and refuses them with the same sentences", async () => {
    const { captured } = await construct({ settleWindowSeconds: 7, topics: ["routing:queue.member"] })
    assert.strictEqual(captured.outputs.settleWindowSeconds, 7)
    const given = { batchSize: 0, protekt: true, settleWindowSeconds: 900, topics: ["nothing"], vpcId: "here" }
    const { message } = await failure(given)
    const configured = await capture("live", {
      ...given,
      "genesys-cloud-projections:averageEventBytes": 1_200,
      "aws:region": "eu-west-1"
    }).catch((error: Error) => error.message)
    assert.strictEqual(message, configured)
    assert.match(message, /batchSize is "0"; set a whole number from 1 to 10000/)
  })

  it("names an argument that is an Output, the wrong type, or no setting", async () => {
    const { message } = await failure({ vpcId: pulumi.output("vpc-1"), protect: "yes", transfrom: {} })
    assert.match(message, /vpcId is no plain string; set one, and no Output/)
    assert.match(message, /protect is "yes"; set true or false/)
    assert.match(message, /transfrom is not a key/)
  })

  it.each([
    ["a list in place of a module", { projections }, undefined, /projections is no module; set await projectionsFrom/],
    ["no projections", { projections: { file: "/p.ts", projections: [] } }, undefined, /at least one/],
    ["a name that no table may have", {}, "my stack", /named "my stack"; use 1 to 30 letters, digits and dashes/],
    ["a naming that there is not", { naming: "none" }, undefined, /naming is "none"; set component or stack/]
  ])("refuses %s", async (_, args, name, sentence) => {
    assert.match((await failure(args, name)).message, sentence)
  })
})

describe("transform", () => {
  it("changes arguments of a kind, each resource by its name, before it is made", async () => {
    const seen: Array<string> = []
    const { captured } = await construct({
      transform: {
        logGroup: { retentionInDays: 7 },
        function: (args, opts, name) => {
          seen.push(name)
          if (name === "append") args.memorySize = 2_048
          opts.retainOnDelete = true
        }
      }
    })
    const logs = resourcesOf(captured, "aws:cloudwatch/logGroup:LogGroup")
    assert.isNotEmpty(logs)
    for (const { inputs } of logs) assert.strictEqual(inputs.retentionInDays, 7)
    const fn = (name: string) => only(captured, "aws:lambda/function:Function", `genesys-${name}`)
    assert.deepStrictEqual([fn("append").inputs.memorySize, fn("project").inputs.memorySize], [2_048, 1_024])
    for (const name of seen) assert.isTrue(fn(name).options.retainOnDelete)
    assert.sameMembers(seen, ["append", "project", "redrive", "replay"])
  })

  it("refuses a kind that there is not, and names those that there are", async () => {
    const { message } = await failure({ transform: { lambda: {} } })
    assert.match(message, /transform\.lambda is no kind of resource; use one of bucket, .*function, .*vpcEndpoint/)
  })

  it("refuses what is neither arguments nor a function, and a function that returns something", async () => {
    assert.match((await failure({ transform: { table: 5 } })).message, /transform\.table is 5; set arguments/)
    const returned = await failure({ transform: { stream: () => ({ shardCount: 9 }) } })
    assert.match(returned.message, /transform\.stream returned something for stream; write into args and opts/)
  })
})

describe("nodes", () => {
  it("are the resources underneath, by name and by kind", async () => {
    const { captured, component } = await construct({ secondRegion: "eu-central-1" })
    const { nodes } = component
    assert.strictEqual(await valueOf(nodes.eventTable.name), "shop-live-genesys-events")
    assert.strictEqual(
      await valueOf(nodes.append.arn),
      await valueOf(nodes.byKind.function.append?.arn ?? pulumi.output(""))
    )
    assert.deepStrictEqual(Object.keys(nodes.projectionTables), [
      "agents-v2",
      "queues-v2",
      "conversations-v1",
      "queue-intervals-v1"
    ])
    assert.property(nodes.byKind.eventBus, "copy-bus")
    const all = Object.values(nodes.byKind).flatMap((named) => Object.values<pulumi.Resource>(named))
    assert.lengthOf(all, captured.resources.filter(({ custom }) => custom).length)
  })
})
