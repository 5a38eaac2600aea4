import { DeleteObjectCommand, S3Client } from "@aws-sdk/client-s3"
import { assert, describe, it } from "@effect/vitest"
import { makeAuthorizer, type PolicyDocument } from "aws-in-process"
import { agents } from "../../projections/agents.ts"
import { operatorPolicy } from "../../src/cli/rights.ts"
import type { Outputs } from "../../src/cli/stack/stack.ts"
import { bothVersions, raised } from "../support/generations.ts"
import { bigLine, historyOf, START } from "../support/history.ts"
import { UNHURRIED } from "../support/seeds.ts"
import { devStack } from "../support/stack.ts"
import { fillDirectory } from "./directory/fill.ts"
import { operate } from "./harness.ts"

const ROLE = "arn:aws:iam::444455556666:role/on-call"
const WHY = ["--why", "ticket 7"] as const

/** What `rights.test.ts`, `scale/scale.test.ts` and `connect/rights.test.ts` prove. */
const isOfTables = ({ Sid }: { readonly Sid: string }) =>
  !/Events$|Batches$|^KeepRedriven$|^TakeOut$|^GiveBack|^SeeStream$|^ScaleStream$|^Warm|^Simulate$|^FindSource$|^FindBus$|^ReadRule$|^MendIndex$/.test(
    Sid
  )

/** Rights on the tables of different generations are one kind: a command uses those of the generation that it is given. */
const kinds = (grants: ReadonlyArray<{ readonly action: string; readonly resource: string }>) =>
  [
    ...new Set(
      grants.map(
        ({ action, resource }) => `${action} ${resource.replace(/(table\/.*?)-(?:queue-intervals|[a-z]+)-v\d+/, "$1")}`
      )
    )
  ].toSorted()

describe("the rights of the operator", () => {
  it("[P10] are those that the command needs for tables, none missing and none unused", UNHURRIED, async () => {
    const captured = raised(await devStack({ entityIndex: true }))
    // Queues have been stored and never folded, so that a replay has to write them, with their summaries.
    const site = await operate({ captured: { ...captured, projections: [agents] }, listed: bothVersions })
    site.feed(historyOf(200))
    for (const [n, id] of ["big", "gone"].entries()) site.send(bigLine(id, n + 1))
    await site.reach(START + 1_000)
    await site.settle()
    const Bucket = String(site.captured.outputs.overflowBucketName)
    const [lost] = site.stack.s3.listAll(Bucket).map(({ key }) => key)
    await new S3Client({ ...site.stack.operator, forcePathStyle: true }).send(
      new DeleteObjectCommand({ Bucket, Key: lost })
    )

    await fillDirectory(site, [{ kind: "agents", id: "a-1", at: START, name: "Anna", division: "d-1", team: "t-1" }])

    const { Version, Statement } = operatorPolicy(site.captured.outputs as unknown as Outputs, bothVersions)
    // Status counts what is held, and everything is written down.
    const shared = ["FindEvents", "FindBatches", "WriteDown"]
    const policy = { Version, Statement: Statement.filter((one) => isOfTables(one) || shared.includes(one.Sid)) }
    const { authorize, unused } = makeAuthorizer({ [ROLE]: [policy as PolicyDocument] })
    site.stack.outage((action, resource, by) => {
      if (by.label === "operator") authorize({ roleArn: ROLE, label: "on-call" }, action, resource)
      return false
    })
    const codes: Array<number> = []
    const errors: Array<string> = []
    for (const line of [
      "status",
      "replay agents-v3 --park --yes",
      "replay queues-v2 --id queues --park --yes",
      "replay agents-v2 --id there --state-machine --park --yes",
      "verify agents-v3 --park --yes",
      "diff agents-v2 agents-v3 --yes",
      "promote agents-v3 --yes",
      `explain agents-v2 ${(await site.rows())[0]?.entity}`,
      `explain agents-v2 ${(await site.rows())[0]?.entity} --at 2030-01-01`,
      "list agents",
      "list agents --division d-1",
      "list agents --team t-1",
      "forget agents a-1 --yes"
    ]) {
      const { code, err } = await site.command(...line.split(" "), ...(/^(?:status|list)/.test(line) ? [] : WHY))
      codes.push(code)
      errors.push(err)
    }
    assert.deepStrictEqual(codes, [0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0], errors.join(""))
    const all = policy.Statement.flatMap(({ Action, Resource }) =>
      Action.flatMap((action) => Resource.map((resource) => ({ action, resource })))
    )
    const key = ({ action, resource }: (typeof all)[number]) => `${action} ${resource}`
    const idle = new Set(unused().map(key))
    const used = all.filter((grant) => !idle.has(key(grant)))
    assert.deepStrictEqual(kinds(all), kinds(used))
    await site.stack.stop()
  })
})
