import { isUuid, matchTemplate } from "./template.ts"
import { genesysTopics, topics } from "./topics/index.ts"

const sessions = ["acd", "user", "customer"].flatMap((participant) =>
  ["start", "end"].map((phase) => `v2.detail.events.conversation.{id}.${participant}.${phase}`)
)
const afterCallWork = "v2.detail.events.conversation.{id}.acw"

/** Names from before this contract, which no Genesys API knows, and the topics that carry what they promise. */
export const aliases: ReadonlyMap<string, ReadonlyArray<string>> = new Map([
  ["routing:queue.member", ["v2.routing.queues.{id}.users", "v2.audits.entitytype.{id}.entityid.{id}"]],
  ["routing:queue.member.states", ["v2.users.{id}.activity"]],
  // The source has no media filter: a consumer of calls alone looks at `mediaType`.
  ["voice:call", [...sessions, afterCallWork]],
  ["interaction:interaction", [...sessions, afterCallWork, "v2.users.{id}.conversationsummary"]]
])

/** Every topic of Genesys that the contract understands: what EventBridge is asked for. */
export const defaultTopics: ReadonlyArray<string> = genesysTopics.map((topic) => topic.template)

const templateOf = (name: string): string | undefined => {
  if (topics.has(name)) return undefined
  return defaultTopics.find((template) => matchTemplate(template)(name) !== undefined)
}

/** What is wrong with a topic name, as one sentence with the fix; undefined when nothing is. */
const problem = (name: string): string | undefined => {
  const quoted = JSON.stringify(name)
  if (!name.startsWith("v2."))
    return `${quoted} is no Genesys topic: use a template such as "v2.users.{id}.activity", or one of ${[...aliases.keys()].join(", ")}.`
  if (name.includes("?"))
    return `${quoted} combines topics with "?", which only WebSocket channels understand: list one template for each topic.`
  if (name.includes("*"))
    return `${quoted} uses "*", which Genesys does not expand: write {id}, which means every object.`
  const template = templateOf(name)
  if (template?.toLowerCase() === name.toLowerCase())
    return `${quoted} is in another case than the topic, and EventBridge compares letter by letter: use "${template}".`
  if (template !== undefined)
    return `${quoted} names one object, which EventBridge cannot filter by: use "${template}" and select in your own code.`
  const segments = name.split(".")
  if (segments.some(isUuid))
    return `${quoted} names one object, which EventBridge cannot filter by: use "${segments.map((segment) => (isUuid(segment) ? "{id}" : segment)).join(".")}" and select in your own code.`
  if (segments.some((segment) => segment === "" || (/[{}]/.test(segment) && segment !== "{id}")))
    return `${quoted} is not a topic template: write {id} for every placeholder, as in "v2.users.{id}.activity".`
  return undefined
}

/**
 * Configured names as topic templates: aliases expanded, duplicates removed, order kept. Topics outside the contract pass:
 * their events are stored. `problems` holds one sentence for each name that is left out.
 */
export const expandTopics = (
  names: ReadonlyArray<string>
): { readonly topics: ReadonlyArray<string>; readonly problems: ReadonlyArray<string> } => {
  const expanded = new Set<string>()
  const problems: Array<string> = []
  for (const name of names) {
    const alias = aliases.get(name)
    const wrong = alias === undefined ? problem(name) : undefined
    if (wrong !== undefined) problems.push(wrong)
    else for (const topic of alias ?? [name]) expanded.add(topic)
  }
  return { topics: [...expanded], problems }
}
