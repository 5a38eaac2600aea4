import ts from "typescript"
import { replacements, unchained } from "./mutators.ts"

/**
 * One change of a source file. `id` counts from 1 within the file; `line` is where it begins, `text` what stands there, and `rest` what
 * follows it in that line.
 */
export interface Mutant {
  readonly id: number
  readonly line: number
  readonly text: string
  readonly rest: string
  readonly original: string
  readonly replacement: string
}

interface Spot {
  readonly start: number
  readonly end: number
  readonly statement: boolean
  readonly mutants: Array<Mutant>
}

/** Names of spans and the like, by which nothing is decided: the first argument of these. */
const NAMING = /^(?:Effect\.fn|Effect\.fnUntraced|Effect\.withSpan|Effect\.annotateCurrentSpan)$/

const isName = (node: ts.Node): boolean =>
  ts.isStringLiteralLike(node) &&
  ts.isCallExpression(node.parent) &&
  node.parent.arguments[0] === node &&
  NAMING.test(node.parent.expression.getText())

const isAssigned = (node: ts.Node): boolean =>
  (ts.isBinaryExpression(node.parent) &&
    node.parent.left === node &&
    node.parent.operatorToken.kind >= ts.SyntaxKind.FirstAssignment &&
    node.parent.operatorToken.kind <= ts.SyntaxKind.LastAssignment) ||
  ts.isDeleteExpression(node.parent)

/** What no mutant may stand in: types, imports, the bases of classes, and names of properties. */
const isSkipped = (node: ts.Node): boolean =>
  ts.isTypeNode(node) ||
  ts.isImportDeclaration(node) ||
  ts.isExportDeclaration(node) ||
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node) ||
  ts.isHeritageClause(node) ||
  ts.isTaggedTemplateExpression(node) ||
  isAssigned(node) ||
  isName(node) ||
  (ts.isPropertyAssignment(node.parent) && node.parent.name === node && !ts.isComputedPropertyName(node)) ||
  (ts.isBindingElement(node.parent) && node.parent.propertyName === node)

/** Every mutant of a source text, by where it stands, the outer ones first. */
const spotsOf = (source: ts.SourceFile): ReadonlyArray<Spot> => {
  const spots = new Map<string, Spot>()
  const lines = source.text.split("\n")
  let id = 0
  const add = (node: ts.Node, replacement: string, statement = false) => {
    const [start, end] = [node.getStart(), node.getEnd()]
    const key = `${start} ${end} ${statement}`
    const spot = spots.get(key) ?? { start, end, statement, mutants: [] }
    spots.set(key, spot)
    const { line } = source.getLineAndCharacterOfPosition(start)
    const [rest = ""] = source.text.slice(end).split("\n", 1)
    spot.mutants.push({
      id: ++id,
      line: line + 1,
      text: lines[line] ?? "",
      rest,
      original: source.text.slice(start, end),
      replacement
    })
  }
  const visit = (node: ts.Node): void => {
    if (isSkipped(node)) return
    if (ts.isExpressionStatement(node) || ts.isThrowStatement(node)) add(node, "", true)
    if (ts.isExpression(node)) {
      for (const text of replacements(node)) add(node, text)
      const chain = unchained(node)
      if (chain !== undefined) add(chain.whole, chain.text)
    }
    ts.forEachChild(node, visit)
  }
  ts.forEachChild(source, visit)
  return [...spots.values()].sort(
    (a, b) => a.start - b.start || b.end - a.end || Number(b.statement) - Number(a.statement)
  )
}

const parse = (path: string, text: string): ts.SourceFile =>
  ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS)

/** Every mutant of a source text, in the order of the text. */
export const mutantsOf = (path: string, text: string): ReadonlyArray<Mutant> =>
  spotsOf(parse(path, text)).flatMap(({ mutants }) => mutants)

/**
 * The same text with all of its mutants in it, each behind `globalThis.__mutant(first + id)`: the mutant applies where that is true.
 * Line numbers stay.
 */
export const instrument = (path: string, text: string, first: number): string => {
  const spots = spotsOf(parse(path, text))
  let next = 0
  const on = (id: number) => `globalThis.__mutant(${first + id})`
  const emit = (start: number, end: number): string => {
    let [out, at] = ["", start]
    for (let spot = spots[next]; spot !== undefined && spot.start < end; spot = spots[next]) {
      next++
      out += text.slice(at, spot.start)
      const inner = emit(spot.start, spot.end)
      const { mutants } = spot
      out += spot.statement
        ? `{if (!${on(mutants[0]?.id ?? 0)}) {;${inner}}}`
        : `(${mutants.map(({ id, replacement }) => `${on(id)} ? (${replacement}) : `).join("")}(${inner}))`
      at = spot.end
    }
    return out + text.slice(at, end)
  }
  return emit(0, text.length)
}
