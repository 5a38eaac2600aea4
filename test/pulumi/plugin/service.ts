import { type handleUnaryCall, status, type UntypedServiceImplementation } from "@grpc/grpc-js"
import plugin from "@pulumi/pulumi/proto/plugin_pb.js"
import provider from "@pulumi/pulumi/proto/provider_pb.js"
import empty from "google-protobuf/google/protobuf/empty_pb.js"
import struct from "google-protobuf/google/protobuf/struct_pb.js"
import type { Props } from "./account.ts"
import type { FakeProvider } from "./provider.ts"

type Struct = struct.Struct

const props = (given: Struct | undefined): Props => (given?.toJavaScript() ?? {}) as Props
const packed = (given: Props): Struct => struct.Struct.fromJavaScript(given as Record<string, struct.JavaScriptValue>)

/** `urn:pulumi:<stack>::<project>::<parents$type>::<name>`. */
const parsed = (urn: string) => {
  const [, project = "", types = "", name = ""] = urn.split("::")
  const [, , stack = ""] = (urn.split("::")[0] ?? "").split(":")
  return { type: types.split("$").at(-1) ?? "", name, logical: `${project}-${stack}-${name}` }
}

/** Calls of the engine to a provider, answered by `fake`. An error that it throws is what AWS says. */
export const serviceOf = (fake: FakeProvider, version: string): UntypedServiceImplementation => {
  const answering =
    <Q, A>(answer: (request: Q) => A): handleUnaryCall<Q, A> =>
    ({ request }, done) => {
      try {
        done(null, answer(request))
      } catch (error) {
        done({ code: status.UNKNOWN, details: (error as Error).message })
      }
    }
  return {
    getPluginInfo: answering(() => {
      const info = new plugin.PluginInfo()
      info.setVersion(version)
      return info
    }),
    checkConfig: answering((request: provider.CheckRequest) => {
      const response = new provider.CheckResponse()
      response.setInputs(request.getNews())
      return response
    }),
    diffConfig: answering(() => {
      const response = new provider.DiffResponse()
      response.setChanges(provider.DiffResponse.DiffChanges.DIFF_NONE)
      return response
    }),
    configure: answering(() => {
      const response = new provider.ConfigureResponse()
      response.setSupportspreview(true)
      // Without it the engine leaves names to the plugin, and they lack project and stack.
      response.setSupportsAutonamingConfiguration(true)
      return response
    }),
    check: answering((request: provider.CheckRequest) => {
      const { type, name } = parsed(request.getUrn())
      const proposed = request.getAutonaming()?.getProposedName() ?? `${name}-0000000`
      const response = new provider.CheckResponse()
      response.setInputs(packed(fake.check(type, props(request.getOlds()), props(request.getNews()), proposed)))
      return response
    }),
    diff: answering((request: provider.DiffRequest) => {
      const { type } = parsed(request.getUrn())
      const found = fake.diff(type, props(request.getOldInputs()), props(request.getNews()))
      const { DIFF_SOME, DIFF_NONE } = provider.DiffResponse.DiffChanges
      const response = new provider.DiffResponse()
      response.setChanges(found.changed.length > 0 ? DIFF_SOME : DIFF_NONE)
      response.setDiffsList([...found.changed])
      response.setReplacesList([...found.replaced])
      response.setDeletebeforereplace(found.replaced.length > 0 && found.deleteBeforeReplace)
      return response
    }),
    create: answering((request: provider.CreateRequest) => {
      const { type, logical } = parsed(request.getUrn())
      const inputs = props(request.getProperties())
      const response = new provider.CreateResponse()
      if (request.getPreview()) response.setProperties(packed(fake.planCreate(type, logical, inputs)))
      else {
        const { id, outputs } = fake.create(type, logical, inputs)
        response.setId(id)
        response.setProperties(packed(outputs))
      }
      return response
    }),
    update: answering((request: provider.UpdateRequest) => {
      const { type } = parsed(request.getUrn())
      const inputs = props(request.getNews())
      const response = new provider.UpdateResponse()
      response.setProperties(
        packed(
          request.getPreview()
            ? fake.planUpdate(props(request.getOlds()), inputs)
            : fake.update(type, request.getId(), inputs).outputs
        )
      )
      return response
    }),
    read: answering((request: provider.ReadRequest) => {
      const response = new provider.ReadResponse()
      const found = fake.read(parsed(request.getUrn()).type, request.getId())
      if (found === undefined) return response
      response.setId(found.id)
      response.setProperties(packed(found.outputs))
      response.setInputs(packed(found.inputs))
      return response
    }),
    delete: answering((request: provider.DeleteRequest) => {
      fake.delete(parsed(request.getUrn()).type, request.getId())
      return new empty.Empty()
    }),
    cancel: answering(() => new empty.Empty())
  }
}
