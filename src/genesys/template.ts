const PLACEHOLDER = "{id}"

/** `v2.users.{id}.presence` with its ids filled in. */
export const fillTemplate = (template: string, ids: ReadonlyArray<string>): string => {
  let at = 0
  return template.replaceAll(PLACEHOLDER, () => ids[at++] ?? PLACEHOLDER)
}

/**
 * The ids that a resolved topic name puts in the template's places, or undefined when it does not have that shape. An id is
 * never empty, and holds a dot only where the template ends with it.
 */
export const matchTemplate = (template: string): ((name: string) => ReadonlyArray<string> | undefined) => {
  const [head, ...tails] = template.split(PLACEHOLDER) as [string, ...Array<string>]
  return (name) => {
    if (!name.startsWith(head)) return undefined
    const ids: Array<string> = []
    let at = head.length
    for (let i = 0; i < tails.length; i++) {
      const tail = tails[i] as string
      const open = tail === ""
      const end = open ? name.length : name.indexOf(".", at)
      if (end <= at || !name.startsWith(tail, end)) return undefined
      ids.push(name.slice(at, end))
      at = end + tail.length
    }
    return at === name.length ? ids : undefined
  }
}
