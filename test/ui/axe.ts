import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import type { Page } from "playwright-core"

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

interface Result {
  readonly violations: ReadonlyArray<{
    readonly id: string
    readonly help: string
    readonly nodes: ReadonlyArray<{ readonly html: string; readonly failureSummary?: string }>
  }>
}

/**
 * Rules that dense rows cannot keep: a row of a list of 200 is lower than 24 px. The choice `Size: cards` on the same page gives each a target
 * that is large enough, which is what WCAG 2.5.8 asks in that case.
 */
const DENSE = { "target-size": { enabled: false } }

/** What axe finds against the rules of WCAG 2.2 A and AA: one line each, with the first elements. */
export const violations = async (
  page: Page,
  { dense = false }: { readonly dense?: boolean } = {}
): Promise<ReadonlyArray<string>> => {
  // The policy of the page forbids any other way to bring a script into it.
  await page.evaluate(source)
  const result = (await page.evaluate(
    `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], rules: ${JSON.stringify(dense ? DENSE : {})} })`
  )) as Result
  return result.violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}: ${nodes
        .slice(0, 3)
        .map(({ html, failureSummary = "" }) => `${html.slice(0, 160)} ${failureSummary.split("\n")[1] ?? ""}`)
        .join(" | ")}`
  )
}
