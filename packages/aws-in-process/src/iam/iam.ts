import { type Authorize, ServiceError } from "../core/types.ts"

/** A policy document as JSON: `Version`, `Id` and `Sid` are accepted and mean nothing here. */
export interface PolicyDocument {
  readonly Version?: string
  readonly Id?: string
  readonly Statement: PolicyStatement | ReadonlyArray<PolicyStatement>
}

export interface PolicyStatement {
  readonly Sid?: string
  readonly Effect: "Allow" | "Deny"
  readonly Action: string | ReadonlyArray<string>
  readonly Resource: string | ReadonlyArray<string>
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | ReadonlyArray<string>>>>>
}

/** One action pattern on one resource pattern that a role may use. */
export interface Grant {
  readonly roleArn: string
  readonly action: string
  readonly resource: string
}

export interface Authorizer {
  readonly authorize: Authorize
  /** Grants that allowed at least one call so far. */
  readonly used: () => ReadonlyArray<Grant>
  /** Grants that allowed none: the role could do without them. */
  readonly unused: () => ReadonlyArray<Grant>
  /** What was refused so far, once each: grants that are missing. */
  readonly denied: () => ReadonlyArray<Grant>
}

type Test = (text: string) => boolean
type ContextValue = string | ReadonlyArray<string>
type Context = Readonly<Record<string, ContextValue>>

interface Rule {
  readonly grant: Grant
  readonly allow: boolean
  readonly action: Test
  readonly resource: Test
  readonly condition: (context: Context) => boolean
}

const list = <A>(value: A | ReadonlyArray<A>): ReadonlyArray<A> => (Array.isArray(value) ? value : [value as A])

/** `*` any text, `?` any one character, as in policies. */
const like = (pattern: string, flags = ""): Test => {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".")
  const expression = new RegExp(`^${source}$`, `s${flags}`)
  return (text) => expression.test(text)
}

const equal =
  (pattern: string): Test =>
  (text) =>
    text === pattern

/** `ArnEquals` and `ArnLike` behave identically in IAM: each of the six parts may hold wildcards. */
const arn = (pattern: string): Test => {
  const split = (text: string) => {
    const parts = text.split(":")
    return [...parts.slice(0, 5), parts.slice(5).join(":")]
  }
  const tests = split(pattern).map((part) => like(part))
  return (text) => {
    const parts = split(text)
    return parts.length === tests.length && tests.every((test, i) => test(parts[i]!))
  }
}

const operators: ReadonlyMap<string, (pattern: string) => Test> = new Map([
  ["StringEquals", equal],
  ["StringLike", like],
  ["ArnEquals", arn],
  ["ArnLike", arn]
])

const FOR_ALL = "ForAllValues:"

const compileCondition = (condition: PolicyStatement["Condition"]): ((context: Context) => boolean) => {
  const tests = Object.entries(condition ?? {}).flatMap(([name, keys]) => {
    if (name === "Null")
      return Object.entries(keys).map(([key, absent]) => ({
        key: key.toLowerCase(),
        holds: (value: ContextValue | undefined) => (value === undefined) === (absent === "true")
      }))
    const operator = operators.get(name.startsWith(FOR_ALL) ? name.slice(FOR_ALL.length) : name)
    if (operator === undefined) throw new Error(`not implemented by aws-in-process: policy condition operator ${name}`)
    return Object.entries(keys).map(([key, values]) => {
      const tests = list(values).map((v) => operator(v))
      const passes = (value: string) => tests.some((test) => test(value))
      return {
        key: key.toLowerCase(),
        // Of a key that has no value AWS says that all of them pass. Here it does not hold, since the call may be one whose values are not known.
        holds: (value: ContextValue | undefined) =>
          name.startsWith(FOR_ALL)
            ? value !== undefined && list(value).every(passes)
            : typeof value === "string" && passes(value)
      }
    })
  })
  return (context) => {
    const byName = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]))
    return tests.every(({ key, holds }) => holds(byName.get(key)))
  }
}

const known = new Set(["Sid", "Effect", "Action", "Resource", "Condition"])

const compileStatement = (roleArn: string, statement: PolicyStatement): ReadonlyArray<Rule> => {
  const unknown = Object.keys(statement).filter((key) => !known.has(key))
  if (unknown.length > 0)
    throw new Error(`not implemented by aws-in-process: policy statement key ${unknown.join(", ")}`)
  if (statement.Effect !== "Allow" && statement.Effect !== "Deny") throw new Error(`policy effect ${statement.Effect}`)
  if (statement.Action === undefined || statement.Resource === undefined)
    throw new Error("a policy statement needs Action and Resource")
  const condition = compileCondition(statement.Condition)
  return list(statement.Action).flatMap((action) =>
    list(statement.Resource).map((resource) => ({
      grant: { roleArn, action, resource },
      allow: statement.Effect === "Allow",
      action: like(action, "i"),
      resource: like(resource),
      condition
    }))
  )
}

const compileRole = (roleArn: string, documents: ReadonlyArray<PolicyDocument>): ReadonlyArray<Rule> =>
  documents.flatMap((document) => list(document.Statement).flatMap((statement) => compileStatement(roleArn, statement)))

/**
 * Decides as IAM does for identity policies: a matching Deny refuses, else a matching Allow admits, else it is refused. Throws
 * at once on anything in a document that it cannot judge.
 */
export const makeAuthorizer = (
  policiesByRoleArn: Readonly<Record<string, ReadonlyArray<PolicyDocument>>>
): Authorizer => {
  const rules = new Map(
    Object.entries(policiesByRoleArn).map(([role, documents]) => [role, compileRole(role, documents)])
  )
  const usedRules = new Set<Rule>()
  const denied = new Map<string, Grant>()

  const authorize: Authorize = (principal, action, resource, context = {}) => {
    const matching = (rules.get(principal.roleArn) ?? []).filter(
      (rule) => rule.action(action) && rule.resource(resource) && rule.condition(context)
    )
    if (matching.length > 0 && matching.every((rule) => rule.allow)) {
      for (const rule of matching) usedRules.add(rule)
      return
    }
    const { roleArn } = principal
    denied.set(`${roleArn} ${action} ${resource}`, { roleArn, action, resource })
    const reason = matching.length > 0 ? "with an explicit deny" : "because no policy allows it"
    throw new ServiceError(
      "AccessDeniedException",
      `${principal.label} (${principal.roleArn}) is not authorized to perform: ${action} on resource: ${resource} ${reason}`
    )
  }

  const grants = (wanted: (rule: Rule) => boolean) =>
    [...rules.values()]
      .flat()
      .filter((rule) => rule.allow && wanted(rule))
      .map((rule) => rule.grant)

  return {
    authorize,
    used: () => grants((rule) => usedRules.has(rule)),
    unused: () => grants((rule) => !usedRules.has(rule)),
    denied: () => [...denied.values()]
  }
}
