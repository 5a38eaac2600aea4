declare module "asl-validator" {
  /** Whether a definition is Amazon States Language, and what is wrong with it. */
  export default function aslValidator(
    definition: unknown,
    options?: { readonly checkPaths?: boolean; readonly checkArn?: boolean }
  ): { readonly isValid: boolean; readonly errorsText: () => string }
}
