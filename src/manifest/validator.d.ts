declare module '#validators/service.js' {
  /** An error of ajv, as far as it is used here. */
  export type SchemaError = {
    readonly keyword: string
    readonly instancePath: string
    readonly params: Readonly<Record<string, unknown>>
    readonly message?: string
  }
  const validate: { (value: unknown): boolean; readonly errors?: readonly SchemaError[] | null }
  export default validate
}
