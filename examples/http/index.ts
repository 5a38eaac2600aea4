import { UserPool } from "@pulumi/aws/cognito/userPool.js"
import { UserPoolClient } from "@pulumi/aws/cognito/userPoolClient.js"
import { GenesysProjections, ReadApi } from "genesys-cloud-projections"

const genesys = new GenesysProjections("genesys")

// Whoever may look: people whom an administrator adds, and nobody else.
const people = new UserPool("people", { adminCreateUserConfig: { allowAdminCreateUserOnly: true } })
const page = new UserPoolClient("page", {
  userPoolId: people.id,
  explicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
})

const api = new ReadApi("wall", {
  reads: genesys,
  authorizer: { userPoolArns: [people.arn] },
  // Where `wall.html` is served from.
  origins: ["http://localhost:8000"]
})

export default { ...genesys.outputs, url: api.url, userPoolId: people.id, clientId: page.id }
