import { mkdirSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Browser, BrowserContextOptions, Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import type { Running } from "../e2e/command.ts"
import { violations } from "./axe.ts"
import { openBrowser, openPage } from "./browser.ts"
import { openCentre } from "./centre.ts"

/** Where pictures of the page are put: `SCREENS=docs/wallboard npm run test:ui` renews those of the documentation. */
const SCREENS = process.env.SCREENS ?? join(tmpdir(), "wallboard-screens")

/** Larger than this no picture of the documentation is to be, bytes. */
const MOST_BYTES = 350_000

const LARGE = { width: 1_920, height: 1_080 } as const
const DESK = { width: 1_440, height: 900 } as const
const PHONE = { width: 390, height: 844 } as const

let browser: Browser
let run: Running
let address: string

beforeAll(async () => {
  mkdirSync(SCREENS, { recursive: true })
  browser = await openBrowser()
  ;({ run, address } = await openCentre(["--agents", "200", "--queues", "40", "--rate", "40", "--seed", "3"]))
})
afterAll(async () => {
  await browser?.close()
  run?.child.kill("SIGKILL")
})

const full = (page: Page) =>
  page.waitForFunction(
    () =>
      document.querySelectorAll("[data-agent]").length > 190 && document.querySelectorAll(".queue .name").length === 40,
    undefined,
    { timeout: 40_000 }
  )

const open = async (search: string, options: BrowserContextOptions) => {
  const opened = await openPage(browser, `${address}/${search}`, options)
  return { ...opened, settled: () => opened.page.waitForTimeout(400) }
}

const picture = async (page: Page, name: string) => {
  const path = join(SCREENS, `${name}.jpg`)
  await page.screenshot({ path, type: "jpeg", quality: 45 })
  assert.isAtMost(statSync(path).size, MOST_BYTES, name)
}

/** A queue of which Genesys has reported the half hour so far. */
const reportedQueue = async (page: Page): Promise<string> => {
  const ids = await page
    .locator(".queue")
    .evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset.queue ?? ""))
  for (;;) {
    for (const id of ids) {
      const { compared } = await (await fetch(`${address}/details/queues/${id}`)).json()
      if (compared.length > 0) return id
    }
    await page.waitForTimeout(1_000)
  }
}

const heights = (page: Page) =>
  page.evaluate(() => ({
    page: document.documentElement.scrollHeight,
    width: document.documentElement.scrollWidth,
    screen: innerHeight
  }))

/** Pages of this size take their time where the machine is busy. */
const PATIENCE = { timeout: 150_000 }

