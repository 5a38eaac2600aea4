import { createHash } from "node:crypto"

type Attribute = { readonly S?: string }
type Item = Readonly<Record<string, Attribute>>

interface Written {
  readonly PutRequest: { readonly Item: Item }
}

/** What was stored since the last look: items by table, and the bodies of messages. */
export interface Taken {
  readonly items: Readonly<Record<string, ReadonlyArray<Item>>>
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
  const tables = new Map<string, Map<string, Item>>()
  let messages: Array<string> = []

  const itemsOf = (table: string) => {
    const items = tables.get(table) ?? new Map<string, Item>()
    tables.set(table, items)
    return items
  }

  /** Whether the item is new. */
  const put = (table: string, item: Item): boolean => {
    const id = item.id?.S
    if (id === undefined) return true
    const items = itemsOf(table)
    if (items.has(id)) return false
    items.set(id, item)
    return true
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
    // It writes over what is there.
    BatchWriteItem: ({ RequestItems }: { RequestItems: Readonly<Record<string, ReadonlyArray<Written>>> }) => {
      for (const [table, requests] of Object.entries(RequestItems))
        for (const { PutRequest } of requests) itemsOf(table).set(PutRequest.Item.id?.S ?? "", PutRequest.Item)
      return { UnprocessedItems: {} }
    },
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
      const items = Object.fromEntries([...tables].map(([table, stored]) => [table, [...stored.values()]]))
      const taken = { items, messages }
      tables.clear()
      messages = []
      return taken
    }
  }
}
