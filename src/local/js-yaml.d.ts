// Pulumi's own YAML reader, which comes without types.
declare module "js-yaml" {
  export const load: (text: string) => unknown
}
