declare module '#validators/service.mjs' {
  /** An error of ajv, as far as it is used here. */
  export type SchemaError = {
    readonly keyword: string
    readonly instancePath: string
    readonly params: Readonly<Record<string, unknown>>
    readonly schemaPath: string
    /** The schema with the keyword, and the keyword's value: only of schemas that are compiled at run time. */
    readonly parentSchema?: Readonly<Record<string, unknown>>
    readonly schema?: unknown
  }
  /** The names of the fields of each mapping, by its path: keys with `.` between them, `*` for a list item. */
  export const knownFields: () => Readonly<Record<string, readonly string[]>>
  /** What the patterns of the schema mean, and what a cluster says of a value that does not match. */
  export const patternWords: () => Readonly<Record<string, { readonly must?: string; readonly phrase?: string }>>
  const validate: { (value: unknown): boolean; readonly errors?: readonly SchemaError[] | null }
  export default validate
}

declare module '#validators/examples.mjs' {
  /** An example for each code that text can show, by code: `codes/examples.ts` says what it is. */
  const examples: unknown
  export default examples
}
