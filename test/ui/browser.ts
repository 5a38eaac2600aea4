import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core"

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge"]
const PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe"
]

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The Chromium that `CHROMIUM` names, or one where they usually are. Throws with the way to get one. */
export const findChromium = (
  env: Readonly<Record<string, string | undefined>> = process.env,
  places: ReadonlyArray<string> = PLACES
): string => {
  const { CHROMIUM: named, PATH = "" } = env
  if (named !== undefined && named !== "") {
    if (isProgram(named)) return named
    throw new Error(`CHROMIUM names ${named}, which is no program that can be run`)
  }
  const found = [...PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name))), ...places].find(
    isProgram
  )
  if (found !== undefined) return found
  throw new Error(
    "there is no Chromium here: install one (apt-get install chromium, brew install --cask chromium, or Google Chrome), or name its program in CHROMIUM"
  )
}

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: findChromium(),
    // Chromium refuses to run as root with its sandbox, which is where containers are.
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : []
  })

/** A page with whatever it writes to its console, and whatever it fails with. */
export const openPage = async (browser: Browser, address: string, options: BrowserContextOptions = {}) => {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options })
  const page: Page = await context.newPage()
  const said: Array<string> = []
  page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`))
  page.on("pageerror", (error) => said.push(`failed: ${error.message}`))
  await page.goto(address)
  return { page, said, close: () => context.close() }
}
