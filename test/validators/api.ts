/** A shape of a service's model, as botocore has it, without prose. */
export interface Shape {
  readonly type: string
  readonly members?: Readonly<Record<string, string>>
  readonly required?: ReadonlyArray<string>
  /** Of a list. */
  readonly member?: string
  /** Of a map. */
  readonly key?: string
  readonly value?: string
  readonly min?: number
  readonly max?: number
  readonly pattern?: string
  readonly enum?: ReadonlyArray<string>
  readonly union?: boolean
}

/** An extract of the models of AWS's API. */
export interface ApiExtract {
  readonly source: string
  readonly version: string
  readonly license: string
  /** By `service.Operation`: the shape of its input. */
  readonly operations: Readonly<Record<string, string>>
  /** By `service.Shape`. */
  readonly shapes: Readonly<Record<string, Shape>>
}

/** A call that the provider makes for a resource. */
export interface Call {
  /** `service.Operation`. */
  readonly operation: string
  readonly params: unknown
}

/** The pattern for a whole value. Models are written for Java; what JavaScript cannot read is a fault of this check, and thrown. */
const whole = (pattern: string): RegExp => {
  try {
    return new RegExp(`^(?:${pattern})$`, "us")
  } catch {
    return new RegExp(`^(?:${pattern})$`, "s")
  }
}

const scalars: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  integer: Number.isInteger,
  long: Number.isInteger,
  float: Number.isFinite,
  double: Number.isFinite,
  blob: () => true,
  timestamp: () => true
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** What the model of the service says against a call, one sentence each. */
export const callFaults = ({ operations, shapes }: ApiExtract, { operation, params }: Call): ReadonlyArray<string> => {
  const [service = ""] = operation.split(".")
  const input = operations[operation]
  if (input === undefined) return [`${operation} is no operation of the extract`]
  const faults: Array<string> = []
  const look = (name: string, value: unknown, path: string): unknown => {
    const shape = shapes[`${service}.${name}`]
    const fault = (what: string) => faults.push(`${operation}: ${path || "the call"} ${what}`)
    if (shape === undefined) return fault(`has the shape ${name}, which the extract lacks`)
    const { type, members = {}, required = [], min, max, pattern } = shape
    const size = (length: number, unit: string) => {
      if (min !== undefined && length < min) fault(`has ${length} ${unit} of at least ${min}`)
      if (max !== undefined && length > max) fault(`has ${length} ${unit} of at most ${max}`)
    }
    if (type === "structure") {
      if (!isRecord(value)) return fault("is no structure")
      for (const one of required) if (value[one] === undefined) fault(`lacks ${one}`)
      if (shape.union && Object.keys(value).length !== 1) fault("has not one member")
      for (const [key, inner] of Object.entries(value)) {
        if (inner === undefined) continue
        const of = members[key]
        if (of === undefined) fault(`has a member ${key} that there is not`)
        else look(of, inner, `${path}.${key}`)
      }
      return
    }
    if (type === "list") {
      if (!Array.isArray(value)) return fault("is no list")
      size(value.length, "elements")
      value.forEach((one, i) => {
        look(shape.member ?? "", one, `${path}[${i}]`)
      })
      return
    }
    if (type === "map") {
      if (!isRecord(value)) return fault("is no map")
      size(Object.keys(value).length, "entries")
      for (const [key, inner] of Object.entries(value)) {
        look(shape.key ?? "", key, `${path}, the key ${key}`)
        look(shape.value ?? "", inner, `${path}.${key}`)
      }
      return
    }
    if (!scalars[type]?.(value)) return fault(`is ${JSON.stringify(value)}, and no ${type}`)
    if (typeof value === "string") {
      size(value.length, "characters")
      if (pattern !== undefined && !whole(pattern).test(value))
        fault(`is ${JSON.stringify(value)}, which is not ${pattern}`)
      if (shape.enum && !shape.enum.includes(value))
        fault(`is ${JSON.stringify(value)}, and not one of ${shape.enum.join(", ")}`)
    } else if (typeof value === "number") {
      if (min !== undefined && value < min) fault(`is ${value}, less than ${min}`)
      if (max !== undefined && value > max) fault(`is ${value}, more than ${max}`)
    }
  }
  look(input, params, "")
  return faults
}
