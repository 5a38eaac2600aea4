import { missing } from "./workspace.ts"

/** Says why nothing runs. */
export const setup = (): void => {
  const absent = missing()
  if (absent.length > 0)
    process.stdout.write(
      `Skipped: ${absent.join(" and ")} not on the PATH. Install the Pulumi CLI, which brings both: npx pulumi version downloads it into ~/.pulumi/versions/<version>/bin; add that folder to the PATH.\n`
    )
}
