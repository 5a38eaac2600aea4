import { readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import type { ApiExtract, Shape } from "./api.ts"
import { callsFor } from "./calls.ts"
import { stacks } from "./stacks.ts"

// Writes apis.json: of the models of AWS's API, the inputs of the calls that make resources of the stacks. The arguments are the folder
// `data` of the Python package botocore, and its version. Docs: docs/judges.md.
const [, , folder, version] = process.argv
if (folder === undefined || version === undefined)
  throw new Error("give the folder botocore/data and the version of botocore")

interface Named {
  readonly shape: string
}

/** A shape as botocore has it: others are named with more than their name. */
interface Modelled extends Omit<Shape, "members" | "member" | "key" | "value"> {
  readonly members?: Readonly<Record<string, Named>>
  readonly member?: Named
  readonly key?: Named
  readonly value?: Named
}

interface Model {
  readonly operations: Readonly<Record<string, { readonly input?: Named }>>
  readonly shapes: Readonly<Record<string, Modelled>>
}

const modelOf = async (service: string): Promise<Model> => {
  const latest = (await readdir(join(folder, service))).sort().at(-1) ?? ""
  const files = await readdir(join(folder, service, latest))
  const file = files.find((one) => one.startsWith("service-2.json")) ?? ""
  const bytes = await readFile(join(folder, service, latest, file))
  return JSON.parse(String(file.endsWith(".gz") ? gunzipSync(bytes) : bytes))
}

const strip = ({
  type,
  members,
  required = [],
  member,
  key,
  value,
  min,
  max,
  pattern,
  enum: values,
  union
}: Modelled): Shape => ({
  type,
  ...(members && {
    members: Object.fromEntries(Object.entries(members).map(([name, { shape }]) => [name, shape]))
  }),
  ...(required.length > 0 && { required }),
  ...(member && { member: member.shape }),
  ...(key && value && { key: key.shape, value: value.shape }),
  ...(min !== undefined && { min }),
  ...(max !== undefined && { max }),
  ...(pattern && { pattern }),
  ...(values && { enum: values }),
  ...(union && { union })
})

const used = new Set<string>()
for (const { captured } of await stacks())
  for (const resource of captured.resources)
    for (const { operation } of (resource.custom && callsFor(resource).calls) || []) used.add(operation)

const operations: Record<string, string> = {}
const shapes: Record<string, Shape> = {}
const models: Record<string, Model> = {}
for (const operation of [...used].sort()) {
  const [service = "", name = ""] = operation.split(".")
  models[service] ??= await modelOf(service)
  const model = models[service]
  const input = model.operations[name]?.input
  if (input === undefined) throw new Error(`botocore has no ${operation}`)
  operations[operation] = input.shape
  const take = ({ shape }: Named): void => {
    const from = model.shapes[shape]
    if (from === undefined) throw new Error(`botocore has no shape ${shape} of ${service}`)
    if (shapes[`${service}.${shape}`] !== undefined) return
    shapes[`${service}.${shape}`] = strip(from)
    for (const inner of [...Object.values(from.members ?? {}), from.member, from.key, from.value])
      if (inner) take(inner)
  }
  take(input)
}
const extract: ApiExtract = {
  source: "models of AWS's API, by the Python package botocore",
  version,
  license: "Apache-2.0",
  operations,
  shapes: Object.fromEntries(Object.entries(shapes).sort(([a], [b]) => (a < b ? -1 : 1)))
}
await writeFile(join(import.meta.dirname, "apis.json"), `${JSON.stringify(extract, null, 2)}\n`)
