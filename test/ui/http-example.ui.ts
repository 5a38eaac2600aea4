import { readFile } from "node:fs/promises"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { effectClock } from "aws-in-process/clock"
import { Layer } from "effect"
import type { Browser, Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { serveApi } from "../../src/http/lambda.ts"
import { linesTo } from "../../src/lambda/lines.ts"
import { withHead } from "../../src/local/gateway.ts"
import { Connection } from "../../src/store/connection.ts"
import { serveGateway } from "../http/gateway.ts"
import { makeTables, type Tables } from "../read/engine.ts"
import { idOf, member } from "../read/events.ts"
import { START } from "../support/history.ts"
import { violations } from "./axe.ts"
import { openBrowser, openPage } from "./browser.ts"

const Q = idOf(100)

/** The folder of the example on a port, as its README serves it. */
const serveFolder = async (): Promise<{ readonly origin: string; readonly server: Server }> => {
  const types: Readonly<Record<string, string>> = { html: "text/html", js: "text/javascript" }
  const server = createServer(async (request, response) => {
    const name = (request.url ?? "").slice(1)
    const bytes = await readFile(new URL(`../../examples/http/${name}`, import.meta.url)).catch(() => undefined)
    response.writeHead(bytes === undefined ? 404 : 200, { "content-type": types[name.split(".").at(-1) ?? ""] ?? "" })
    response.end(bytes)
  })
  await new Promise<void>((done) => server.listen(0, "localhost", done))
  return { origin: `http://localhost:${(server.address() as AddressInfo).port}`, server }
}

describe("the page of examples/http", () => {
  let browser: Browser
  let tables: Tables
  let listed: Awaited<ReturnType<typeof serveFolder>>
  let other: Awaited<ReturnType<typeof serveFolder>>
  let gateway: Awaited<ReturnType<typeof serveGateway>>
  const tokens = new Set<string>()

  beforeAll(async () => {
    browser = await openBrowser()
    tables = await makeTables()
    ;[listed, other] = [await serveFolder(), await serveFolder()]
    const host = Layer.mergeAll(
      effectClock(tables.clock),
      Layer.succeed(Connection, tables.options),
      linesTo(() => undefined)
    )
    const env = { PREFIX: tables.prefix, ORIGINS: listed.origin, POLL_SECONDS: "2", STREAM_SECONDS: "300" }
    const answer = serveApi(withHead, env, host)
    gateway = await serveGateway((event, stream, context) => {
      if (event.httpMethod === "GET") tokens.add(event.multiValueHeaders?.authorization?.[0] ?? "none")
      return answer(event, stream, context)
    })
    await tables.fold([member(Q, idOf(1), true, 500), member(Q, idOf(2), true, 500)])
    tables.clock.advanceTo(START + 20_000)
  })
  afterAll(async () => {
    await browser?.close()
    await gateway?.close()
    await tables?.close()
    for (const { server } of [listed, other]) server.close()
  })

  const followQueue = async (page: Page) => {
    await page.getByLabel("URL of the API").fill(gateway.url)
    await page.getByLabel("Id of a queue").fill(Q)
    await page.getByLabel("Token").fill("a-token")
    await page.getByRole("button", { name: "Follow" }).click()
  }
  const membersShown = (page: Page, members: number) =>
    page.waitForFunction(
      (wanted) =>
        [...document.querySelectorAll("dt")].some(
          (term) => term.textContent === "members" && term.nextElementSibling?.textContent === wanted
        ),
      String(members),
      { timeout: 20_000 }
    )

  it("shows a queue as it changes, from an origin that is listed, by the token that was given", async () => {
    const { page, said, close } = await openPage(browser, `${listed.origin}/wall.html`)
    await followQueue(page)
    await membersShown(page, 2)
    assert.deepStrictEqual([...tokens], ["Bearer a-token"])
    await tables.fold([member(Q, idOf(3), true, 15_000)])
    tables.clock.advanceTo(START + 22_500)
    await membersShown(page, 3)
    assert.deepStrictEqual(await violations(page), [])
    assert.deepStrictEqual(
      said.filter((line) => !line.includes("favicon") && !line.includes("404")),
      []
    )
    await close()
  })

  it("is refused the same from an origin that is not listed, by the browser", async () => {
    const { page, said, close } = await openPage(browser, `${other.origin}/wall.html`)
    await followQueue(page)
    for (let tries = 0; tries < 100 && !said.some((line) => line.includes("CORS")); tries++)
      await page.waitForTimeout(50)
    assert.isTrue(
      said.some((line) => line.includes("blocked by CORS policy")),
      said.join("\n")
    )
    assert.strictEqual(await page.locator("dt").count(), 0)
    await close()
  })
})
