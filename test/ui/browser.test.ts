import { assert, describe, it } from "vitest"
import { findChromium } from "./browser.ts"

describe("the browser of the page's tests", () => {
  it("is the one that CHROMIUM names, and a clear error where that is none", () => {
    assert.strictEqual(findChromium({ CHROMIUM: process.execPath }), process.execPath)
    assert.throws(
      () => findChromium({ CHROMIUM: "/no/such/browser" }),
      "CHROMIUM names /no/such/browser, which is no program that can be run"
    )
  })

  it("is looked for by its usual names and places, and where there is none it is said how to get one", () => {
    assert.throws(
      () => findChromium({ PATH: "/no/such/folder" }, []),
      /^there is no Chromium here: install one \(apt-get install chromium, .+\), or name its program in CHROMIUM$/
    )
    assert.strictEqual(findChromium({ PATH: "" }, ["/no/such/place", process.execPath]), process.execPath)
  })
})
