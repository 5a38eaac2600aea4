/** `ON_QUEUE` as people write it. */
export const words = (text: string): string => text.toLowerCase().replaceAll("_", " ")

/** A share as people read it: `83 %`. */
export const percent = (share: number): string => `${Math.round(share * 100)} %`
