import { countedUuid, refuseUnknown } from "../core/settings.ts"
import { type Authorize, type EngineClock, type Principal, type Service, ServiceError } from "../core/types.ts"

/** A topic as `aws.sns.Topic` describes it. Encryption and tags change nothing here. */
export interface TopicSettings {
  readonly name: string
  readonly arn: string
}

/** A message that was published, which people would have got. `at` is epoch ms. */
export interface Published {
  readonly id: string
  readonly at: number
  readonly subject?: string
  readonly message: string
}

export interface Sns {
  /** `Publish` in the shapes of the query protocol; other operations throw. */
  readonly service: Service
  /** What was published to a topic, oldest first. Throws `NotFound`. */
  readonly published: (topicArn: string) => ReadonlyArray<Published>
}

const MAX_MESSAGE_BYTES = 262_144

const invalid = (message: string) => new ServiceError("InvalidParameter", `Invalid parameter: ${message}`)

/** ASCII, one line, begins with a letter, digit or punctuation mark, at most 100 characters. */
const SUBJECT = /^[\x21-\x7e][\x20-\x7e]{0,99}$/

export const makeSns = (
  topics: ReadonlyArray<TopicSettings>,
  { clock, authorize }: { readonly clock: EngineClock; readonly authorize: Authorize }
): Sns => {
  for (const topic of topics)
    refuseUnknown(`topic ${topic.name}`, topic, ["name", "arn"], ["kmsMasterKeyId", "tags", "tagsAll", "region"])
  const byTopic = new Map(topics.map(({ arn }): [string, Array<Published>] => [arn, []]))
  let ids = 0
  const messagesOf = (arn: string): Array<Published> => {
    const found = byTopic.get(arn)
    if (found === undefined) throw new ServiceError("NotFound", "Topic does not exist", 404)
    return found
  }

  return {
    service: async (operation: string, input: Readonly<Record<string, string>>, principal: Principal) => {
      if (operation !== "Publish") throw new Error(`not implemented by aws-in-process: sns ${operation}`)
      refuseUnknown("Publish", input, ["TopicArn", "Message", "Subject"])
      const { TopicArn = "", Message = "", Subject } = input
      const messages = messagesOf(TopicArn)
      authorize(principal, "sns:Publish", TopicArn)
      if (Message === "") throw invalid("Empty message")
      if (Buffer.byteLength(Message) > MAX_MESSAGE_BYTES) throw invalid("Message too long")
      if (Subject !== undefined && !SUBJECT.test(Subject)) throw invalid("Subject")
      const id = countedUuid(0x5b, ++ids)
      messages.push({ id, at: clock.now(), message: Message, ...(Subject === undefined ? {} : { subject: Subject }) })
      return { MessageId: id }
    },
    published: (arn) => [...messagesOf(arn)]
  }
}
