import ts from "typescript"

const SWAPS: Readonly<Record<string, ReadonlyArray<string>>> = {
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "===": ["!=="],
  "!==": ["==="],
  "&&": ["||"],
  "||": ["&&"],
  "??": ["&&"],
  "+": ["-"],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
  "%": ["*"],
  "+=": ["-="],
  "-=": ["+="],
  "||=": ["="],
  "??=": ["="]
}

const METHODS: Readonly<Record<string, string>> = { some: "every", every: "some", min: "max", max: "min" }

/** Calls whose result has the type of what they are called on, so that they may be left out. */
const FILTERS: ReadonlySet<string> = new Set(["filter", "sort", "toSorted", "reverse", "slice", "trim", "toLowerCase"])

const isText = (node: ts.Node): boolean => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)

const addsText = (node: ts.BinaryExpression): boolean =>
  [node.left, node.right].some((side) => isText(side) || (ts.isBinaryExpression(side) && addsText(side)))

const binary = (node: ts.BinaryExpression): ReadonlyArray<string> => {
  const operator = node.operatorToken.getText()
  if (operator === "+" && addsText(node)) return []
  return (SWAPS[operator] ?? []).map((swap) => `${operand(node.left)} ${swap} ${operand(node.right)}`)
}

/** Other operators bind in other ways, and some may not stand beside each other at all. */
const operand = (node: ts.Expression): string => (ts.isBinaryExpression(node) ? `(${node.getText()})` : node.getText())

const call = (node: ts.CallExpression): ReadonlyArray<string> => {
  const { expression: callee } = node
  if (!ts.isPropertyAccessExpression(callee)) return []
  const name = callee.name.text
  const swap = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined
  const swapped = swap === undefined ? [] : [`${callee.expression.getText()}.${swap}${restOf(node, callee)}`]
  return FILTERS.has(name) && callee.questionDotToken === undefined
    ? [...swapped, callee.expression.getText()]
    : swapped
}

const restOf = (node: ts.CallExpression, callee: ts.Node): string =>
  node.getSourceFile().text.slice(callee.getEnd(), node.getEnd())

const isCondition = (node: ts.Node): boolean => {
  const { parent } = node
  if (ts.isConditionalExpression(parent)) return parent.condition === node
  if (ts.isIfStatement(parent) || ts.isWhileStatement(parent)) return parent.expression === node
  return ts.isForStatement(parent) && parent.condition === node
}

/** `true` in place of the condition of a loop would only run until the time is up. */
const condition = (node: ts.Node): ReadonlyArray<string> =>
  isCondition(node) ? (ts.isIterationStatement(node.parent, false) ? ["false"] : ["true", "false"]) : []

const literal = (node: ts.Node): ReadonlyArray<string> => {
  if (node.kind === ts.SyntaxKind.TrueKeyword) return ["false"]
  if (node.kind === ts.SyntaxKind.FalseKeyword) return ["true"]
  if (ts.isNumericLiteral(node)) return [String(Number(node.text) + 1)]
  if (ts.isStringLiteralLike(node)) return [node.text === "" ? '"mutant"' : '""']
  if (ts.isTemplateExpression(node)) return ['""']
  if (ts.isArrayLiteralExpression(node)) return node.elements.length > 0 ? ["[]"] : []
  return []
}

const unary = (node: ts.Node): ReadonlyArray<string> => {
  if (ts.isPrefixUnaryExpression(node)) {
    const operand = node.operand.getText()
    if (node.operator === ts.SyntaxKind.ExclamationToken) return [operand]
    if (node.operator === ts.SyntaxKind.MinusToken) return [operand]
    if (node.operator === ts.SyntaxKind.PlusPlusToken) return [`--${operand}`]
    if (node.operator === ts.SyntaxKind.MinusMinusToken) return [`++${operand}`]
  }
  if (ts.isPostfixUnaryExpression(node))
    return [`${node.operand.getText()}${node.operator === ts.SyntaxKind.PlusPlusToken ? "--" : "++"}`]
  return []
}

/** What an expression may be replaced by. */
export const replacements = (node: ts.Expression): ReadonlyArray<string> => [
  ...condition(node),
  ...(ts.isBinaryExpression(node) ? binary(node) : []),
  ...(ts.isCallExpression(node) ? call(node) : []),
  ...literal(node),
  ...unary(node)
]

type Link = ts.PropertyAccessExpression | ts.ElementAccessExpression | ts.CallExpression

const isLink = (node: ts.Node): node is Link =>
  ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node) || ts.isCallExpression(node)

/** The whole chain that an optional link is part of, and its text without that `?.`; undefined where the node is no such link. */
export const unchained = (node: ts.Node): { readonly whole: ts.Expression; readonly text: string } | undefined => {
  if (!isLink(node) || node.questionDotToken === undefined) return undefined
  let whole: ts.Expression = node
  while ((isLink(whole.parent) || ts.isNonNullExpression(whole.parent)) && whole.parent.expression === whole)
    whole = whole.parent
  const { text } = node.getSourceFile()
  const dot = node.questionDotToken
  return {
    whole,
    text:
      text.slice(whole.getStart(), dot.getStart()) +
      (ts.isPropertyAccessExpression(node) ? "." : "") +
      text.slice(dot.getEnd(), whole.getEnd())
  }
}
