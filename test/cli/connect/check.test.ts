import { assert, describe, it } from "@effect/vitest"
import { defaultTopics } from "../../../src/genesys/aliases.ts"
import { makePlace, type Place, SOURCE, YES } from "./place.ts"

interface Finding {
  readonly what: string
  readonly is: string
  readonly topics?: ReadonlyArray<string>
  readonly fix?: string
}

const checked = async (place: Place) => {
  const { code, out, err } = await place.command("connect", "--check", "--json")
  const findings = JSON.parse(out).findings as ReadonlyArray<Finding>
  return { code, err, findings, wrong: findings.filter(({ fix }) => fix !== undefined) }
}

/** A stack that is connected and deployed. */
const whole = async (settings: Readonly<Record<string, string>> = {}) => {
  const place = makePlace({ settings })
  await place.command("connect", ...YES)
  place.deploy()
  return place
}

describe("connect --check", () => {
  it("ends with 0 where all agrees, and changes nothing", async () => {
    const place = await whole()
    const { length } = place.asked.filter((call) => !call.startsWith("GET"))
    const { code, wrong, findings } = await checked(place)
    assert.deepStrictEqual([code, wrong], [0, []])
    assert.deepStrictEqual(
      findings.map(({ what }) => what),
      ["integration", "sent topics", "left out", "settings", "event source", "bus", "rule"]
    )
    assert.deepStrictEqual(place.asked.filter((call) => !call.startsWith("GET")).slice(length), ["POST /oauth/token"])
  })

  it("ends with 4 before anything is there, and says what to do about each", async () => {
    const { code, err, wrong } = await checked(makePlace())
    assert.strictEqual(code, 4)
    assert.match(err, /^4 of 5 differ: the column DO says what to do$/m)
    assert.deepStrictEqual(
      wrong.map(({ what, fix }) => [what, fix]),
      [
        ["integration", "npx projections connect --stack prod --yes"],
        ["settings", "npx projections connect --stack prod --yes"],
        ["event source", "npx projections connect --stack prod --yes"],
        ["stack", "npx pulumi up --stack prod"]
      ]
    )
  })

  it("finds topics that the integration or the rule lacks, or has besides", async () => {
    const place = await whole()
    place.settings.set("topics", JSON.stringify(["v2.users.{id}.activity", "v2.operations.events.{id}"]))
    const { code, wrong } = await checked(place)
    assert.strictEqual(code, 4)
    const said = (what: string) =>
      wrong.filter((one) => one.what === what).map(({ is, topics }) => [is, topics?.slice(0, 2)])
    const gone = ["v2.users.{id}.presence", "v2.users.{id}.routingStatus"]
    assert.deepStrictEqual(said("sent topics"), [
      ["lacks 1", ["v2.operations.events.{id}"]],
      ["has besides 15", gone]
    ])
    assert.deepStrictEqual(said("rule"), [
      ["lacks 1", ["v2.operations.events.{id}"]],
      [`has besides ${defaultTopics.length - 1}`, gone]
    ])
    const { out } = await place.command("connect", "--check")
    assert.include(out, "\nrule: lacks 1\n   v2.operations.events.{id}\n")
  })

  it("finds a source to which no bus belongs", async () => {
    const place = makePlace()
    await place.command("connect", ...YES)
    const { wrong } = await checked(place)
    assert.deepInclude(wrong[0], { what: "event source", fix: "npx pulumi up --stack prod" })
    assert.include(wrong[0]?.is, "PENDING")
  })

  it("finds a rule that is disabled, a bus of another source, and a source that Genesys took away", async () => {
    const place = await whole()
    place.deploy({ state: "DISABLED" })
    assert.deepInclude((await checked(place)).wrong[0], { what: "rule", is: "it is disabled" })
    place.deploy({ takes: "aws.partner/genesys.com/cloud/5ca1ab1e-0000-4000-8000-000000000001/other" })
    assert.deepInclude((await checked(place)).wrong[0], { what: "rule", is: "it lets through another source" })
    place.settings.set("genesysEventSource", "aws.partner/genesys.com/cloud/5ca1ab1e-0000-4000-8000-000000000001/old")
    place.deploy()
    place.settings.set("genesysEventSource", SOURCE)
    assert.deepInclude((await checked(place)).wrong.at(-1), { what: "bus", is: `there is none for ${SOURCE}` })
    place.deploy()
    await place.command("disconnect", ...YES)
    const { wrong } = await checked(place)
    assert.deepInclude(
      wrong.find(({ what }) => what === "event source"),
      { is: "DELETED: Genesys took it away" }
    )
  })

  it("finds an integration that is disabled or in ERROR", async () => {
    let refused: string | undefined
    const place = makePlace({ refusal: () => refused })
    await place.command("connect", ...YES)
    refused = "No such account"
    assert.include((await checked(place)).wrong[0]?.is, "is ERROR: No such account")
  })
})

describe("disconnect", () => {
  it("takes back what connect did, and does nothing the second time", async () => {
    const place = await whole()
    const before = new Map(place.settings)
    const dry = await place.command("disconnect")
    assert.include(dry.out, "1. disable the integration")
    assert.deepStrictEqual(place.settings, before)
    assert.lengthOf(await place.held(), 1)
    const { code, err } = await place.command("disconnect", "--yes", "--why", "moving")
    assert.strictEqual(code, 0, err)
    assert.match(err, /recorded: robin@desk, disconnect, disconnected, because: moving/)
    assert.deepStrictEqual(await place.held(), [])
    assert.isFalse(place.settings.has("genesysEventSource") || place.settings.has("genesysRegion"))
    assert.include((await place.command("disconnect", ...YES)).out, "nothing to do: it is not connected")
  })

  it("needs a reason, and says what to do about a stack that is protected", async () => {
    const place = await whole({ protect: "true" })
    assert.include((await place.command("disconnect", "--yes")).err, "Ending the feed of events is recorded: add --why")
    const { err } = await place.command("disconnect", "--yes", "--why", "moving")
    assert.match(err, /The stack is protected: connect it again with the same --suffix, or set protect to false before/)
  })

  it("that is killed after any call ends the same when it is run again", { timeout: 60_000 }, async () => {
    const reference = await whole()
    const begun = reference.calls()
    await reference.command("disconnect", ...YES)
    const calls = reference.calls() - begun
    assert.isAbove(calls, 10)
    for (let most = 1; most < calls; most++) {
      const place = await whole()
      await place.killedAfter(most, "disconnect", ...YES)
      const { code, err } = await place.command("disconnect", ...YES)
      assert.strictEqual(code, 0, `killed after ${most}: ${err}`)
      assert.deepStrictEqual(await place.held(), [], `killed after ${most}`)
      assert.isFalse(place.settings.has("genesysEventSource"), `killed after ${most}`)
    }
  })
})
