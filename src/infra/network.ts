import * as pulumi from "@pulumi/pulumi"
import {
  SecurityGroup,
  SecurityGroupEgressRule,
  type SecurityGroupEgressRuleArgs,
  SecurityGroupIngressRule,
  type Tags,
  VpcEndpoint
} from "./aws.ts"
import { accountOf, allow, regionOf, type Statement } from "./policy.ts"

export interface NetworkArgs {
  readonly vpcId: string
  readonly subnetIds: ReadonlyArray<string>
  /** Those of the subnets. */
  readonly routeTableIds: ReadonlyArray<string>
  /** False where the VPC has them already. */
  readonly endpoints: boolean
  readonly region: string
  /** The base URL of a collector of traces that the functions send to; empty: none. */
  readonly collector: string
  readonly tags: Tags
}

/** Services that have gateways, which cost nothing: tables, and objects. */
const GATEWAYS = ["dynamodb", "s3"]

/**
 * Services that the code of the functions calls beside those: append sends to a queue, redrive receives from queues, puts into the stream
 * and publishes. Nothing else: the mappings are Lambda's own callers and come from its network, as do log lines, in which the metrics
 * are; and keys are used by the services themselves.
 */
const INTERFACES = ["kinesis-streams", "sns", "sqs"]

const tcp = (port: number) => ({ ipProtocol: "tcp", fromPort: port, toPort: port })

/** The port of a collector outside of the function's own environment. */
const collectorPort = (url: string): number | undefined => {
  if (url === "") return undefined
  const { hostname, port, protocol } = new URL(url)
  return ["localhost", "127.0.0.1", "[::1]"].includes(hostname)
    ? undefined
    : Number(port) || (protocol === "https:" ? 443 : 80)
}

/** Where functions run inside a VPC, and the only ways out. */
export class Network extends pulumi.ComponentResource {
  readonly subnetIds: ReadonlyArray<string>
  readonly securityGroupId: pulumi.Output<string>

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("genesys-cloud-projections:function:Network", name, {}, opts)
    const { vpcId, tags } = args
    const parent = { parent: this }
    const functions = new SecurityGroup(
      `${name}-functions`,
      { vpcId, description: "Functions of Genesys Cloud projections", tags },
      parent
    )
    const outTo = (to: string, where: Partial<SecurityGroupEgressRuleArgs>, port = 443) =>
      new SecurityGroupEgressRule(
        `${name}-to-${to}`,
        { securityGroupId: functions.id, ...tcp(port), ...where, description: `Functions to ${to}`, tags },
        parent
      )
    if (args.endpoints) {
      const serviceName = (service: string) => `com.amazonaws.${args.region}.${service}`
      for (const service of GATEWAYS) {
        // With AWS's default policy, which lets everybody through: these routes are also their neighbours' in the subnets.
        const gateway = new VpcEndpoint(
          `${name}-${service}`,
          {
            vpcId,
            vpcEndpointType: "Gateway",
            serviceName: serviceName(service),
            routeTableIds: [...args.routeTableIds],
            tags
          },
          parent
        )
        outTo(service, { prefixListId: gateway.prefixListId })
      }
      const doors = new SecurityGroup(
        `${name}-endpoints`,
        { vpcId, description: "Endpoints for the functions of Genesys Cloud projections", tags },
        parent
      )
      for (const service of INTERFACES)
        new VpcEndpoint(
          `${name}-${service}`,
          {
            vpcId,
            vpcEndpointType: "Interface",
            serviceName: serviceName(service),
            subnetIds: [...args.subnetIds],
            securityGroupIds: [doors.id],
            // The SDK finds the endpoint under the service's own name.
            privateDnsEnabled: true,
            tags
          },
          parent
        )
      outTo("endpoints", { referencedSecurityGroupId: doors.id })
      new SecurityGroupIngressRule(
        `${name}-from-functions`,
        {
          securityGroupId: doors.id,
          ...tcp(443),
          referencedSecurityGroupId: functions.id,
          description: "HTTPS from the functions",
          tags
        },
        parent
      )
    } else outTo("anywhere", ANYWHERE)
    const port = collectorPort(args.collector)
    // To any address, for only its name is known here; the VPC's routes decide what can be reached.
    if (port !== undefined) outTo("collector", ANYWHERE, port)
    this.subnetIds = args.subnetIds
    this.securityGroupId = functions.id
    this.registerOutputs({ securityGroupId: this.securityGroupId })
  }
}

const ANYWHERE = { cidrIpv4: "0.0.0.0/0" }

/**
 * What Lambda needs in the name of a function's role to put the function into its subnets. Account and region are read from
 * `beside`, an ARN of the same. The code itself is refused all of it: requests of code carry the ARN of their function.
 */
export const interfaceRights = (network: Network, beside: pulumi.Output<string>): ReadonlyArray<Statement> => {
  const arn = (rest: pulumi.Input<string>) =>
    pulumi.interpolate`arn:aws:ec2:${beside.apply(regionOf)}:${beside.apply(accountOf)}:${rest}`
  const interfaces = arn("network-interface/*")
  return [
    allow(
      ["ec2:CreateNetworkInterface"],
      interfaces,
      arn(pulumi.interpolate`security-group/${network.securityGroupId}`),
      ...network.subnetIds.map((id) => arn(`subnet/${id}`))
    ),
    allow(["ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"], interfaces),
    // As Lambda's manual asks: with less, it does not trust the role to clean up.
    allow(["ec2:DeleteNetworkInterface"], arn("*/*")),
    // EC2 knows no resources for what only describes.
    allow(["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"], "*"),
    {
      ...allow(
        [
          "ec2:AssignPrivateIpAddresses",
          "ec2:CreateNetworkInterface",
          "ec2:DeleteNetworkInterface",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSubnets",
          "ec2:UnassignPrivateIpAddresses"
        ],
        "*"
      ),
      Effect: "Deny",
      Condition: { Null: { "lambda:SourceFunctionArn": "false" } }
    }
  ]
}
