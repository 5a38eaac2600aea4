import type { CapturedResource } from "../../src/local/capture.ts"
import type { Json } from "./requests.ts"

const keySchema = (hash: string, range?: string) => [
  { AttributeName: hash, KeyType: "HASH" },
  ...(range === undefined ? [] : [{ AttributeName: range, KeyType: "RANGE" }])
]

/** A table that the captured stack declares, as `CreateTable` takes it. */
export const declaredTable = ({ inputs }: CapturedResource, TableName: string): Json => {
  const declared: Json = inputs
  const indexes = (list: ReadonlyArray<Json> = [], hashOf: (index: Json) => string) =>
    list.map((index) => ({
      IndexName: index.name,
      KeySchema: keySchema(hashOf(index), index.rangeKey),
      Projection: {
        ProjectionType: index.projectionType,
        ...(index.nonKeyAttributes === undefined ? {} : { NonKeyAttributes: index.nonKeyAttributes })
      }
    }))
  const local = indexes(declared.localSecondaryIndexes, () => declared.hashKey)
  const global = indexes(declared.globalSecondaryIndexes, ({ hashKey }) => hashKey)
  return {
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: keySchema(declared.hashKey, declared.rangeKey),
    AttributeDefinitions: declared.attributes.map(({ name, type }: Json) => ({
      AttributeName: name,
      AttributeType: type
    })),
    ...(local.length === 0 ? {} : { LocalSecondaryIndexes: local }),
    ...(global.length === 0 ? {} : { GlobalSecondaryIndexes: global })
  }
}
