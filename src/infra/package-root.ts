import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** The folder above this module that has a `package.json`: two levels up from the source, three from what is published. */
const rootAbove = (from: URL): string =>
  existsSync(new URL("package.json", from)) ? fileURLToPath(from) : rootAbove(new URL("..", from))

/** The folder of this package, with a separator at its end. */
export const packageRoot = rootAbove(new URL(".", import.meta.url))

/** Whether this is the JavaScript that is published, beside which the functions are built already. */
export const isPublished = import.meta.url.endsWith(".js")