describe("a centre of 200 agents and 40 queues", PATIENCE, () => {
  it("is on one screen of 1920x1080 without scrolling, in both themes, and meets AA", async () => {
    for (const colorScheme of ["dark", "light"] as const) {
      const { page, said, close } = await open("", { viewport: LARGE, colorScheme })
      await full(page)
      // Until something has happened today that the table shows.
      await page.waitForFunction(() => document.querySelectorAll(".queue .level b").length > 5, undefined, {
        timeout: 50_000
      })
      const { page: height, width, screen } = await heights(page)
      assert.isAtMost(height, screen, "the height of the page")
      assert.isAtMost(width, LARGE.width)
      assert.deepStrictEqual(await violations(page, { dense: true }), [])
      await picture(page, `large-${colorScheme}`)
      assert.deepStrictEqual(said, [])
      await close()
    }
  })

  it("is pinned to one queue and its members by the address, and meets AA on a desk and a phone", async () => {
    const first = await open("", { viewport: DESK, colorScheme: "light" })
    await full(first.page)
    const queue = (await first.page.locator(".queue").first().getAttribute("data-queue")) ?? ""
    await picture(first.page, "desk-light")
    assert.isAtMost((await heights(first.page)).width, DESK.width)
    assert.deepStrictEqual(await violations(first.page, { dense: true }), [])
    await first.page.getByLabel("Size").selectOption("cards")
    await first.page.waitForSelector(".agents [data-agent]")
    assert.deepStrictEqual(await violations(first.page), [])
    await first.close()

    const { page, close } = await open(`?queue=${queue}&size=cards`, { viewport: PHONE, colorScheme: "dark" })
    await page.waitForSelector("[data-agent]")
    assert.strictEqual(await page.locator(".queue").count(), 1)
    assert.isAtMost((await heights(page)).width, PHONE.width)
    assert.deepStrictEqual(await violations(page), [])
    await picture(page, "phone-dark")
    await close()
  })

  it("shows an agent and a queue beside the wall, with a time line, and meets AA", async () => {
    for (const [name, selector, colorScheme] of [
      ["agent", "[data-agent]", "light"],
      ["queue", ".queue:has(.level b) a", "dark"]
    ] as const) {
      const { page, close } = await open("", { viewport: LARGE, colorScheme })
      await full(page)
      const which = name === "queue" ? `[data-queue="${await reportedQueue(page)}"] a` : selector
      await page.locator(which).first().click()
      await page.waitForSelector("dialog[open] .row .field")
      if (name === "queue") {
        const caption = await page.locator("dialog .compared caption").textContent()
        assert.match(caption ?? "", /^Each medium by itself: /)
        assert.include(["voice", "chat", "message"], await page.locator("dialog .compared td").first().textContent())
      }
      const hour = page.getByRole("button", { name: "Show the last hour" })
      if ((await hour.count()) > 0) await hour.click()
      await page.waitForSelector("dialog[open] .timeline rect", { state: "attached" })
      assert.strictEqual(await page.locator("dialog:modal").count(), 0)
      assert.deepStrictEqual(await violations(page, { dense: true }), [])
      await picture(page, `detail-${name}-${colorScheme}`)
      await close()
    }
  })

  it("turns the pages of the wall by itself, holds them for who points or presses a key, and meets AA", async () => {
    const { page, said, close } = await open("?wall=120", { viewport: LARGE, colorScheme: "dark" })
    await page.waitForSelector(".wall .queue .name")
    await picture(page, "wall-queues-dark")
    assert.deepStrictEqual(await violations(page), [])
    assert.isAtMost((await heights(page)).page, LARGE.height)
    const kind = () => page.locator(".wall-page").getAttribute("data-kind")
    assert.strictEqual(await kind(), "queues")
    while ((await kind()) !== "agents") {
      await page.keyboard.press("ArrowRight")
      await page.waitForTimeout(200)
    }
    await picture(page, "wall-agents-dark")
    assert.isAtMost((await heights(page)).page, LARGE.height)
    const turns = () => page.locator(".turns").textContent()
    const number = async () => Number(/Page (\d+)/.exec((await turns()) ?? "")?.[1])
    await page.goto(`${address}/?wall=2`)
    await page.waitForSelector(".turns")
    const first = await number()
    await page.waitForFunction(
      (before) => !document.querySelector(".turns")?.textContent?.startsWith(`Page ${before} `),
      first,
      { timeout: 15_000 }
    )
    await page.keyboard.press(" ")
    await page.waitForFunction(() => /paused/.test(document.querySelector(".turns")?.textContent ?? ""))
    const paused = await number()
    await page.keyboard.press("ArrowRight")
    await page.waitForFunction(
      (before) => !document.querySelector(".turns")?.textContent?.startsWith(`Page ${before} `),
      paused
    )
    await page.keyboard.press(" ")
    await page.waitForFunction(() => /next in/.test(document.querySelector(".turns")?.textContent ?? ""))
    await page.mouse.move(600, 500)
    const held = await number()
    await page.waitForTimeout(4_000)
    assert.strictEqual(await number(), held)
    // Nothing moves for who asked the device for that.
    assert.strictEqual(
      await page.locator(".wall-page").evaluate((element) => getComputedStyle(element).animationName),
      "none"
    )
    await page.keyboard.press("Escape")
    await page.waitForSelector(".tools")
    assert.strictEqual(await page.evaluate(() => location.search), "")
    assert.deepStrictEqual(said, [])
    await close()
  })
})
