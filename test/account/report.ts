import type { Checked } from "./flow.ts"

/** What the report says beside the steps. */
export interface About {
  readonly version: string
  readonly node: string
  readonly pulumi: string
  readonly region: string
  readonly began: string
}

/** Whose account it was stays with whoever has it: numbers of accounts and ids of access keys are taken out. */
export const masked = (text: string): string =>
  text.replaceAll(/\b\d{12}\b/g, "<account>").replaceAll(/\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b/g, "<id>")

/** The report to send back, as one document and as text. */
export const reportOf = (about: About, checked: Checked): { readonly json: string; readonly text: string } => {
  const { ok, steps, isLeft } = checked
  const seconds = steps.reduce((sum, step) => sum + step.seconds, 0)
  const lines = [
    `account check of genesys-cloud-projections ${about.version}: ${ok ? "all is well" : "something failed"}`,
    `${about.began}, ${about.region}, node ${about.node}, ${about.pulumi}, ${seconds} s`,
    ...steps.map(
      ({ name, ok, seconds, found }) => `${ok ? "ok    " : "FAILED"} ${`${seconds} s`.padStart(6)}  ${name}: ${found}`
    ),
    ...(isLeft ? ["Resources may be left in the account."] : [])
  ]
  return {
    json: `${masked(JSON.stringify({ ...about, ok, seconds, isLeft, steps }, undefined, 2))}\n`,
    text: `${masked(lines.join("\n"))}\n`
  }
}
