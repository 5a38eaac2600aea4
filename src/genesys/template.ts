const PLACEHOLDER = "{id}"

/** `v2.users.{id}.presence` with its ids filled in. */
export const fillTemplate = (template: string, ids: ReadonlyArray<string>): string => {
  let at = 0
  return template.replaceAll(PLACEHOLDER, () => ids[at++] ?? PLACEHOLDER)
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Whether a text has the form of a UUID, in either case and of any version. */
export const isUuid = (text: string): boolean => UUID.test(text)

type Ids = ReadonlyArray<string>

/** Compares by `spelling`, which has the length of `name`, and takes the ids from `name`. */
const matcher = (template: string): ((spelling: string, name: string) => Ids | undefined) => {
  const [head, ...tails] = template.split(PLACEHOLDER) as [string, ...Array<string>]
  return (spelling, name) => {
    if (!spelling.startsWith(head)) return undefined
    const ids: Array<string> = []
    let at = head.length
    for (let i = 0; i < tails.length; i++) {
      const tail = tails[i] as string
      const open = tail === ""
      const end = open ? name.length : name.indexOf(".", at)
      if (end <= at || !spelling.startsWith(tail, end)) return undefined
      ids.push(name.slice(at, end))
      at = end + tail.length
    }
    return at === name.length ? ids : undefined
  }
}

/** A letter for a letter, so that places stay where they are: `toLowerCase` makes two of some. */
const lower = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

/**
 * The ids that a resolved topic name puts in the template's places, or undefined when it does not have that shape. An id is
 * never empty, and holds a dot only where the template ends with it.
 *
 * A name in another case than the template matches too. Its ids have been changed with it: those that are UUIDs are given in lower
 * case, as Genesys writes them, and others as they came.
 */
export const matchTemplate = (template: string): ((name: string) => Ids | undefined) => {
  const match = matcher(template)
  const matchLower = matcher(lower(template))
  return (name) => match(name, name) ?? matchLower(lower(name), name)?.map((id) => (isUuid(id) ? id.toLowerCase() : id))
}
