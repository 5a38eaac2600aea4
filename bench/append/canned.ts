import { createHash } from "node:crypto"

type Attribute = { readonly S?: string }
type Item = Readonly<Record<string, Attribute>>

/** What was stored since the last look: ids by table, and the bodies of messages. */
export interface Taken {
  readonly ids: Readonly<Record<string, ReadonlyArray<string>>>
  readonly messages: ReadonlyArray<string>
}

export interface Canned {
  /** The answer of AWS to a call, by the last word of its `X-Amz-Target`. Throws for a call that it does not know. */
  readonly answer: (operation: string, body: string) => unknown
  /** Tells what was taken, and forgets it. */
  readonly taken: () => Taken
}

/**
 * As little of DynamoDB and SQS as lets the handlers work, so that what is measured is theirs. It refuses an `id` that is there, as
 * DynamoDB would; items without one are taken unseen. What is read is never there.
 */
export const makeCanned = (): Canned => {
  const tables = new Map<string, Set<string>>()
  let messages: Array<string> = []

  /** Whether the item is new. */
  const put = (table: string, { id }: Item): boolean => {
    if (id?.S === undefined) return true
    const ids = tables.get(table) ?? new Set()
    tables.set(table, ids)
    return ids.size < ids.add(id.S).size
  }

  const executed = ({ Statement, Parameters }: { Statement: string; Parameters: ReadonlyArray<Attribute> }) => {
    const [, table = "", names = ""] = /^INSERT INTO "([^"]+)" VALUE \{(.*)\}$/.exec(Statement) ?? []
    const item = Object.fromEntries(
      [...names.matchAll(/'([^']+)': \?/g)].map(([, name = ""], i) => [name, Parameters[i] as Attribute])
    )
    return put(table, item) ? { TableName: table } : { Error: { Code: "DuplicateItem", Message: "it is there" } }
  }

  const calls: Readonly<Record<string, (input: never) => unknown>> = {
    PutItem: ({ TableName, Item }: { TableName: string; Item: Item }) =>
      put(TableName, Item) ? {} : { __type: "ConditionalCheckFailedException", message: "it is there" },
    BatchExecuteStatement: ({ Statements }: { Statements: ReadonlyArray<Parameters<typeof executed>[0]> }) => ({
      Responses: Statements.map(executed)
    }),
    SendMessageBatch: ({ Entries }: { Entries: ReadonlyArray<{ Id: string; MessageBody: string }> }) => {
      messages.push(...Entries.map(({ MessageBody }) => MessageBody))
      const Successful = Entries.map(({ Id, MessageBody }) => ({
        Id,
        MessageId: Id,
        MD5OfMessageBody: createHash("md5").update(MessageBody).digest("hex")
      }))
      return { Successful, Failed: [] }
    },
    GetItem: () => ({}),
    BatchGetItem: () => ({ Responses: {}, UnprocessedKeys: {} }),
    Query: () => ({ Items: [], Count: 0, ScannedCount: 0 }),
    UpdateItem: () => ({ Attributes: { ticket: { N: "1" } } })
  }

  return {
    answer: (operation, body) => {
      const call = calls[operation]
      if (call === undefined) throw new Error(`no answer is kept for ${operation}`)
      return call(JSON.parse(body) as never)
    },
    taken: () => {
      const ids = Object.fromEntries([...tables].map(([table, stored]) => [table, [...stored]]))
      const taken = { ids, messages }
      tables.clear()
      messages = []
      return taken
    }
  }
}
