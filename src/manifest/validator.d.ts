declare module '#validators/service.js' {
  /** An error of ajv, as far as it is used here. */
  export type SchemaError = {
    readonly keyword: string
    readonly instancePath: string
    readonly params: Readonly<Record<string, unknown>>
    readonly data?: unknown
    readonly parentSchema?: {
      readonly properties?: Readonly<Record<string, unknown>>
      /** What a pattern means, and what a cluster says of a value that does not match it. */
      readonly 'x-must'?: string
      readonly 'x-phrase'?: string
    }
  }
  const validate: { (value: unknown): boolean; readonly errors?: readonly SchemaError[] | null }
  export default validate
}
