/** A JSON value as `JSON.parse` returns it. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

/** The one text of a value: keys sorted, no white space. Equal values have equal texts, whatever order their keys came in. */
export const canonical = (value: Json): string => {
  if (value === null || typeof value !== "object") return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`
  const object = value as { readonly [key: string]: Json }
  // As JSON, without fields that are undefined.
  const fields = Object.keys(object)
    .filter((key) => object[key] !== undefined)
    .sort()
  return `{${fields.map((key) => `${JSON.stringify(key)}:${canonical(object[key] as Json)}`).join(",")}}`
}
