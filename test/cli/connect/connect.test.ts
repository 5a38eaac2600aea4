import { assert, describe, it } from "@effect/vitest"
import { defaultTopics } from "../../../src/genesys/aliases.ts"
import { availableTopics, isOnEventBridge } from "../../../src/simulator/api/available-topics.ts"
import { ACCOUNT, REGION } from "./account.ts"
import { makePlace, ORGANISATION, SOURCE, YES } from "./place.ts"

/** Topics of the contract that the simulated organisation sends to EventBridge, and those that it does not. */
const sent = defaultTopics.filter((topic) => isOnEventBridge(availableTopics, topic))
const leftOut = defaultTopics.filter((topic) => !sent.includes(topic))

const connected = {
  name: "Genesys Cloud projections (prod)",
  intendedState: "ENABLED",
  state: "ACTIVE",
  notes: "npx projections connect, stack prod: first connection",
  properties: {
    awsAccountId: ACCOUNT,
    awsAccountRegion: REGION,
    eventSourceSuffix: "projections-prod",
    eventFilter: sent
  }
}

describe("connect", () => {
  it("makes the integration, waits for the event source, and sets the configuration of a stack that is not there yet", async () => {
    const place = makePlace()
    const { code, out, err } = await place.command("connect", ...YES)
    assert.strictEqual(code, 0, err)
    assert.deepStrictEqual(await place.held(), [connected])
    assert.strictEqual(place.settings.get("genesysEventSource"), SOURCE)
    assert.strictEqual(place.settings.get("genesysRegion"), REGION)
    assert.include(out, "PENDING")
    assert.match(err, /it is ACTIVE after \d+\.\d s/)
    assert.match(err, /AWS lists its event source after \d+\.\d s/)
    assert.match(
      err,
      /next, and at once: npx pulumi up --stack prod, which makes the bus\. Until then AWS drops all events/
    )
    assert.include(err, `${leftOut.length} topics are left out`)
    assert.strictEqual(place.recorded(), 0)
  })

  it("changes nothing without --yes, and says what it would do", async () => {
    const place = makePlace()
    for (const args of [["connect"], ["connect", "--dry-run"]]) {
      const { code, out, err } = await place.command(...args)
      assert.strictEqual(code, 0, err)
      assert.include(out, `1. make the integration "Genesys Cloud projections (prod)"`)
      for (const topic of sent) assert.include(out, `   + ${topic}\n`)
      for (const topic of leftOut) assert.include(out, `   ${topic}\n`)
      assert.include(out, "set genesysEventSource and genesysRegion of stack prod")
      assert.include(err, "this was a dry run: nothing was changed; give --yes and --why to do it")
    }
    assert.deepStrictEqual(await place.held(), [])
    assert.strictEqual(place.settings.get("genesysEventSource"), "")
    assert.isFalse(place.asked.some((call) => !/^GET |^POST \/oauth/.test(call)))
  })

  it("does nothing the second time", async () => {
    const place = makePlace()
    await place.command("connect", ...YES)
    const writes = () => place.asked.filter((call) => !/^GET |^POST \/oauth/.test(call)).length
    const before = writes()
    const { code, out } = await place.command("connect", ...YES)
    assert.strictEqual(code, 0)
    assert.include(out, "nothing to do: it is connected")
    assert.strictEqual(writes(), before)
  })

  it("updates the topics that differ, and nothing else, and records it where the stack is deployed", async () => {
    const place = makePlace()
    await place.command("connect", ...YES)
    place.deploy()
    place.settings.set("topics", JSON.stringify(["v2.users.{id}.activity", "v2.operations.events.{id}"]))
    const dry = await place.command("connect", "--json")
    const { topics, steps } = JSON.parse(dry.out)
    assert.deepStrictEqual(topics.added, ["v2.operations.events.{id}"])
    assert.deepStrictEqual(
      topics.removed,
      sent.filter((topic) => topic !== "v2.users.{id}.activity")
    )
    assert.deepStrictEqual(steps, ["configure", "activate"])
    const { code, err } = await place.command("connect", "--yes", "--why", "fewer topics")
    assert.strictEqual(code, 0, err)
    assert.match(err, /recorded: robin@desk, connect, connected, because: fewer topics/)
    assert.match(err, /next: npx pulumi up --stack prod, so that the rule lets the same topics through/)
    assert.strictEqual(place.recorded(), 2)
    const [one] = await place.held()
    assert.deepStrictEqual(one, {
      ...connected,
      notes: "npx projections connect, stack prod: fewer topics",
      properties: { ...connected.properties, eventFilter: ["v2.users.{id}.activity", "v2.operations.events.{id}"] }
    })
  })

  it("prints one document with --json", async () => {
    const place = makePlace()
    const { code, out } = await place.command("connect", "--json", ...YES)
    assert.strictEqual(code, 0)
    const document = JSON.parse(out)
    assert.deepInclude(document, { stack: "prod", account: ACCOUNT, region: REGION, dryRun: false })
    assert.deepStrictEqual(document.organisation, { id: ORGANISATION, name: "Simulated contact centre" })
    assert.deepStrictEqual(document.topics, { sent, added: sent, removed: [], leftOut })
    assert.deepStrictEqual(document.eventSource, { name: SOURCE, state: "PENDING" })
    assert.deepStrictEqual(document.steps, ["create", "configure", "enable", "activate", "appear", "set"])
  })

  it("takes a name and a suffix, keeps a name that people gave later, and finds the suffix again in the configuration", async () => {
    const place = makePlace()
    await place.command("connect", "--name", "Feed", "--suffix", "mine", ...YES)
    assert.strictEqual(place.settings.get("genesysEventSource")?.split("/").at(-1), "mine")
    const again = await place.command("connect")
    assert.include(again.out, "nothing to do")
    await place.command("connect", "--name", "Other", ...YES)
    const [one, ...others] = await place.held()
    assert.deepStrictEqual([one?.name, others], ["Other", []])
  })

  it("keeps notes that people wrote, and what else they configured", async () => {
    const place = makePlace()
    await place.command("connect", ...YES)
    const path = `${place.somebody("GET", "/api/v2/integrations").entities[0].selfUri}/config/current`
    place.somebody("PUT", path, { ...place.somebody("GET", path), notes: "ask the desk first" })
    place.settings.set("topics", JSON.stringify(["v2.users.{id}.activity"]))
    assert.strictEqual((await place.command("connect", "--yes", "--why", "fewer topics")).code, 0)
    const [one] = await place.held()
    assert.deepStrictEqual(
      [one?.notes, one?.properties.eventFilter],
      ["ask the desk first", ["v2.users.{id}.activity"]]
    )
  })

  it("refuses two integrations that make the same source", async () => {
    const place = makePlace()
    await place.command("connect", ...YES)
    const [first] = await place.held()
    const type = { integrationType: { id: "amazon-eventbridge-source" } }
    const { selfUri } = place.somebody("POST", "/api/v2/integrations", { name: "by hand", ...type })
    const { version } = place.somebody("GET", `${selfUri}/config/current`)
    place.somebody("PUT", `${selfUri}/config/current`, { name: "by hand", version, properties: first?.properties })
    const { code, err } = await place.command("connect")
    assert.strictEqual(code, 1)
    assert.match(err, /and the integration "by hand" \([0-9a-f-]+\) both make this event source: delete one of them/)
  })

  it("refuses the suffix of an integration that sends to another account", async () => {
    const place = makePlace()
    const type = { integrationType: { id: "amazon-eventbridge-source" } }
    const { selfUri } = place.somebody("POST", "/api/v2/integrations", { name: "theirs", ...type })
    const properties = { ...connected.properties, awsAccountId: "111122223333" }
    place.somebody("PUT", `${selfUri}/config/current`, { name: "theirs", version: 1, properties })
    const { code, err } = await place.command("connect", ...YES)
    assert.strictEqual(code, 1)
    assert.match(err, /the suffix projections-prod already, for account 111122223333 in eu-central-1, and not for 4444/)
    assert.lengthOf(await place.held(), 1)
  })

  it("leaves it to a change of topics to bring an integration out of ERROR", async () => {
    let refused: string | undefined = "No such account."
    const place = makePlace({ refusal: () => refused })
    await place.command("connect", ...YES)
    refused = undefined
    place.settings.set("topics", JSON.stringify(["v2.users.{id}.activity"]))
    const { steps } = JSON.parse((await place.command("connect", "--json", ...YES)).out)
    assert.deepStrictEqual(steps, ["configure", "activate", "appear", "set"])
    assert.strictEqual((await place.held())[0]?.state, "ACTIVE")
  })

  it("takes an integration that was made and not configured by hand", async () => {
    const place = makePlace()
    const type = { integrationType: { id: "amazon-eventbridge-source" } }
    place.somebody("POST", "/api/v2/integrations", { name: connected.name, ...type })
    const { code, err } = await place.command("connect", ...YES)
    assert.strictEqual(code, 0, err)
    assert.deepStrictEqual(await place.held(), [connected])
  })

  it("warns that another suffix means another bus", async () => {
    const place = makePlace()
    await place.command("connect", ...YES)
    assert.notInclude((await place.command("connect")).err, "replaces its bus")
    const { err } = await place.command("connect", "--suffix", "second", "--name", "Second")
    assert.include(err, `stack prod has ${SOURCE} now: pulumi up replaces its bus`)
  })

  it("brings an integration out of ERROR, once what was wrong is right", async () => {
    let refused: string | undefined = "The AWS account does not accept partner event sources."
    const place = makePlace({ refusal: () => refused })
    const first = await place.command("connect", ...YES)
    assert.strictEqual(first.code, 1)
    assert.match(
      first.err,
      /Genesys reports ERROR for the integration "Genesys Cloud projections \(prod\)": The AWS account does not accept partner event sources\. Correct that, then run the same command again/
    )
    assert.strictEqual(place.settings.get("genesysEventSource"), "")
    const second = await place.command("connect")
    assert.include(second.out, "1. disable it and enable it again, because it is in ERROR")
    refused = undefined
    const third = await place.command("connect", ...YES)
    assert.strictEqual(third.code, 0, third.err)
    assert.deepStrictEqual(await place.held(), [connected])
  })

  it("ends with 3 when it takes too long, and goes on the next time", async () => {
    const place = makePlace({ pace: { changeMs: 60_000, sourceMs: 600_000 } })
    const first = await place.command("connect", "--timeout", "90s", ...YES)
    assert.strictEqual(first.code, 3)
    assert.match(first.err, /not finished within 90\.0 s: run the same command again; it goes on where it stopped/)
    const second = await place.command("connect", "--timeout", "20m", ...YES)
    assert.strictEqual(second.code, 0, second.err)
    assert.deepStrictEqual(await place.held(), [connected])
  })
})

