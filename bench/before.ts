import type { Item } from "../src/store/aws/attribute.ts"
import { pack, unpack } from "../src/store/aws/pack.ts"

/** How bodies were packed before there were dictionaries: in the place of `src/store/aws/pack-body.ts` it makes append as it was. */
export const packBody = (_: Item, text: string, others: number): ReturnType<typeof pack> => pack(text, others)

export const unpackBody = ({ body }: Item): string => unpack(body)
