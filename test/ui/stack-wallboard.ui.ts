import { type ChildProcess, spawn } from "node:child_process"
import { mkdirSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Browser } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { captureDev } from "../../src/local/capture-dev.ts"
import { sweepSettings } from "../../src/local/centre.ts"
import { SIMULATED_SOURCE } from "../../src/local/partner.ts"
import type { Running } from "../e2e/command.ts"
import { violations } from "./axe.ts"
import { openBrowser, openPage } from "./browser.ts"
import { freePort, openCentre } from "./centre.ts"

const SCREENS = process.env.SCREENS ?? join(tmpdir(), "wallboard-screens")
const MOST_BYTES = 350_000
const DESK = { width: 1_440, height: 900 } as const
const PHONE = { width: 390, height: 844 } as const

let browser: Browser
let run: Running
/** Of a stack that counts the time of agents, and of one that does not. */
let wall: Wall
let without: Wall

interface Wall {
  readonly address: string
  readonly process: ChildProcess
  readonly said: () => string
}

/** The command as a process of its own, which reaches the stack over a port, with the rights of the policy for readers. */
const openWall = async (endpoint: string, agentIntervals: boolean): Promise<Wall> => {
  let said = ""
  const { outputs } = await captureDev({ genesysEventSource: SIMULATED_SOURCE, ...sweepSettings, agentIntervals })
  const file = join(tmpdir(), `outputs-${process.pid}-${agentIntervals}.json`)
  writeFileSync(file, JSON.stringify(outputs))
  const port = await freePort()
  const args = ["src/bin/projections.ts", "wallboard", "--outputs", file, "--every", "1", "--port", String(port)]
  const wall = spawn(process.execPath, args, {
    env: {
      ...process.env,
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
      AWS_ACCESS_KEY_ID: "anybody",
      AWS_SECRET_ACCESS_KEY: "anything"
    },
    stdio: "pipe"
  })
  for (const stream of [wall.stdout, wall.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      said += text
    })
  while (!said.includes("shows the wallboard")) {
    if (wall.exitCode !== null) throw new Error(said)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return { address: `http://127.0.0.1:${port}`, process: wall, said: () => said }
}

beforeAll(async () => {
  mkdirSync(SCREENS, { recursive: true })
  browser = await openBrowser()
  const centre = await openCentre(["--agents", "60", "--queues", "10", "--rate", "25", "--seed", "3"])
  run = centre.run
  // Until there is a directory, which tells whom to show.
  await new Promise((resolve) => setTimeout(resolve, 8_000))
  wall = await openWall(centre.address, true)
  without = await openWall(centre.address, false)
})
afterAll(async () => {
  await browser?.close()
  for (const one of [wall, without]) one?.process.kill("SIGKILL")
  run?.child.kill("SIGKILL")
})

describe("the wallboard of a deployed stack", { timeout: 150_000 }, () => {
  it("shows agents and queues by name, how it reads and what it cannot show, and meets AA", async () => {
    assert.match(wall.said(), /^\d+ agents and 10 queues, read every 1 s .+\nabout [\d,]+ read units a minute, \$/)
    for (const [name, viewport, colorScheme] of [
      ["stack-desk-light", DESK, "light"],
      ["stack-phone-dark", PHONE, "dark"]
    ] as const) {
      const { page, said: heard, close } = await openPage(browser, wall.address, { viewport, colorScheme })
      await page.waitForFunction(() => document.querySelectorAll("[data-agent]").length > 40)
      assert.strictEqual(await page.locator(".queue .name").count(), 10)
      assert.match(await page.locator(".run").first().textContent().then(String), /read only$/)
      assert.match((await page.locator('.pipeline [data-part="read"]').textContent()) ?? "", /^read \d+s ago/)
      assert.match((await page.locator(".pipeline .without").textContent()) ?? "", /^Not shown, for readers/)
      assert.strictEqual(await page.getByRole("button", { name: "Curves" }).count(), 0)
      const width = await page.evaluate(() => document.documentElement.scrollWidth)
      assert.isAtMost(width, viewport.width)
      assert.deepStrictEqual(await violations(page, { dense: true }), [])
      const path = join(SCREENS, `${name}.jpg`)
      await page.screenshot({ path, type: "jpeg", quality: 45 })
      assert.isAtMost(statSync(path).size, MOST_BYTES)
      assert.deepStrictEqual(heard, [])
      await close()
    }
  })

  it("opens an agent without the events that set the fields", async () => {
    const { page, close } = await openPage(browser, wall.address, { viewport: DESK, colorScheme: "light" })
    await page.locator("[data-agent]").first().click()
    await page.waitForSelector("dialog[open] .row .field")
    assert.strictEqual(await page.locator("dialog .cause").count(), 0)
    assert.match((await page.locator("dialog").textContent()) ?? "", /npx projections explain/)
    assert.deepStrictEqual(await violations(page, { dense: true }), [])
    await close()
  })

  it("shows the day of an agent from midnight on where the stack counts it, and else which setting turns that on", async () => {
    const first = await openPage(browser, wall.address, { viewport: PHONE, colorScheme: "dark" })
    await first.page.locator("[data-agent]").first().click()
    await first.page.waitForSelector("dialog[open] .in-states td")
    const label = first.page.locator("dialog .timeline svg[role]")
    assert.match((await label.getAttribute("aria-label")) ?? "", /^States and \d+ sessions since 00:00: /)
    assert.isAtLeast(await first.page.locator("dialog .handled dd").count(), 5)
    assert.isAtMost(await first.page.evaluate(() => document.documentElement.scrollWidth), PHONE.width)
    assert.deepStrictEqual(await violations(first.page, { dense: true }), [])
    await first.close()
    assert.match(wall.said(), /up to [\d,]+ more while an agent is open; /)

    const second = await openPage(browser, without.address, { viewport: DESK, colorScheme: "light" })
    await second.page.locator("[data-agent]").first().click()
    await second.page.waitForSelector("dialog[open] .row .field")
    assert.strictEqual(await second.page.locator("dialog .in-states").count(), 0)
    assert.match((await second.page.locator("dialog .day .note").textContent()) ?? "", /Set agentIntervals to true/)
    assert.match((await second.page.locator("dialog .day h3").textContent()) ?? "", /^Since the start/)
    assert.deepStrictEqual(await violations(second.page, { dense: true }), [])
    assert.deepStrictEqual([first.said, second.said], [[], []])
    await second.close()
  })

  it("says goodbye to the page at Ctrl-C", async () => {
    const { page, close } = await openPage(browser, wall.address, { viewport: DESK })
    await page.waitForSelector('.badge[data-link="live"]')
    const ended = new Promise((resolve) => wall.process.once("exit", resolve))
    wall.process.kill("SIGINT")
    await page.waitForSelector('.badge[data-link="ended"]')
    await ended
    assert.match(wall.said(), /\nended: [\d,]+ read units in 1 min\n$/)
    await close()
  })
})