describe("connect that is stopped", () => {
  const whole = async () => {
    const place = makePlace()
    await place.command("connect", ...YES)
    return { calls: place.calls(), held: await place.held(), settings: [...place.settings] }
  }

  it("after any call ends the same when it is run again", { timeout: 60_000 }, async () => {
    const { calls, held, settings } = await whole()
    assert.isAbove(calls, 15)
    for (let most = 1; most < calls; most++) {
      const place = makePlace()
      await place.killedAfter(most, "connect", ...YES)
      const { code, err } = await place.command("connect", ...YES)
      assert.strictEqual(code, 0, `killed after ${most}: ${err}`)
      assert.deepStrictEqual(await place.held(), held, `killed after ${most}`)
      assert.deepStrictEqual([...place.settings], settings, `killed after ${most}`)
    }
  })

  it.each(["POST", "PUT", "PATCH"])("by a lost answer to %s ends the same when it is run again", async (method) => {
    const { held } = await whole()
    let lost = 0
    const place = makePlace({
      meddle: (asked, path) => (asked === method && path !== "/oauth/token" && lost++ === 0 ? "lose" : undefined)
    })
    await place.command("connect", ...YES)
    const { code, err } = await place.command("connect", ...YES)
    assert.strictEqual(code, 0, err)
    assert.deepStrictEqual(await place.held(), held)
  })
})
