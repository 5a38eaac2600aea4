import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Browser, Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import type { Running } from "../e2e/command.ts"
import { openBrowser, openPage } from "./browser.ts"
import { openCentre } from "./centre.ts"

/** Nobody reaches these, so that every queue misses its target and every wait is too long. */
const UNREACHED = { waiting: [1, 2], serviceLevel: { answerSeconds: 1, target: 1 } }

let browser: Browser
let run: Running
let address: string
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "nothing-cut-"))
  const thresholds = join(folder, "thresholds.json")
  writeFileSync(thresholds, JSON.stringify(UNREACHED))
  browser = await openBrowser()
  const centre = ["--agents", "80", "--queues", "40", "--rate", "40", "--seed", "3", "--thresholds", thresholds]
  ;({ run, address } = await openCentre(centre))
})
afterAll(async () => {
  await browser?.close()
  run?.child.kill("SIGKILL")
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
})

/** Texts of a page that are wider than what holds them: all that are figures, and others where no pointer tells the whole. */
const cutTexts = (page: Page) =>
  page.evaluate(() => {
    const figures = ".big, .big *, .agent:not(.slim), .agent:not(.slim) *, .queue td, thead th, .tools *, footer *"
    const said = (element: Element) => element.closest("[title]")?.getAttribute("title") ?? ""
    return [...document.querySelectorAll("main *, .top *")]
      .filter((element) => element.closest(".unseen") === null && element.clientWidth > 0)
      .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
      .filter((element) => element.matches(figures) || getComputedStyle(element).overflowX !== "visible")
      .filter((element) => element.matches(figures) || !said(element).includes(element.textContent ?? ""))
      .map(({ className, textContent }) => `${className}: ${textContent}`)
  })

/** The longest that a day brings, in place of what the run has come to. */
const lengthen = (page: Page) =>
  page.evaluate(() => {
    const put = (selector: string, text: string) => {
      for (const element of document.querySelectorAll(selector)) element.textContent = text
    }
    put(".big .note", "1,204 of them short, 12,345 offered, 10,302 answered")
    put(".queue .col-longest .since", "12m34s")
    put(".queue .level b", "99 %")
    put(".agent .done", "123 handled")
    put(".agent:not(.slim) .state", "Interacting · Out of Office")
  })

const isBelow = (page: Page) =>
  page.waitForFunction(
    () =>
      document.querySelectorAll(".queue .level em").length > 5 &&
      document.querySelectorAll(".queue .col-longest em").length > 2,
    undefined,
    { timeout: 60_000 }
  )

describe("a wall below its target", { timeout: 150_000 }, () => {
  it.each([
    [1_440, 900],
    [1_920, 1_080]
  ])("cuts no text at %i x %i, with the details open and closed, as rows and as cards", async (width, height) => {
    const { page, said, close } = await openPage(browser, address, { viewport: { width, height } })
    await isBelow(page)
    assert.strictEqual(await page.locator('[data-figure="Service level today"] em').textContent(), "below target")
    for (const size of ["rows", "cards"] as const) {
      await page.getByLabel("Size").selectOption(size)
      await page.waitForSelector(size === "rows" ? ".agent.slim" : ".agent:not(.slim)")
      for (const isOpen of [false, true]) {
        if (isOpen) {
          await page.locator("[data-agent]").first().click()
          await page.waitForSelector("dialog[open] .row .field")
        }
        const how = `${size}, details ${isOpen ? "open" : "closed"}`
        assert.deepStrictEqual(await cutTexts(page), [], how)
        await lengthen(page)
        assert.deepStrictEqual(await cutTexts(page), [], `${how}, a long day`)
        const badge = (await page.locator(".badge").boundingBox()) ?? assert.fail(how)
        const edge = (await page.locator("dialog[open]").count()) > 0 ? width * 0.58 : width
        assert.isAtMost(badge.x + badge.width, edge, `${how}: whether the wall is live`)
      }
      await page.keyboard.press("Escape")
      await page.waitForSelector("dialog[open]", { state: "detached" })
    }
    assert.deepStrictEqual(said, [])
    await close()
  })

  it.each([
    ["in wall mode at 1920 x 1080", "?wall=600", 1_920, 1_080],
    ["in wall mode at 1440 x 900", "?wall=600", 1_440, 900],
    ["at 1366 x 768", "", 1_366, 768],
    ["at 1280 x 800", "", 1_280, 800],
    ["on a tablet of 820 px", "", 820, 1_180],
    ["on a phone of 390 px", "", 390, 844],
    ["on a phone of 360 px", "", 360, 740]
  ])("cuts no text %s", async (_, search, width, height) => {
    const { page, close } = await openPage(browser, `${address}/${search}`, { viewport: { width, height } })
    await isBelow(page)
    assert.deepStrictEqual(await cutTexts(page), [])
    await lengthen(page)
    assert.deepStrictEqual(await cutTexts(page), [], "a long day")
    await close()
  })
})
