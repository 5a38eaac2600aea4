import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  type DynamoDBClient,
  GetItemCommand,
  type GetItemCommandInput,
  QueryCommand,
  type QueryCommandInput
} from "@aws-sdk/client-dynamodb"
import { blocksOf, pageOf } from "../docs/pages.ts"
import { commandsOf } from "../docs/shell.ts"

const PREFIX = "genesys-cloud-projections-dev"

/** The commands of docs/tables.md that call DynamoDB, as their words. */
export const commandsOfPage = (): ReadonlyArray<ReadonlyArray<string>> =>
  blocksOf(pageOf("docs/tables.md"))
    .filter(({ language }) => language === "sh")
    .flatMap(({ code }) => commandsOf(code.replaceAll("$prefix", PREFIX), false))
    .filter(([program, service]) => program === "aws" && service === "dynamodb")

/** What a command of the AWS CLI sends: its flags are the fields of the request, and their values JSON or text. */
const requestOf = (words: ReadonlyArray<string>): unknown => {
  const request: Record<string, unknown> = {}
  for (let i = 0; i < words.length; i += 2) {
    const [flag = "", value = ""] = words.slice(i)
    const field = flag.slice(2).replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())
    request[field] = /^(?:[{[]|\d+$)/.test(value) ? JSON.parse(value) : value
  }
  return request
}

/** Sends what a command would, and returns the items that come back. */
export const sendCommand = async (
  client: DynamoDBClient,
  [, , operation, ...flags]: ReadonlyArray<string>
): Promise<ReadonlyArray<Record<string, AttributeValue>>> => {
  const request = requestOf(flags)
  if (operation === "get-item") {
    const { Item } = await client.send(new GetItemCommand(request as GetItemCommandInput))
    return Item === undefined ? [] : [Item]
  }
  if (operation === "batch-get-item") {
    const { Responses = {} } = await client.send(new BatchGetItemCommand(request as BatchGetItemCommandInput))
    return Object.values(Responses).flat()
  }
  return (await client.send(new QueryCommand(request as QueryCommandInput))).Items ?? []
}
