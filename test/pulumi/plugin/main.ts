import { Server, ServerCredentials } from "@grpc/grpc-js"
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js"
import { openAccount } from "./account.ts"
import { makeProvider } from "./provider.ts"
import { serviceOf } from "./service.ts"

// A plugin `aws` for the Pulumi CLI, which finds it as pulumi-resource-aws on the PATH. The account is in the file FAKE_AWS_ACCOUNT.
const { FAKE_AWS_ACCOUNT = "", FAKE_AWS_REGION = "eu-central-1", FAKE_AWS_VERSION = "0.0.0" } = process.env
const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 })
server.addService(
  services.ResourceProviderService as never,
  serviceOf(makeProvider(openAccount(FAKE_AWS_ACCOUNT), FAKE_AWS_REGION), FAKE_AWS_VERSION)
)
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error
  // The engine reads the port from the first line.
  process.stdout.write(`${port}\n`)
})
