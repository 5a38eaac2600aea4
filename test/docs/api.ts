import { join, relative } from "node:path"
import ts from "typescript"
import { root } from "./pages.ts"
import { wrap } from "./wrap.ts"

/** One entry point of the package, and the page that lists what it exports. */
export interface Entry {
  readonly page: string
  readonly module: string
  readonly file: string
  /** What it is for, above the list. */
  readonly intro: string
  /** A section at the end, from its heading on. */
  readonly appendix?: string
}

const configFile = join(root, "tsconfig.json")
const { options } = ts.parseJsonConfigFileContent(ts.readConfigFile(configFile, ts.sys.readFile).config, ts.sys, root)

const isOurs = (node: ts.Node): boolean => {
  const path = relative(root, node.getSourceFile().fileName)
  return !path.startsWith("..") && !path.includes("node_modules")
}

/** Code as a reader wants it: without the paths that the compiler prints, notes to the linter, and what is internal. */
const block = (code: string) =>
  `\`\`\`ts\n${code.replace(/import\("[^"]+"\)\./g, "").replace(/^ *(?:\/\/ biome-ignore .*|\/\*\* @internal .*\*\/\n.*)\n/gm, "")}\n\`\`\``

const isTypeOnly = (node: ts.Node) => ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)

const resolved = (checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol

const exportsOf = (checker: ts.TypeChecker, source: ts.SourceFile): ReadonlyMap<ts.Symbol, string> => {
  const module = checker.getSymbolAtLocation(source)
  if (module === undefined) throw new Error(`${source.fileName} exports nothing`)
  return new Map(checker.getExportsOfModule(module).map((symbol) => [resolved(checker, symbol), symbol.name]))
}

/** Types that exports name, in the order of names, but for those that are `listed` on a page. */
const namedBy = (checker: ts.TypeChecker, exported: Iterable<ts.Symbol>, listed: ReadonlySet<ts.Symbol>) => {
  const named = new Map<ts.Symbol, string>()
  const look = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const found = checker.getSymbolAtLocation(node)
      const symbol = found && resolved(checker, found)
      const declaration = symbol?.declarations?.find((one) => isTypeOnly(one) && isOurs(one))
      if (symbol !== undefined && declaration !== undefined && !listed.has(symbol) && !named.has(symbol)) {
        named.set(symbol, symbol.name)
        look(declaration)
      }
    }
    // Bodies are nobody's business: what they name is seen by no caller.
    ts.forEachChild(node, (child) => (ts.isBlock(child) || ts.isCallExpression(child) ? undefined : look(child)))
  }
  for (const symbol of exported) for (const declaration of symbol.declarations ?? []) look(declaration)
  return sorted(named)
}

const sorted = (symbols: ReadonlyMap<ts.Symbol, string>) => [...symbols].sort(([, a], [, b]) => (a < b ? -1 : 1))

const docOf = (checker: ts.TypeChecker, symbol: ts.Symbol): string =>
  ts
    .displayPartsToString(symbol.getDocumentationComment(checker))
    .split(/\n\s*\n/)
    .map((paragraph) => wrap(paragraph.trim()))
    .join("\n\n")

const EXPANDED =
  ts.NodeBuilderFlags.NoTruncation | ts.NodeBuilderFlags.InTypeAlias | ts.NodeBuilderFlags.MultilineObjectLiterals

/** A type with all its fields, one a line. */
const expanded = (checker: ts.TypeChecker, type: ts.Type, at: ts.Declaration): string => {
  const node = checker.typeToTypeNode(type, at, EXPANDED)
  if (node === undefined) throw new Error(`${checker.typeToString(type)} cannot be printed`)
  const text = ts.createPrinter().printNode(ts.EmitHint.Unspecified, node, at.getSourceFile())
  return text.replace(/;$/gm, "").replace(/^(?: {4})+/gm, (indent) => "  ".repeat(indent.length / 4))
}

const PRINTED = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.WriteArrowStyleSignature

/** `name: type` as the compiler prints it, or a signature where it is a function. */
const typed = (checker: ts.TypeChecker, symbol: ts.Symbol, name: string, at: ts.Node): string => {
  const type = checker.getTypeOfSymbolAtLocation(symbol, at)
  const signatures = type.getCallSignatures()
  return signatures.length === 0
    ? `${name}: ${checker.typeToString(type, at, PRINTED)}`
    : signatures
        .map((one) => `${name}${checker.signatureToString(one, at, ts.TypeFormatFlags.NoTruncation)}`)
        .join("\n")
}

