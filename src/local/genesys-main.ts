import { realClock } from "aws-in-process/clock"
import { SIMULATED_CLIENT } from "../simulator/api/organisation.ts"
import { SIMULATED_ACCOUNT, serveGenesys } from "./genesys.ts"

// A Genesys organisation to connect to, on this machine: `npm run genesys`. Docs: docs/connecting-genesys.md.

const PORT = 8790

const { url, aws } = await serveGenesys(realClock(), PORT).catch((error: NodeJS.ErrnoException) => {
  process.stderr.write(
    error.code === "EADDRINUSE" ? `port ${PORT} of 127.0.0.1 is taken: end what listens there\n` : `${error.message}\n`
  )
  process.exit(1)
})

process.stdout.write(`A simulated Genesys organisation is at ${url}, and AWS account ${SIMULATED_ACCOUNT} at ${aws}, until Ctrl-C.
In another terminal:

export GENESYSCLOUD_OAUTHCLIENT_ID=${SIMULATED_CLIENT.clientId} GENESYSCLOUD_OAUTHCLIENT_SECRET=${SIMULATED_CLIENT.clientSecret}
export GENESYSCLOUD_REGION=eu-central-1 AWS_ENDPOINT_URL_EVENTBRIDGE=${aws}
export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
npx projections connect --stack dev --endpoint ${url}
`)
