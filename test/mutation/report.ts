import { isExplained } from "./explained.ts"
import { knownOf } from "./journal.ts"
import { isUnder, mutantsIn, type Placed, roomNamed } from "./rooms.ts"

/** The share of mutants that the tests of a room must kill. */
const ENOUGH = 0.9

type Verdict = "killed" | "hung" | "survived" | "not reached" | "explained"

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

const flat = (text: string): string => text.replaceAll(/\s+/g, " ").slice(0, 100)

const describe = ({ file, line, original, replacement }: Placed): string =>
  `${file}:${line}  ${flat(original)}  →  ${replacement === "" ? "(removed)" : flat(replacement)}`

/** What is known of a room, or of these files and folders of it: figures by file, then every survivor. */
export const reportOf = (
  name: string,
  source: ReadonlyArray<string> = []
): { readonly text: string; readonly isEnough: boolean } => {
  const { killed, hung, reached, broken } = knownOf(name)
  const verdict = (mutant: Placed): Verdict => {
    const { id } = mutant
    if (killed.has(id)) return "killed"
    if (hung.has(id)) return "hung"
    if (isExplained(mutant)) return "explained"
    return reached.has(id) ? "survived" : "not reached"
  }
  const judged = mutantsIn(roomNamed(name))
    .filter(({ file }) => isUnder(file, source))
    .map((mutant) => ({ mutant, verdict: verdict(mutant) }))
  const count = (of: Verdict, within = judged) => within.filter(({ verdict }) => verdict === of).length
  const shareOf = (within: typeof judged) => {
    const dead = count("killed", within) + count("hung", within)
    const counted = within.length - count("explained", within)
    return counted === 0 ? 1 : dead / counted
  }
  const files = Map.groupBy(judged, ({ mutant }) => mutant.file)
  const rows = [...files].map(([file, within]) => {
    const figures = `${count("survived", within)} survived, ${count("not reached", within)} not reached`
    return `  ${percent(shareOf(within)).padStart(7)} of ${String(within.length).padStart(4)}  ${file}  (${figures})`
  })
  const verdicts = (["killed", "hung", "survived", "not reached", "explained"] as const).map(
    (of) => `${count(of)} ${of}`
  )
  const left = judged.filter(({ verdict }) => verdict === "survived" || verdict === "not reached")
  const share = shareOf(judged)
  return {
    isEnough: share >= ENOUGH && broken.size === 0,
    text: [
      `${name}: ${percent(share)} of ${judged.length} mutants are killed: ${verdicts.join(", ")}.`,
      ...rows,
      ...left.map(({ mutant, verdict }) => `  ${verdict}  ${describe(mutant)}`),
      ...[...broken].map((test) => `  fails without any mutant: ${test}`),
      ""
    ].join("\n")
  }
}
