import { mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Browser, Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { openFolder } from "../../src/local/folder.ts"
import { listen } from "../../src/wallboard/port.ts"
import { fillDirectory } from "../cli/directory/fill.ts"
import { launch, type Running } from "../e2e/command.ts"
import { violations } from "./axe.ts"
import { findChromium, openBrowser, openPage } from "./browser.ts"

const LEAST_AGENTS = 10
const SETTLE_MS = 5_000

/** No machine is there. */
const ZONE = "Pacific/Chatham"

let port: number
let address: string
let run: Running
let browser: Browser
let data: string

/** A run that is over by itself, should nobody end it. */
const begin = async (seed: string) => {
  data = mkdtempSync(join(tmpdir(), "wallboard-"))
  const started = await launch([
    "--data",
    data,
    "--port",
    String(port),
    "--rate",
    "30",
    "--agents",
    "16",
    "--queues",
    "3",
    "--seed",
    seed,
    "--chaos",
    "0.05",
    "--time-zone",
    ZONE,
    "--duration",
    "3m"
  ])
  while (!started.stdout().includes("shows the wallboard")) await new Promise((resolve) => setTimeout(resolve, 50))
  return started
}

const agents = (page: Page) =>
  page.waitForFunction((least) => document.querySelectorAll("[data-agent]").length >= least, LEAST_AGENTS)
const badge = (page: Page, link: string, timeout = 15_000) =>
  page.waitForSelector(`.badge[data-link="${link}"]`, { timeout })

beforeAll(async () => {
  findChromium()
  const probe = createServer()
  port = await listen(probe, 0)
  await new Promise((resolve) => probe.close(resolve))
  address = `http://127.0.0.1:${port}`
  ;[browser, run] = await Promise.all([openBrowser(), begin("3")])
})
afterAll(async () => {
  await browser?.close()
  run?.child.kill("SIGKILL")
  if (data !== undefined) rmSync(data, { recursive: true, force: true })
})

interface Seen {
  readonly agent: string
  readonly state: string
  readonly at: number
}

interface Past {
  readonly settleWindowMs: number
  readonly history: ReadonlyArray<{
    readonly at: number
    readonly changes: ReadonlyArray<{ readonly column: string; readonly to?: string }>
  }>
}

describe("the wallboard", () => {
  it("shows a change of state within two seconds after it has settled", async () => {
    const { page, said, close } = await openPage(browser, address)
    await agents(page)
    await page.evaluate(() => {
      const seen: Array<Seen> = []
      const shown = new Map<string, string>()
      const look = () => {
        for (const card of document.querySelectorAll<HTMLElement>("[data-agent]")) {
          const { agent = "" } = card.dataset
          // What is declared beside a conversation is no state of its own.
          const [state = ""] = (card.querySelector(".state")?.textContent ?? "").split(" · ")
          if (shown.has(agent) && shown.get(agent) !== state) seen.push({ agent, state, at: Date.now() })
          shown.set(agent, state)
        }
      }
      look()
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true })
      Object.assign(window, { seen })
    })
    const read = () => page.evaluate(() => (window as unknown as { seen: ReadonlyArray<Seen> }).seen)
    await page.waitForFunction(() => (window as unknown as { seen: ReadonlyArray<Seen> }).seen.length >= 12)
    const lags: Array<{ readonly afterEvent: number; readonly afterWrite: number }> = []
    for (const { agent, state, at } of await read()) {
      const { history } = (await (await fetch(`${address}/details/agents/${agent}`)).json()) as Past
      const change = history.find(
        (entry) => entry.at <= at && entry.changes.some(({ column, to }) => column === "state" && to === state)
      )
      const since = change?.changes.find(({ column }) => column === "since")?.to
      assert.isDefined(since, `${agent} ${state}`)
      lags.push({ afterEvent: at - Date.parse(since ?? ""), afterWrite: at - (change?.at ?? 0) })
    }
    const told = JSON.stringify(lags)
    // What came late is late on the page as well: it is measured from the table.
    const timely = lags.filter(({ afterEvent, afterWrite }) => afterEvent - afterWrite <= SETTLE_MS + 1_500)
    assert.isAtLeast(timely.length, lags.length / 2, told)
    for (const { afterEvent } of timely) {
      assert.isAtLeast(afterEvent, SETTLE_MS, told)
      assert.isAtMost(afterEvent, SETTLE_MS + 2_000, told)
    }
    for (const { afterWrite } of lags) assert.isAtMost(afterWrite, 1_500, told)
    assert.deepStrictEqual(said, [])
    await close()
  })

  it("ticks, counts and draws what the run does", async () => {
    const { page, close } = await openPage(browser, address)
    await agents(page)
    // Agents are there with the first sweep, before anything has settled.
    await page.waitForFunction(
      () =>
        document.querySelectorAll(".queue").length === 3 &&
        /^\d+\.\ds · \d+\.\ds$/.test(document.querySelector('[data-part="lag"] b')?.textContent ?? "")
    )
    const figures = await page.locator("[data-figure]").evaluateAll((all) => all.map(({ dataset }) => dataset.figure))
    assert.deepStrictEqual(figures, [
      "Waiting",
      "Longest wait",
      "Alerting",
      "Interacting",
      "Service level today",
      "Abandoned today"
    ])
    const parts = await page.locator("[data-part] .told span").allTextContents()
    assert.deepStrictEqual(parts, ["events a second", "settle lag", "late", "wait for people"])
    assert.strictEqual(await page.locator(".pipeline canvas").count(), 0)
    await page.getByRole("button", { name: "Curves" }).click()
    await page.waitForFunction(() => document.querySelectorAll(".pipeline canvas").length === 4)
    assert.strictEqual(await page.evaluate(() => location.search), "?curves")
    // What is counted today is on the page and in its table.
    await page.waitForFunction(() =>
      [...document.querySelectorAll(".queue .col-offered")].some(({ textContent }) => Number(textContent) > 0)
    )
    await page.waitForFunction(() =>
      [...document.querySelectorAll(".queue .members")].some(({ textContent }) => Number(textContent) > 0)
    )
    const ages = () => page.locator(".agent .since").allTextContents()
    const before = await ages()
    await page.waitForTimeout(1_600)
    assert.notDeepEqual(await ages(), before)
    await close()
  })

  it("is found through by filter, state and group", async () => {
    const { page, close } = await openPage(browser, address)
    await agents(page)
    const id = (await page.locator("[data-agent]").first().getAttribute("data-agent")) ?? ""
    await page.keyboard.press("/")
    await page.keyboard.type(id.slice(0, 8))
    await page.waitForFunction(() => document.querySelectorAll("[data-agent]").length === 1)
    assert.strictEqual(await page.locator("[data-agent]").getAttribute("data-agent"), id)
    assert.match((await page.locator(".shown").textContent()) ?? "", /^1 of \d+ agents, \d of 3 queues Show all$/)
    // A reload, and whoever is sent the address, see the same.
    await page.reload()
    await page.waitForFunction(() => document.querySelectorAll("[data-agent]").length === 1)
    assert.strictEqual(await page.evaluate(() => location.search), `?find=${id.slice(0, 8)}`)
    await page.keyboard.press("/")
    await page.keyboard.press("Escape")
    await agents(page)
    const chip = page.locator(".chip").first()
    const state = ((await chip.textContent()) ?? "").replace(/^[\d,]+ /, "")
    await chip.click()
    await page.waitForSelector('.chip[aria-pressed="true"]')
    // Who has declared a break while a conversation goes on shows both.
    for (const shown of await page.locator(".agent .state").allTextContents())
      assert.strictEqual(shown.split(" · ")[0], state)
    await page.locator('.chip[aria-pressed="true"]').click()
    assert.isAtLeast(await page.locator("h3.group").count(), 1)
    await page.getByLabel("Group").selectOption("queue")
    await page.waitForFunction(() => document.querySelectorAll("h3.group").length >= 3)
    // The members of a queue, and nobody else.
    await page.locator("h3.group button").first().click()
    await page.waitForFunction(() => document.querySelectorAll(".queue").length === 1)
    const queue = (await page.locator(".queue").getAttribute("data-queue")) ?? ""
    const counted = (await page.locator(".queue .members").allTextContents()).reduce((sum, n) => sum + Number(n), 0)
    assert.closeTo(await page.locator("[data-agent]").count(), counted, 1)
    assert.strictEqual(await page.evaluate(() => location.search), `?queue=${queue}&group=queue`)
    await page.goBack()
    await page.waitForFunction(() => document.querySelectorAll(".queue").length === 3)
    await close()
  })

  it("sorts queues by the column that is pressed, and leaves in place what is being read", async () => {
    const { page, close } = await openPage(browser, address)
    await agents(page)
    await page.locator("th.col-interacting button").click()
    await page.waitForSelector('th[aria-sort="descending"]')
    // The pointer is on the heading, so that numbers that change meanwhile would leave the order as it is.
    await page.mouse.move(0, 0)
    await page.waitForFunction(() => {
      const cells = [...document.querySelectorAll(".queue .col-interacting")]
      const shown = cells.map((cell) => Number(cell.textContent))
      return shown.length === 3 && shown.every((number, i) => i === 0 || number <= (shown[i - 1] ?? 0))
    })
    const ids = () => page.locator(".queue").evaluateAll((all) => all.map(({ dataset }) => dataset.queue))
    await page.locator(".queue").first().hover()
    const before = await ids()
    for (let second = 0; second < 6; second++) {
      await page.mouse.move(200 + second, 400)
      await page.locator(".queue").first().hover()
      await page.waitForTimeout(500)
      assert.deepStrictEqual(await ids(), before)
    }
    await close()
  })

  it("keeps what is wrong with a figure inside its card", async () => {
    for (const width of [1440, 1180, 360]) {
      const { page, close } = await openPage(browser, address, { viewport: { width, height: 800 } })
      await page.waitForSelector(".big h2")
      const over = await page.evaluate(() =>
        [...document.querySelectorAll(".big")].map((card) => {
          const value = card.querySelector(".value") as HTMLElement
          const word = value.querySelector("em") ?? value.appendChild(document.createElement("em"))
          word.textContent = "below target"
          return word.getBoundingClientRect().right - card.getBoundingClientRect().right
        })
      )
      for (const beyond of over) assert.isBelow(beyond, 0, `${width} px wide`)
      await close()
    }
  })

  it("gives all of the queues' width to the columns that are shown, however wide it is", async () => {
    for (const width of [1920, 1440, 1180, 1000, 640, 360]) {
      const { page, close } = await openPage(browser, address, { viewport: { width, height: 800 } })
      await page.waitForSelector(".queue")
      const unused = await page.evaluate(() => {
        const right = (selector: string) => document.querySelector(selector)?.getBoundingClientRect().right ?? 0
        return right(".queues table") - right(".queue > :last-child")
      })
      assert.isAtMost(Math.abs(unused), 1, `${width} px wide`)
      await close()
    }
  })

  it("shows names, also hostile ones as the text that they are, and filters and sorts by them", async () => {
    const { page, said, close } = await openPage(browser, address)
    await agents(page)
    await page.waitForFunction(() => document.querySelectorAll(".queue").length === 3)
    const shown = await page.locator("[data-agent]").evaluateAll((all) => all.map(({ dataset }) => dataset.agent ?? ""))
    const isJoined = async (id: string) =>
      (await (await fetch(`${address}/details/agents/${id}`)).text()).includes('"activeQueueIds"')
    let anna: string | undefined
    // Nobody tells the queues of an agent before the agent changes them.
    while (anna === undefined) {
      const joins = await Promise.all(shown.map(isJoined))
      anna = shown.find((_, i) => joins[i])
      await page.waitForTimeout(250)
    }
    const evil = shown.find((id) => id !== anna) ?? ""
    const links = await page.locator(".queue a").all()
    const queues = await Promise.all(links.map(async (link) => (await link.getAttribute("href")) ?? ""))
    const hostile = `<img src=x onerror="document.title='broken'"></script>\u202e&amp;`
    // Later than what the next sweeps say.
    const at = Date.now() + 600_000
    const folder = await openFolder(data)
    await fillDirectory({ captured: folder, stack: { operator: folder.connection } }, [
      { kind: "agents", id: anna, at, name: "Änna Müller" },
      { kind: "agents", id: evil, at, name: hostile },
      ...queues.map((href) => ({ kind: "queues" as const, id: href.replace("#queues/", ""), at, name: "Sales <b>" }))
    ])
    await folder.close()
    const card = (id: string) => page.locator(`[data-agent="${id}"]`)
    await page.waitForFunction(
      ([id, name]) => document.querySelector(`[data-agent="${id}"] .name`)?.textContent === name,
      [evil, hostile]
    )
    await page.waitForFunction(() => document.querySelector(".queue .name")?.textContent === "Sales <b>")
    assert.strictEqual(await card(evil).locator(".name").textContent(), hostile)
    assert.strictEqual(await card(anna).locator(".name").textContent(), "Änna Müller")
    assert.strictEqual(await card(anna).locator("code").textContent(), anna.slice(0, 8))
    assert.strictEqual(await page.locator(".queue .name").first().textContent(), "Sales <b>")
    assert.strictEqual(await page.locator("img, .name img, .queue .name b, .big .note b").count(), 0)
    await page.keyboard.press("/")
    await page.keyboard.type("anna mull")
    await page.waitForFunction(() => document.querySelectorAll("[data-agent]").length === 1)
    await card(anna).click()
    await page.waitForSelector("dialog[open] .row .field")
    assert.strictEqual(await page.locator("#details-title").textContent(), "Änna Müller")
    assert.strictEqual(await page.locator("dialog .head p").textContent(), `Agent ${anna}`)
    const joined = page.locator(".field", { hasText: "activeQueueIds" }).locator(".is")
    assert.include((await joined.first().textContent()) ?? "", "Sales <b>")
    await page.keyboard.press("Escape")
    await page.keyboard.press("/")
    await page.keyboard.press("Escape")
    await agents(page)
    await page.getByLabel("Group").selectOption("none")
    await page.getByLabel("Sort").selectOption("name")
    const sorted = await page.locator("[data-agent] .name").allTextContents()
    // The others are called Agent, and a number.
    assert.deepStrictEqual([sorted[0], sorted.at(-1)], [hostile, "Änna Müller"])
    assert.deepStrictEqual([await page.title(), said], ["Wallboard", []])
    await close()
  })

  it("opens and closes details by keys, gives the focus back, and is led to by a link", async () => {
    const { page, said, close } = await openPage(browser, address)
    await agents(page)
    const card = page.locator("[data-agent]").first()
    const id = (await card.getAttribute("data-agent")) ?? ""
    await card.focus()
    await page.keyboard.press("Enter")
    await page.waitForSelector("dialog[open] .row .field")
    assert.strictEqual(await page.evaluate(() => location.hash), `#agents/${id}`)
    assert.include((await page.locator("dialog .head").textContent()) ?? "", id.slice(0, 8))
    const field = (await page.locator(".row[open] .field").first().textContent()) ?? ""
    assert.match(field, /^state.+(v2\.|snapshot).+(happened|since) [\d: .-]+/)
    const told = page.locator("dialog .cause", { hasText: "after it was sent," }).first()
    assert.match(
      (await told.textContent()) ?? "",
      /the event arrived [\d: .-]+, [\d.]+ s after it was sent, (in time|late)/
    )
    assert.match(field, /[0-9a-f]{8}-[0-9a-f-]{27}$|and \d+ more/)
    assert.isAtLeast(await page.locator(".past li").count(), 1)
    assert.isTrue(await page.evaluate(() => document.activeElement?.closest("dialog[open]") !== null))
    // The wall makes room: what is in sight of it is not covered.
    const covered = await page.evaluate(() => {
      const edge = document.querySelector("dialog[open]")?.getBoundingClientRect().left ?? 0
      const seen = [...document.querySelectorAll(".big, .queue, [data-agent]")]
      return seen.filter((one) => one.getBoundingClientRect().right > edge + 1).length
    })
    assert.strictEqual(covered, 0)
    assert.isAtLeast(await page.locator("dialog .timeline rect").count(), 1)
    assert.match(
      (await page.locator("dialog .timeline svg").first().getAttribute("aria-label")) ?? "",
      /^States and \d+ sess/
    )
    await page.keyboard.press("Escape")
    await page.waitForSelector("dialog[open]", { state: "detached" })
    assert.strictEqual(await page.evaluate(() => location.hash), "")
    assert.strictEqual(await page.evaluate(() => document.activeElement?.getAttribute("data-agent")), id)

    const queue = (await page.locator(".queue a").first().getAttribute("href")) ?? ""
    await page.goto(`${address}/${queue}`)
    await page.waitForSelector("dialog[open] .row .field")
    assert.match((await page.locator("dialog .head p").textContent()) ?? "", /^Queue /)
    // Who waits comes before who is a member.
    const rows = await page.locator("dialog .row > summary b").allTextContents()
    assert.strictEqual(rows[0], "state")
    const firstMember = rows.findIndex((row) => row.startsWith("member#"))
    assert.isFalse(rows.slice(firstMember).some((row) => row.startsWith("session#")))
    await page.locator(".close").click()
    await page.waitForSelector("dialog[open]", { state: "detached" })
    assert.deepStrictEqual(said, [])
    await close()
  })

  it("shows the day of an agent from midnight in the time zone of the wall, in words, times and shares, and meets AA", async () => {
    for (const colorScheme of ["dark", "light"] as const) {
      const { page, said, close } = await openPage(browser, address, { colorScheme })
      await agents(page)
      assert.include((await page.locator(".run").textContent()) ?? "", `today by ${ZONE}`)
      // Who interacts was somewhat else before, and is not offline.
      await page.locator("[data-agent]").first().click()
      await page.waitForSelector("dialog[open] .in-states td")
      const label = () => page.locator("dialog .timeline svg[role]").getAttribute("aria-label")
      assert.match((await label()) ?? "", /^States and \d+ sessions since 00:00: /)
      const table = await page.locator("dialog .in-states").evaluate((element) => ({
        caption: element.querySelector("caption")?.textContent,
        rows: [...element.querySelectorAll("tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent))
      }))
      assert.strictEqual(table.caption, "Time in each state since 00:00")
      for (const [state, time, share] of table.rows) {
        assert.match(state ?? "", /^[A-Z][A-Za-z ]+$/)
        assert.match(time ?? "", /^\d+[smhd]/)
        assert.match(share ?? "", ["Offline", "Unknown"].includes(state ?? "") ? /^–$/ : /^\d+ %$/)
      }
      const shares = table.rows.map(([, , share]) => Number.parseInt(share ?? "", 10)).filter(Number.isFinite)
      assert.closeTo(
        shares.reduce((sum, share) => sum + share, 0),
        100,
        shares.length
      )
      assert.deepStrictEqual(
        await page
          .locator("dialog .handled dt")
          .allTextContents()
          .then((all) => all.slice(0, 5)),
        ["Handled", "Not answered", "Transferred", "Talk", "Hold"]
      )
      // The day as the wall's clocks say it, and no gap up to now.
      const bands = () =>
        page
          .locator("dialog .timeline svg[role] > svg")
          .evaluateAll((all) =>
            all
              .filter((one) => one.getAttribute("y") === "0")
              .map((one) =>
                [one.getAttribute("x"), one.getAttribute("width")].map((text) => Number.parseFloat(text ?? ""))
              )
          )
      const drawn = await bands()
      assert.strictEqual(drawn[0]?.[0], 0)
      const ends = drawn.map(([x = 0, width = 0]) => x + width)
      assert.closeTo(ends.at(-1) ?? 0, 100, 0.3)
      for (const [i, [x = 0]] of drawn.slice(1).entries()) assert.closeTo(x, ends[i] ?? 0, 0.2)
      assert.deepStrictEqual(await violations(page, { dense: true }), [])
      const hour = page.getByRole("button", { name: "Show the last hour" })
      if ((await hour.count()) > 0) {
        await hour.click()
        await page.getByRole("button", { name: "Show the whole day" }).waitFor()
        assert.notMatch((await label()) ?? "", /since 00:00/)
        assert.deepStrictEqual(await violations(page, { dense: true }), [])
      }
      assert.deepStrictEqual(said, [])
      await close()
    }
  })

  it("fits a phone of 360 px, details as well", async () => {
    const { page, said, close } = await openPage(browser, address, { viewport: { width: 360, height: 740 } })
    await agents(page)
    const widths = () =>
      page.evaluate(() => [
        document.documentElement.scrollWidth,
        ...[...document.querySelectorAll("dialog, .sheet")].map((element) => element.scrollWidth)
      ])
    assert.isAtMost(Math.max(...(await widths())), 360)
    await page.locator("[data-agent]").first().click()
    await page.waitForSelector("dialog[open] .row .field")
    assert.isAtMost(Math.max(...(await widths())), 360)
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press("Tab")
      assert.isTrue(
        await page.evaluate(() => {
          const { activeElement } = document
          // From the last field the browser's own bar is next, where no element has the focus.
          return activeElement === document.body || activeElement?.closest("dialog[open]") !== null
        })
      )
    }
    assert.deepStrictEqual(said, [])
    await close()
  })

  it("is light or dark as the device is, until somebody chooses", async () => {
    const brightness = (page: Page) =>
      page.evaluate(() => {
        const [red = 0, green = 0, blue = 0] =
          getComputedStyle(document.body).backgroundColor.match(/\d+/g)?.map(Number) ?? []
        return (red + green + blue) / 3
      })
    for (const colorScheme of ["light", "dark"] as const) {
      const isAsNamed = (value: number) => (colorScheme === "light" ? value > 200 : value < 50)
      const isTurned = (value: number) => (colorScheme === "light" ? value < 50 : value > 200)
      const { page, said, close } = await openPage(browser, address, { colorScheme })
      await agents(page)
      assert.isTrue(isAsNamed(await brightness(page)), colorScheme)
      await page.locator(".turn").click()
      await page.waitForFunction((was) => document.documentElement.dataset.theme !== was, colorScheme)
      assert.isTrue(isTurned(await brightness(page)), `${colorScheme} turned`)
      await page.reload()
      await agents(page)
      assert.isTrue(isTurned(await brightness(page)), `${colorScheme} turned, and kept`)
      assert.deepStrictEqual(said, [])
      await close()
    }
  })

  it("says that it reconnects when the run is silent or gone, how old its data is, and comes back by itself", async () => {
    const { page, said, close } = await openPage(browser, address)
    await badge(page, "live")
    await agents(page)
    run.child.kill("SIGSTOP")
    await badge(page, "lost")
    assert.match((await page.locator(".badge").textContent()) ?? "", /^Reconnecting ?data \d+s old$/)
    run.child.kill("SIGCONT")
    await badge(page, "live")
    assert.deepStrictEqual(said, [])

    run.child.kill("SIGKILL")
    await badge(page, "lost")
    run = await begin("4")
    await badge(page, "live", 30_000)
    await page.waitForFunction(() => /seed 4/.test(document.querySelector(".run")?.textContent ?? ""))
    // The browser itself tells of each attempt that nobody answered.
    assert.deepStrictEqual(
      said.filter((line) => !/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|503/.test(line)),
      []
    )

    run.child.kill("SIGINT")
    await badge(page, "ended")
    await close()
    assert.strictEqual((await run.ended).code, 0)
  })
})