/** The head of a class and those members that callers use: a body that is not public says nothing to them. */
const classCode = (checker: ts.TypeChecker, node: ts.ClassDeclaration, name: string): string => {
  const heritage = node.heritageClauses?.map((clause) => clause.getText()).join(" ") ?? ""
  const members = node.members.flatMap((member) => {
    if (ts.isConstructorDeclaration(member)) {
      const [comment] = ts.getJSDocCommentsAndTags(member)
      const parameters = member.parameters.map((parameter) => parameter.getText()).join(", ")
      return [...(comment === undefined ? [] : [`  ${comment.getText()}`]), `  constructor(${parameters})`]
    }
    const symbol = member.name && checker.getSymbolAtLocation(member.name)
    if (symbol === undefined || ts.isGetAccessor(member)) return []
    const doc = ts.displayPartsToString(symbol.getDocumentationComment(checker))
    const isStatic = ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Static ? "static " : ""
    return [...(doc === "" ? [] : [`  /** ${doc} */`]), `  ${isStatic}${typed(checker, symbol, symbol.name, node)}`]
  })
  return `class ${name} ${heritage}${members.length === 0 ? "" : ` {\n${members.join("\n")}\n}`}`
}

const codeOf = (checker: ts.TypeChecker, symbol: ts.Symbol, name: string): string => {
  const [node] = symbol.declarations ?? []
  if (node === undefined) throw new Error(`${name} has no declaration`)
  if (ts.isClassDeclaration(node)) return classCode(checker, node, name)
  // Columns are schemas: their type says more than their name.
  if (ts.isTypeAliasDeclaration(node) && ts.isTypeQueryNode(node.type))
    return `type ${name} = ${expanded(checker, checker.getTypeFromTypeNode(node.type), node)}`
  if (isTypeOnly(node)) return node.getText().replace(/^export /, "")
  return typed(checker, symbol, name, node)
}

const section = (checker: ts.TypeChecker, symbol: ts.Symbol, name: string): string =>
  [`### \`${name}\``, docOf(checker, symbol), block(codeOf(checker, symbol, name))]
    .filter((part) => part !== "")
    .join("\n\n")

const GROUPS = [
  ["Functions and values", (symbol) => (symbol.flags & (ts.SymbolFlags.Variable | ts.SymbolFlags.Function)) !== 0],
  ["Classes and errors", (symbol) => (symbol.flags & ts.SymbolFlags.Class) !== 0],
  ["Types", (symbol) => (symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias)) !== 0]
] satisfies ReadonlyArray<readonly [string, (symbol: ts.Symbol) => boolean]>

/** The page of each entry, by its path, written from the docstrings of what it exports. */
export const apiPages = (entries: ReadonlyArray<Entry>): ReadonlyMap<string, string> => {
  const files = entries.map(({ file }) => join(root, file))
  const program = ts.createProgram(files, { ...options, noEmit: true })
  const checker = program.getTypeChecker()
  const all = files.map((file) => {
    const source = program.getSourceFile(file)
    if (source === undefined) throw new Error(`there is no ${file}`)
    return exportsOf(checker, source)
  })
  // A page does not repeat what another one lists.
  const listed = new Set(all.flatMap((exported) => [...exported.keys()]))
  return new Map(
    entries.map(({ page, module, intro, appendix }, i) => {
      const exported = all[i] ?? new Map()
      const groups = GROUPS.map(([title], at) => {
        const here = sorted(exported).filter(([symbol]) => GROUPS.findIndex(([, is]) => is(symbol)) === at)
        return [title, here.map(([symbol, name]) => section(checker, symbol, name))] as const
      })
      const others = namedBy(checker, exported.keys(), listed).map(([symbol, name]) => section(checker, symbol, name))
      const parts = [...groups, ["Types that these name", others] as const].flatMap(([title, sections]) =>
        sections.length === 0 ? [] : [`## ${title}`, ...sections]
      )
      const head = `# \`${module}\`\n\n${wrap(intro)}\n\n<!-- generated: npx vitest run test/docs/api.slow.test.ts -u -->`
      return [page, `${[head, ...parts, ...(appendix === undefined ? [] : [appendix])].join("\n\n")}\n`]
    })
  )
}
