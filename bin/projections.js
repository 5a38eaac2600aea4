#!/usr/bin/env node
import { existsSync } from "node:fs"

// A clone runs its source, so that a change needs no build; what npm installs has only what was built.
const source = new URL("../src/bin/projections.ts", import.meta.url)
const built = new URL("../dist/bin/projections.js", import.meta.url)
await import((existsSync(source) ? source : built).href)
