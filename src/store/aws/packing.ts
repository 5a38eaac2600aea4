/** Consecutive groups of at most `most` items and, where an item alone does not exceed it, at most `bytes` bytes. */
export const packed = <A extends { readonly bytes: number }>(
  items: ReadonlyArray<A>,
  most: number,
  bytes: number
): ReadonlyArray<ReadonlyArray<A>> => {
  const groups: Array<Array<A>> = []
  let room = 0
  for (const item of items) {
    const last = groups.at(-1)
    if (last === undefined || last.length === most || item.bytes > room) {
      groups.push([item])
      room = bytes - item.bytes
    } else {
      last.push(item)
      room -= item.bytes
    }
  }
  return groups
}
