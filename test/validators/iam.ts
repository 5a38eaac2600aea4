/** What AWS lists of an action: on which resources it can be granted, and with which condition keys. */
export interface IamAction {
  readonly name: string
  /** Resource types by name, with the condition keys that hold for them; none: the action has no resource level. */
  readonly resources: ReadonlyArray<{ readonly name: string; readonly conditionKeys: ReadonlyArray<string> }>
  readonly conditionKeys: ReadonlyArray<string>
}

/** An extract of AWS's service authorization reference. */
export interface IamExtract {
  readonly source: string
  readonly version: string
  readonly license: string
  /** Day of the data, as YYYY-MM-DD. */
  readonly date: string
  /** By service prefix and name, such as `dynamodb:GetItem`. */
  readonly actions: Readonly<Record<string, IamAction>>
  /** Forms of ARNs, by service prefix and type of resource, such as `dynamodb:table`. */
  readonly arns: Readonly<Record<string, ReadonlyArray<string>>>
  /** Types of condition keys, by the key as AWS spells it. */
  readonly keys: Readonly<Record<string, string>>
}

export interface IamStatement {
  readonly Effect: string
  readonly Action: ReadonlyArray<string>
  readonly Resource?: ReadonlyArray<string>
  readonly Principal?: unknown
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** Condition keys of every service, with their types: AWS's page on global condition keys. Those that a stack uses. */
const globalKeys: Readonly<Record<string, string>> = {
  // Of roles of functions: Lambda's page on "Using source function ARN". The reference does not list it.
  "lambda:SourceFunctionArn": "ARN",
  "aws:SecureTransport": "Bool",
  "aws:SourceAccount": "String",
  "aws:SourceArn": "ARN",
  "aws:PrincipalAccount": "String",
  "aws:ResourceAccount": "String"
}

/** Operators that take values of a type, without `IfExists` and what makes one of a set of values. */
const operators: Readonly<Record<string, RegExp>> = {
  ARN: /^(Arn(Equals|Like|NotEquals|NotLike)|String(Equals|Like|NotEquals|NotLike)|Null)$/,
  ArrayOfString: /^(String(Equals|Like|NotEquals|NotLike|EqualsIgnoreCase)|Null)$/,
  Bool: /^(Bool|Null)$/,
  String: /^(String(Equals|Like|NotEquals|NotLike|EqualsIgnoreCase)|Null)$/
}

/** Actions that have resources and are granted on everything all the same, and why. */
const onEverything: Readonly<Record<string, string>> = {
  "ec2:AssignPrivateIpAddresses": "Lambda makes network interfaces later, with ids that nobody knows",
  "ec2:CreateNetworkInterface": "the same",
  "ec2:DeleteNetworkInterface": "the same",
  "ec2:UnassignPrivateIpAddresses": "the same"
}

/** Variables of an ARN whose values may hold slashes or colons. */
const withSlashes =
  /\$\{(ObjectName|StreamLabel|LogGroupName|LogStreamName|EventBusName|EventSourceName|RuleName|SecretId)\}/

type Token = string | { readonly any: RegExp }
const anything: Token = { any: /[\s\S]/ }
const segment: Token = { any: /[^/:]/ }

const tokensOfGrant = (arn: string): ReadonlyArray<Token> => [...arn].map((char) => (char === "*" ? anything : char))

const tokensOfForm = (form: string): ReadonlyArray<Token> =>
  form.split(/(\$\{\w+\}|\*)/).flatMap((part): ReadonlyArray<Token> => {
    if (part === "*") return [anything]
    return /^\$\{/.test(part) ? [withSlashes.test(part) ? anything : segment] : [...part]
  })

const fits = (a: Token, b: Token): boolean => {
  if (typeof a === "string" && typeof b === "string") return a === b
  if (typeof a === "string") return (b as { any: RegExp }).any.test(a)
  return typeof b === "string" ? a.any.test(b) : true
}

/** Whether there is an ARN of a form that a grant covers. Both may hold parts that stand for anything. */
export const covers = (grant: string, form: string): boolean => {
  const [a, b] = [tokensOfGrant(grant), tokensOfForm(form)]
  const seen = new Map<number, boolean>()
  const from = (i: number, j: number): boolean => {
    const key = i * (b.length + 1) + j
    const known = seen.get(key)
    if (known !== undefined) return known
    const [x, y] = [a[i], b[j]]
    const [manyA, manyB] = [typeof x === "object", typeof y === "object"]
    let found = x === undefined && y === undefined
    if (!found && manyA) found = from(i + 1, j)
    if (!found && manyB) found = from(i, j + 1)
    if (!found && x !== undefined && y !== undefined && !(manyA && manyB) && fits(x, y))
      found = from(manyA ? i : i + 1, manyB ? j : j + 1)
    seen.set(key, found)
    return found
  }
  return from(0, 0)
}

const bare = (key: string): string => key.replace(/\/.*/, "").toLowerCase()

/** What is wrong with a statement by AWS's list, one sentence each. */
export const statementFaults = (
  extract: IamExtract,
  statement: IamStatement,
  grants: boolean
): ReadonlyArray<string> => {
  const { Effect, Action, Resource = [], Condition = {} } = statement
  const faults: Array<string> = []
  const services = new Set(Object.keys(extract.actions).map((name) => name.split(":")[0]))
  const known = Action.flatMap((name): ReadonlyArray<IamAction> => {
    const [service = "", action] = name.split(":")
    if (Effect === "Deny" && action === "*" && services.has(service)) return []
    const found = extract.actions[name]
    if (found === undefined) faults.push(`${name} is no action`)
    return found === undefined ? [] : [found]
  })
  for (const action of known) {
    const types = action.resources
    // In the policy of a resource `*` is that resource.
    for (const resource of grants && Effect === "Allow" ? Resource : []) {
      if (types.length === 0 && resource !== "*")
        faults.push(`${action.name} has no resource level, and is granted on ${resource}`)
      if (types.length === 0 || (resource === "*" && Object.hasOwn(onEverything, action.name))) continue
      const service = action.name.split(":")[0]
      const forms = types.flatMap(({ name }) => extract.arns[`${service}:${name}`] ?? [])
      if (!(resource !== "*" && forms.some((form) => covers(resource, form))))
        faults.push(`${action.name} cannot be granted on ${resource}, only on ${forms.join(" or ")}`)
    }
  }
  for (const [operator, keys] of Object.entries(Condition))
    for (const key of Object.keys(keys)) {
      const of = [...Object.entries(globalKeys), ...Object.entries(extract.keys)].find(
        ([one]) => bare(one) === bare(key)
      )
      if (of === undefined) {
        faults.push(`${key} is no condition key`)
        continue
      }
      const plain = operator.replace(/^For(AllValues|AnyValue):/, "").replace(/IfExists$/, "")
      if (!operators[of[1]]?.test(plain)) faults.push(`${key} is of the type ${of[1]}, which ${operator} does not take`)
      if (Object.keys(globalKeys).some((one) => bare(one) === bare(key))) continue
      for (const { name, conditionKeys, resources } of known) {
        const all = [...conditionKeys, ...resources.flatMap((resource) => resource.conditionKeys)]
        if (!all.some((one) => bare(one) === bare(key))) faults.push(`${name} knows no ${key}`)
      }
    }
  return faults
}
