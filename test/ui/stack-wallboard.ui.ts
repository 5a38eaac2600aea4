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
let wall: ChildProcess
let said = ""
let address: string

/** The command as a process of its own, which reaches the stack over a port, with the rights of the policy for readers. */
const openWall = async (endpoint: string) => {
  const { outputs } = await captureDev({ genesysEventSource: SIMULATED_SOURCE, ...sweepSettings })
  const file = join(tmpdir(), `outputs-${process.pid}.json`)
  writeFileSync(file, JSON.stringify(outputs))
  const port = await freePort()
  const args = ["src/bin/projections.ts", "wallboard", "--outputs", file, "--every", "1", "--port", String(port)]
  wall = spawn(process.execPath, args, {
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
  return `http://127.0.0.1:${port}`
}

beforeAll(async () => {
  mkdirSync(SCREENS, { recursive: true })
  browser = await openBrowser()
  const centre = await openCentre(["--agents", "60", "--queues", "10", "--rate", "25", "--seed", "3"])
  run = centre.run
  // Until there is a directory, which tells whom to show.
  await new Promise((resolve) => setTimeout(resolve, 8_000))
  address = await openWall(centre.address)
})
afterAll(async () => {
  await browser?.close()
  wall?.kill("SIGKILL")
  run?.child.kill("SIGKILL")
})

describe("the wallboard of a deployed stack", { timeout: 150_000 }, () => {
  it("shows agents and queues by name, how it reads and what it cannot show, and meets AA", async () => {
    assert.match(said, /^\d+ agents and 10 queues, read every 1 s .+\nabout [\d,]+ read units a minute, \$/)
    for (const [name, viewport, colorScheme] of [
      ["stack-desk-light", DESK, "light"],
      ["stack-phone-dark", PHONE, "dark"]
    ] as const) {
      const { page, said: heard, close } = await openPage(browser, address, { viewport, colorScheme })
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
    const { page, close } = await openPage(browser, address, { viewport: DESK, colorScheme: "light" })
    await page.locator("[data-agent]").first().click()
    await page.waitForSelector("dialog[open] .row .field")
    assert.strictEqual(await page.locator("dialog .cause").count(), 0)
    assert.match((await page.locator("dialog").textContent()) ?? "", /npx projections explain/)
    assert.deepStrictEqual(await violations(page, { dense: true }), [])
    await close()
  })

  it("says goodbye to the page at Ctrl-C", async () => {
    const { page, close } = await openPage(browser, address, { viewport: DESK })
    await page.waitForSelector('.badge[data-link="live"]')
    const ended = new Promise((resolve) => wall.once("exit", resolve))
    wall.kill("SIGINT")
    await page.waitForSelector('.badge[data-link="ended"]')
    await ended
    assert.match(said, /\nended: [\d,]+ read units in 1 min\n$/)
    await close()
  })
})
