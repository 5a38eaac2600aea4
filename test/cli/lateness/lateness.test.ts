import { assert, describe, it } from "@effect/vitest"
import { iso } from "../../../src/domain/stamp.ts"
import { SIMULATED_SOURCE } from "../../../src/local/partner.ts"
import type { Delivery } from "../../../src/simulator/wire.ts"
import { START } from "../../support/history.ts"
import { operate } from "../harness.ts"

const AGENT = "6b1f4c2e-8a53-4d97-b0e6-2c7d9f1a3b58"

/** An event of an agent's presence that was published at a time and came so much later. */
const late = (n: number, published: number, delay: number): Delivery => ({
  at: published + delay,
  kind: "event",
  line: JSON.stringify({
    version: "0",
    id: `event-${n}`,
    "detail-type": "v2.users.{id}.presence",
    source: SIMULATED_SOURCE,
    account: "444455556666",
    time: `${iso(published).slice(0, 19)}Z`,
    region: "eu-west-1",
    resources: [],
    detail: {
      topicName: `v2.users.${AGENT}.presence`,
      version: "2",
      eventBody: { presenceDefinition: { id: "on", systemPresence: "ON_QUEUE" }, modifiedDate: iso(published) },
      timestamp: iso(published)
    }
  })
})

/** Of each hundred events 95 come after 100 ms, three after 3 s and two after 7 s. */
const delayOf = (n: number): number => (n % 100 < 95 ? 100 : n % 100 < 98 ? 3_000 : 7_000)

const stackOf = async () => {
  const place = await operate()
  const start = place.clock.now()
  const history = Array.from({ length: 300 }, (_, n) => late(n, start + n * 50, delayOf(n)))
  place.feed(history)
  await place.reach(start + 60_000)
  await place.settle()
  return { place, start }
}

describe("lateness", () => {
  it("[P6] says how late events came, what each window catches, and which one would do", async () => {
    const { place } = await stackOf()
    const { code, out, err } = await place.onTerminal("lateness", "--sample", "100", "--catch", "98", "--yes")
    assert.strictEqual(code, 0, err)
    const [titles = "", topic = "", all = "", advice] = out.split("\n")
    assert.match(titles, /^TOPIC +EVENTS +P50 +P99 +P99.9 +IN 1 S +IN 2 S +IN 5 S/)
    assert.match(topic, /^v2\.users\.\{id\}\.presence +300 +100 ms +7\.0 s +7\.0 s +95 % +95 % +98 % +100 %/)
    assert.match(all, /^all +300 /)
    assert.strictEqual(
      advice,
      "a window of 3 s catches 98 %: settleWindowSeconds 3 in place of 5 shows every update 2 s sooner"
    )
    assert.include(err, "recorded: robin@desk, lateness, measured")
  })

  it("proposes a longer window where more is to be caught, and prints a document", async () => {
    const { place, start } = await stackOf()
    const said = await place.command("lateness", "--sample", "100", "--yes", "--json")
    const { proposed, all, topics, settleWindowSeconds } = JSON.parse(said.out)
    assert.deepStrictEqual(
      { proposed, settleWindowSeconds, events: all.events, p99: all.p99, in5: all.within["5"], topics: topics.length },
      { proposed: 7, settleWindowSeconds: 5, events: 300, p99: 7_000, in5: 0.98, topics: 1 }
    )
    const half = await place.command("lateness", "--sample", "100", "--since", iso(start + 150 * 50), "--yes", "--json")
    assert.strictEqual(JSON.parse(half.out).all.events, 150)
    const none = await place.command("lateness", "--sample", "100", "--until", iso(START - 1), "--yes")
    assert.strictEqual(none.code, 2)
    assert.include(none.err, "no event in 300 events was published in that time")
  })

  it("proposes nothing from a few events", async () => {
    const { place } = await stackOf()
    const { out } = await place.command("lateness", "--sample", "100", "--yes")
    assert.include(out, "300 events are too few to choose a window that catches 99.9 %:")
    assert.include(out, "for 5,000")
  })

  it("a part of the store is a fair sample, and its price is said before anything is read", async () => {
    const { place } = await stackOf()
    const price = await place.command("lateness", "--sample", "50")
    assert.include(price.out, "looking at 50 % of the store would read about 150 items")
    assert.include(price.err, "nothing was read yet")
    const { scanned, all } = JSON.parse((await place.command("lateness", "--sample", "50", "--yes", "--json")).out)
    assert.isTrue(scanned > 90 && scanned < 210, String(scanned))
    assert.closeTo(all.within["1"], 0.95, 0.06)
  })
})
