import type { Call } from "../api.ts"

export type Inputs = Readonly<Record<string, unknown>>
// biome-ignore lint/suspicious/noExplicitAny: the inputs of any resource; what is read of them is checked against a model
export type Given = Readonly<Record<string, any>>

export const call = (operation: string, params: Inputs): Call => ({
  operation,
  params: Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined))
})

/** The same with capitals, all the way down, for calls whose members are called like the provider's. */
export const capitals = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(capitals)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.charAt(0).toUpperCase() + key.slice(1), capitals(inner)])
  )
}

export const tagList = (tags: Given = {}, key = "Key", value = "Value") =>
  Object.entries(tags).map(([name, text]) => ({ [key]: name, [value]: text }))

export const metric = ({ metric: of, ...query }: Given) => {
  if (of === undefined) return capitals(query)
  const { stat, period, metricName, namespace, dimensions, ...more } = of
  return {
    ...(capitals(query) as object),
    MetricStat: {
      Metric: { Namespace: namespace, MetricName: metricName, Dimensions: tagList(dimensions, "Name") },
      Stat: stat,
      Period: period,
      ...more
    }
  }
}

/** AWS gives groups their ids. Those of a capture are names. */
export const groupId = (id: string) => (id.startsWith("sg-") ? id : "sg-00000000")

export const member = (name: string, value: unknown) => (value === undefined ? {} : { [name]: value })

/** By type: the calls that make a resource, from its inputs and its name in AWS. What the provider keeps to itself is named by `_`. */
export type Calls = Readonly<Record<string, (inputs: Given, name: string) => ReadonlyArray<Call>>>
