import { ServiceError } from "../core/types.ts"

/** Whatever JSON can hold. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

/** A reference path of Amazon States Language: `$`, or names joined by dots after it. */
export type Path = string

const namesIn = (path: Path): ReadonlyArray<string> => {
  if (!/^\$\$?(\.[A-Za-z]\w*)*$/.test(path))
    throw new ServiceError("InvalidDefinition", `not implemented by aws-in-process: the path ${path}`)
  return path.split(".").slice(1)
}

const find = (data: Json, path: Path): Json | undefined =>
  namesIn(path).reduce<Json | undefined>(
    (value, name) =>
      typeof value === "object" && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
        ? (value as { readonly [key: string]: Json })[name]
        : undefined,
    data
  )

export const isPresent = (data: Json, path: Path): boolean => find(data, path) !== undefined

/** What stands at a path. Throws where there is nothing, as an execution on AWS fails. */
export const readPath = (data: Json, path: Path): Json => {
  const found = find(data, path)
  if (found === undefined) throw new ServiceError("States.Runtime", `there is nothing at ${path}`)
  return found
}

/** A template filled in: a key that ends in `.$` gets what stands at its path, in the context where the path begins with `$$`. */
export const select = (template: Json, data: Json, context: Json = {}): Json => {
  if (typeof template !== "object" || template === null || Array.isArray(template)) return template
  return Object.fromEntries(
    Object.entries(template).map(([key, value]): [string, Json] => {
      if (!key.endsWith(".$")) return [key, select(value, data, context)]
      const path = String(value)
      return [key.slice(0, -2), readPath(path.startsWith("$$") ? context : data, path)]
    })
  )
}

/** The data with a result put at a path one name deep; without a path the result takes its place. */
export const withResult = (data: Json, path: Path | undefined, result: Json): Json => {
  if (path === undefined) return result
  const [name, ...deeper] = namesIn(path)
  if (name === undefined) return result
  if (deeper.length > 0 || typeof data !== "object" || data === null || Array.isArray(data))
    throw new ServiceError("InvalidDefinition", `not implemented by aws-in-process: a result at ${path}`)
  return { ...data, [name]: result }
}
