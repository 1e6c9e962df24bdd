// JSON Schema (draft 7) as plain data, and the table of definitions that its parts refer to.

export type JsonSchema = { readonly [key: string]: unknown };

export interface SchemaSource {
  schema(defs: Definitions): JsonSchema;
}

/** Named parts, each described once, even if it is used often or contains itself. */
export class Definitions {
  readonly #parts = new Map<string, JsonSchema>();

  reference(name: string, describe: () => JsonSchema): JsonSchema {
    if (!this.#parts.has(name)) {
      this.#parts.set(name, {});
      this.#parts.set(name, describe());
    }
    return { $ref: `#/definitions/${name}` };
  }

  all(): JsonSchema {
    return Object.fromEntries([...this.#parts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
