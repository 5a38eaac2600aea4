/** A literal text, or the n-th `?` of the statement (from 0). */
export type Operand = { readonly text: string } | { readonly parameter: number }

export type Comparator = "=" | "<>" | "<" | "<=" | ">" | ">="

export type Condition =
  | { readonly attribute: string; readonly comparator: Comparator; readonly operand: Operand }
  | { readonly attribute: string; readonly missing: boolean }

export type Statement = { readonly table: string; readonly parameters: number } & (
  | { readonly kind: "insert"; readonly item: ReadonlyArray<readonly [name: string, value: Operand]> }
  | {
      readonly kind: "update"
      readonly set: ReadonlyArray<readonly [name: string, value: Operand]>
      readonly remove: ReadonlyArray<string>
      readonly where: ReadonlyArray<Condition>
    }
  | { readonly kind: "select"; readonly where: ReadonlyArray<Condition> }
)

interface Token {
  /** `word` a bare word, `name` in double quotes, `text` in single quotes, `sign` punctuation, `end` after the last. */
  readonly kind: "word" | "name" | "text" | "sign" | "end"
  readonly value: string
}

const refuse = (what: string): never => {
  throw new Error(`not implemented by aws-in-process: PartiQL with ${what}`)
}

const SIGNS = ["<>", "<=", ">=", "?", "*", "{", "}", ":", ",", "=", "<", ">"]
const isSpace = (c: string) => c === " " || c === "\n" || c === "\t" || c === "\r"
const isWord = (c: string) => /[A-Za-z0-9_]/.test(c)

/** Reads a quoted text from `start`; a doubled quote stands for itself. Returns the text and where it ends. */
const quoted = (source: string, start: number): readonly [text: string, end: number] => {
  const quote = source[start]!
  let text = ""
  for (let i = start + 1; i < source.length; i++) {
    if (source[i] !== quote) text += source[i]
    else if (source[i + 1] === quote) text += source[i++]
    else return [text, i + 1]
  }
  return refuse("a quote that does not end")
}

const tokenize = (source: string): ReadonlyArray<Token> => {
  const tokens: Array<Token> = []
  for (let at = 0; at < source.length; ) {
    const c = source[at]!
    if (isSpace(c)) {
      at++
    } else if (c === "'" || c === '"') {
      const [value, end] = quoted(source, at)
      tokens.push({ kind: c === "'" ? "text" : "name", value })
      at = end
    } else if (isWord(c)) {
      const start = at
      while (at < source.length && isWord(source[at]!)) at++
      tokens.push({ kind: "word", value: source.slice(start, at) })
    } else {
      const sign = SIGNS.find((s) => source.startsWith(s, at)) ?? refuse(`the character ${c}`)
      tokens.push({ kind: "sign", value: sign })
      at += sign.length
    }
  }
  return tokens
}

const COMPARATORS: ReadonlySet<string> = new Set<Comparator>(["=", "<>", "<", "<=", ">", ">="])

/**
 * Reads the few statements that we send: `INSERT INTO t VALUE {...}`, `UPDATE t SET ... REMOVE ... WHERE ...` and `SELECT * FROM t
 * WHERE ...`, with conditions joined by AND, and values that are `?` or texts. Anything else throws. A bare name must not be one
 * that `isReserved` knows, which DynamoDB refuses as well.
 */
export const parseStatement = (source: string, isReserved: (name: string) => boolean): Statement => {
  const tokens = tokenize(source)
  let at = 0
  let parameters = 0

  const END: Token = { kind: "end", value: "" }
  const peek = () => tokens[at] ?? END
  const take = () => tokens[at++] ?? END
  const isKeyword = (keyword: string) => peek().kind === "word" && peek().value.toUpperCase() === keyword
  const isSign = (sign: string) => peek().kind === "sign" && peek().value === sign
  const unexpected = (token: Token) => refuse(token.kind === "end" ? "an early end" : `an unexpected ${token.value}`)
  const skip = (matches: boolean) => {
    if (matches) at++
    return matches
  }
  const keyword = (word: string) => skip(isKeyword(word)) || unexpected(peek())
  const sign = (text: string) => skip(isSign(text)) || unexpected(peek())

  const name = (): string => {
    const token = take()
    if (token.kind !== "name" && token.kind !== "word") return unexpected(token)
    if (token.kind === "word" && isReserved(token.value)) return refuse(`the reserved word ${token.value} unquoted`)
    return token.value
  }
  const operand = (): Operand => {
    const token = take()
    if (token.kind === "text") return { text: token.value }
    return token.kind === "sign" && token.value === "?" ? { parameter: parameters++ } : unexpected(token)
  }
  const condition = (): Condition => {
    const attribute = name()
    if (skip(isKeyword("IS"))) {
      const missing = !skip(isKeyword("NOT"))
      keyword("MISSING")
      return { attribute, missing }
    }
    const token = take()
    if (token.kind !== "sign" || !COMPARATORS.has(token.value)) return unexpected(token)
    return { attribute, comparator: token.value as Comparator, operand: operand() }
  }
  const separated = <A>(more: () => boolean, element: () => A): ReadonlyArray<A> => {
    const elements = [element()]
    while (more()) elements.push(element())
    return elements
  }
  const where = () => {
    keyword("WHERE")
    return separated(() => skip(isKeyword("AND")), condition)
  }
  const comma = () => skip(isSign(","))

  const insert = (): Statement => {
    keyword("INTO")
    const table = name()
    keyword("VALUE")
    sign("{")
    const item = separated(comma, () => {
      const token = take()
      if (token.kind !== "text") return unexpected(token)
      sign(":")
      return [token.value, operand()] as const
    })
    sign("}")
    if (new Set(item.map(([attribute]) => attribute)).size < item.length) return refuse("an attribute named twice")
    return { kind: "insert", table, item, parameters }
  }
  const update = (): Statement => {
    const table = name()
    const set: Array<readonly [string, Operand]> = []
    const remove: Array<string> = []
    const assignment = () => {
      const attribute = name()
      sign("=")
      return [attribute, operand()] as const
    }
    for (;;) {
      if (skip(isKeyword("SET"))) set.push(...separated(comma, assignment))
      else if (skip(isKeyword("REMOVE"))) remove.push(...separated(comma, name))
      else break
    }
    const changed = [...set.map(([attribute]) => attribute), ...remove]
    if (changed.length === 0) return unexpected(peek())
    if (new Set(changed).size < changed.length) return refuse("an attribute changed twice")
    return { kind: "update", table, set, remove, where: where(), parameters }
  }
  const select = (): Statement => {
    sign("*")
    keyword("FROM")
    const table = name()
    return { kind: "select", table, where: where(), parameters }
  }

  const statement = skip(isKeyword("INSERT"))
    ? insert()
    : skip(isKeyword("UPDATE"))
      ? update()
      : skip(isKeyword("SELECT"))
        ? select()
        : unexpected(peek())
  if (peek().kind !== "end") return unexpected(peek())
  return { ...statement, parameters }
}
