import { Role } from "@pulumi/aws/iam/role.js"
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment.js"
import { jsonStringify } from "@pulumi/pulumi"
import { GenesysProjections } from "../../src/infra/genesys-projections.ts"
import { stackSettings } from "../../src/infra/stack.ts"

/** The stack of this repository, and a role that has the policy for readers and nothing else, which whoever runs the check takes on. */
const { outputs } = new GenesysProjections("projections", { ...stackSettings(), naming: "stack" })

const reader = new Role("check-reader", {
  description: "Tries the policy for readers in an account check",
  assumeRolePolicy: jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: "sts:AssumeRole",
        Principal: { AWS: outputs.busArn.apply((arn) => arn.split(":")[4]) }
      }
    ]
  })
})
new RolePolicyAttachment("check-reader", { role: reader.name, policyArn: outputs.readPolicyArn })

export default { ...outputs, checkReaderArn: reader.arn }
