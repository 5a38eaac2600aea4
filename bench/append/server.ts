import { serve } from "./serve.ts"

/** The canned answers in a process of their own, which tells its port to the one that forked it and ends with it. */
const { port } = await serve()
process.send?.({ port })
process.on("disconnect", () => process.exit())
