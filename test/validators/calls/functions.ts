import type { Call } from "../api.ts"
import { type Calls, call, capitals, type Given, groupId, type Inputs, tagList } from "./call.ts"

const permission = (way: "Egress" | "Ingress", i: Given): Call =>
  call(`ec2.AuthorizeSecurityGroup${way}`, {
    GroupId: i.securityGroupId,
    IpPermissions: [
      {
        IpProtocol: i.ipProtocol,
        FromPort: i.fromPort,
        ToPort: i.toPort,
        ...(i.referencedSecurityGroupId && {
          UserIdGroupPairs: [{ GroupId: i.referencedSecurityGroupId, Description: i.description }]
        }),
        ...(i.prefixListId && { PrefixListIds: [{ PrefixListId: i.prefixListId, Description: i.description }] }),
        ...(i.cidrIpv4 && { IpRanges: [{ CidrIp: i.cidrIpv4, Description: i.description }] })
      }
    ],
    TagSpecifications: [{ ResourceType: "security-group-rule", Tags: tagList(i.tags) }]
  })

export const functions: Calls = {
  "aws:appautoscaling/scheduledAction:ScheduledAction": (i) => [
    call("application-autoscaling.PutScheduledAction", {
      ServiceNamespace: i.serviceNamespace,
      ScheduledActionName: i.name,
      ResourceId: i.resourceId,
      ScalableDimension: i.scalableDimension,
      Schedule: i.schedule,
      Timezone: i.timezone,
      ScalableTargetAction: capitals(i.scalableTargetAction)
    })
  ],
  "aws:appautoscaling/target:Target": (i) => [
    call("application-autoscaling.RegisterScalableTarget", {
      ServiceNamespace: i.serviceNamespace,
      ResourceId: i.resourceId,
      ScalableDimension: i.scalableDimension,
      MinCapacity: i.minCapacity,
      MaxCapacity: i.maxCapacity,
      Tags: i.tags
    })
  ],
  "aws:ec2/securityGroup:SecurityGroup": (i, name) => [
    call("ec2.CreateSecurityGroup", {
      GroupName: name,
      Description: i.description,
      VpcId: i.vpcId,
      TagSpecifications: [{ ResourceType: "security-group", Tags: tagList(i.tags) }]
    })
  ],
  "aws:ec2/vpcEndpoint:VpcEndpoint": (i) => [
    call("ec2.CreateVpcEndpoint", {
      VpcId: i.vpcId,
      VpcEndpointType: i.vpcEndpointType,
      ServiceName: i.serviceName,
      PolicyDocument: i.policy,
      RouteTableIds: i.routeTableIds,
      SubnetIds: i.subnetIds,
      SecurityGroupIds: i.securityGroupIds,
      PrivateDnsEnabled: i.privateDnsEnabled,
      TagSpecifications: [{ ResourceType: "vpc-endpoint", Tags: tagList(i.tags) }]
    })
  ],
  "aws:iam/policy:Policy": (i, name) => [
    call("iam.CreatePolicy", {
      PolicyName: name,
      Description: i.description,
      PolicyDocument: i.policy,
      Tags: tagList(i.tags)
    })
  ],
  "aws:iam/role:Role": (i, name) => [
    call("iam.CreateRole", {
      RoleName: name,
      AssumeRolePolicyDocument: i.assumeRolePolicy,
      Description: i.description,
      Tags: tagList(i.tags)
    })
  ],
  "aws:iam/rolePolicy:RolePolicy": (i, name) => [
    call("iam.PutRolePolicy", { RoleName: i.role, PolicyName: name, PolicyDocument: i.policy })
  ],
  "aws:lambda/alias:Alias": (i) => [
    call("lambda.CreateAlias", { Name: i.name, FunctionName: i.functionName, FunctionVersion: i.functionVersion })
  ],
  "aws:lambda/eventSourceMapping:EventSourceMapping": ({ destinationConfig: to, ...i }) => [
    call("lambda.CreateEventSourceMapping", {
      ...(capitals({ ...i }) as Inputs),
      DestinationConfig: to && { OnFailure: { Destination: to.onFailure.destinationArn } }
    })
  ],
  "aws:lambda/function:Function": ({ code: _, reservedConcurrentExecutions, ...i }, name) => [
    call("lambda.CreateFunction", {
      FunctionName: name,
      Runtime: i.runtime,
      Role: i.role,
      Handler: i.handler,
      Code: { ZipFile: "" },
      Description: i.description,
      Timeout: i.timeout,
      MemorySize: i.memorySize,
      Publish: i.publish,
      Architectures: i.architectures,
      Environment: { Variables: i.environment.variables },
      LoggingConfig: capitals(i.loggingConfig),
      VpcConfig: i.vpcConfig && {
        SubnetIds: i.vpcConfig.subnetIds,
        SecurityGroupIds: i.vpcConfig.securityGroupIds.map(groupId)
      },
      TracingConfig: capitals(i.tracingConfig),
      Tags: i.tags
    }),
    ...(reservedConcurrentExecutions === undefined
      ? []
      : [
          call("lambda.PutFunctionConcurrency", {
            FunctionName: name,
            ReservedConcurrentExecutions: reservedConcurrentExecutions
          })
        ])
  ],
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": (i) => [
    call("lambda.PutFunctionEventInvokeConfig", capitals(i) as Inputs)
  ],
  "aws:lambda/permission:Permission": (i) => [
    call("lambda.AddPermission", {
      StatementId: "made-by-the-provider",
      FunctionName: i.function,
      Action: i.action,
      Principal: i.principal,
      SourceArn: i.sourceArn,
      SourceAccount: i.sourceAccount
    })
  ],
  "aws:sfn/stateMachine:StateMachine": (i) => [
    call("stepfunctions.CreateStateMachine", {
      name: i.name,
      type: i.type,
      roleArn: i.roleArn,
      definition: i.definition,
      encryptionConfiguration: i.encryptionConfiguration,
      loggingConfiguration: {
        level: i.loggingConfiguration.level,
        includeExecutionData: i.loggingConfiguration.includeExecutionData,
        destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: i.loggingConfiguration.logDestination } }]
      },
      tags: tagList(i.tags, "key", "value")
    })
  ],
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": (i) => [permission("Egress", i)],
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": (i) => [permission("Ingress", i)]
}
