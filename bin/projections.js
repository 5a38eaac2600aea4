#!/usr/bin/env node
import { existsSync } from "node:fs"

// A clone runs its source, so that a change needs no build; what npm installs has only what was built.
const source = new URL("../src/bin/projections.ts", import.meta.url)
const built = new URL("../dist/bin/projections.js", import.meta.url)
if (existsSync(source)) {
  const { orInstall } = await import("../src/local/not-installed.ts")
  await import(source.href).catch(orInstall)
} else await import(built.href)
