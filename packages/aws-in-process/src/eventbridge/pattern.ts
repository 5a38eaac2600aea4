/** Decides whether an event matches. */
export type Matches = (event: unknown) => boolean

type Leaf = (value: unknown) => boolean

/** A value of the event at the place of a leaf: `undefined` where there is none. Arrays match by any element. */
const values = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [value])

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const present = (value: unknown) => value !== undefined && !isObject(value)

const refuse = (what: string): never => {
  throw new Error(`not implemented by aws-in-process: event pattern ${what}`)
}

const text = (operator: string, value: unknown): string =>
  typeof value === "string" ? value : refuse(`${operator} with ${JSON.stringify(value)}`)

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "=": (a, b) => a === b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b
}

const numeric = (argument: unknown): Leaf => {
  if (!Array.isArray(argument) || argument.length === 0 || argument.length % 2 !== 0)
    return refuse(`numeric with ${JSON.stringify(argument)}`)
  const tests = Array.from({ length: argument.length / 2 }, (_, i) => {
    const [operator, bound] = [argument[2 * i], argument[2 * i + 1]]
    const compare = comparisons[String(operator)]
    if (compare === undefined || typeof bound !== "number" || Math.abs(bound) > 5e9)
      return refuse(`numeric ${operator} ${bound}`)
    return (value: number) => compare(value, bound)
  })
  return (value) => typeof value === "number" && tests.every((test) => test(value))
}

const anythingBut = (argument: unknown): Leaf => {
  if (isObject(argument)) {
    const keys = Object.keys(argument)
    if (keys.length !== 1 || keys[0] !== "prefix") return refuse(`anything-but ${keys.join(", ")}`)
    const prefix = text("anything-but prefix", argument.prefix)
    return (value) => present(value) && !(typeof value === "string" && value.startsWith(prefix))
  }
  const refused = new Set(values(argument).map((value) => text("anything-but", value)))
  return (value) => present(value) && !refused.has(value as string)
}

const operators: Readonly<Record<string, (argument: unknown) => Leaf>> = {
  prefix: (argument) => {
    const prefix = text("prefix", argument)
    return (value) => typeof value === "string" && value.startsWith(prefix)
  },
  exists: (argument) => {
    if (typeof argument !== "boolean") return refuse(`exists with ${JSON.stringify(argument)}`)
    return (value) => present(value) === argument
  },
  "anything-but": anythingBut,
  numeric
}

const compileLeaf = (test: unknown): Leaf => {
  // EventBridge compares the spelling of plain numbers (300 is not 300.0), which parsing has lost here.
  if (typeof test === "number") return refuse("of a plain number")
  if (!isObject(test)) return (value) => value === test
  const [[name, argument] = [], more] = Object.entries(test)
  const operator = name !== undefined && Object.hasOwn(operators, name) ? operators[name] : undefined
  if (operator === undefined || more !== undefined) return refuse(`operator ${Object.keys(test).join(", ")}`)
  return operator(argument)
}

const compileNode = (pattern: unknown, path: string): Matches => {
  if (Array.isArray(pattern)) {
    if (pattern.length === 0) throw new Error(`InvalidEventPatternException: empty list at ${path}`)
    const leaves = pattern.map(compileLeaf)
    return (value) => {
      const found = values(value)
      // An empty list has no value: only `exists: false` can match it.
      return (found.length === 0 ? [undefined] : found).some((one) => leaves.some((leaf) => leaf(one)))
    }
  }
  if (!isObject(pattern)) throw new Error(`InvalidEventPatternException: ${path} must be an object or a list`)
  const fields = Object.entries(pattern).map(([name, child]) => {
    if (name.startsWith("$")) return refuse(name)
    return { name, matches: compileNode(child, `${path}.${name}`) }
  })
  if (fields.length === 0) throw new Error(`InvalidEventPatternException: nothing to match at ${path}`)
  return (value) =>
    values(value).some((one) =>
      fields.every(({ name, matches }) => matches(isObject(one) && Object.hasOwn(one, name) ? one[name] : undefined))
    )
}

/** The rule that an event pattern states. Throws on an invalid pattern, and on operators that the engine does not implement. */
export const compilePattern = (json: string): Matches => {
  const pattern: unknown = JSON.parse(json)
  if (!isObject(pattern)) throw new Error("InvalidEventPatternException: a pattern is an object")
  return compileNode(pattern, "$")
}

const SEGMENT = /^[A-Za-z0-9_-]+$/

/** Reads the text at a path such as `$.detail.topicName`: undefined when there is none. Throws on other kinds of path. */
export const compilePath = (path: string): ((event: unknown) => string | undefined) => {
  const [root, ...segments] = path.split(".")
  if (root !== "$" || segments.length === 0 || path.length > 256 || !segments.every((one) => SEGMENT.test(one)))
    throw new Error(`not implemented by aws-in-process: path ${path}`)
  return (event) => {
    let value = event
    for (const name of segments) value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
    return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
      ? String(value)
      : undefined
  }
}
