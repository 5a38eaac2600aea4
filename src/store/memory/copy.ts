/** The bytes as they are now, whatever becomes of the originals. The `slice` of a `Buffer` copies nothing. */
export const copyOf = (bytes: Uint8Array): Uint8Array => Uint8Array.prototype.slice.call(bytes)
