/**
 * Checks a value against the part of OpenAPI 3.0's schema language that Twilio's description uses.
 * Stricter than the description in one respect: a field that it does not name is a fault.
 */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

export interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<
    Record<
      string,
      {
        readonly headers?: Readonly<Record<string, unknown>>;
        readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
      }
    >
  >;
}

export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const FORMATS: Readonly<Record<string, RegExp>> = {
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
  // The description's own example of an unset address is an empty string.
  uri: /^(https?:\/\/\S+)?$/,
};

/** Every fault as one line; none when the value conforms. */
export function faults(
  description: Description,
  schema: Schema,
  value: unknown,
  at = '',
): string[] {
  if (schema.$ref !== undefined) {
    const target = description.components.schemas[schema.$ref.split('/').at(-1) ?? ''];
    return target === undefined
      ? [`${at}: ${schema.$ref} is unknown`]
      : faults(description, target, value, at);
  }
  if (value === null) return schema.nullable === true ? [] : [`${at}: is null`];
  const wrong = wrongType(schema, value);
  if (wrong !== null) return [`${at}: ${wrong}`];
  if (schema.enum !== undefined && !schema.enum.includes(value))
    return [`${at}: '${String(value)}' is none of ${schema.enum.join(', ')}`];
  if (typeof value === 'string') return textFaults(schema, value, at);
  if (Array.isArray(value))
    return value.flatMap((item, index) =>
      schema.items === undefined ? [] : faults(description, schema.items, item, `${at}[${index}]`),
    );
  if (typeof value === 'object') return objectFaults(description, schema, value, at);
  return [];
}

function wrongType(schema: Schema, value: unknown): string | null {
  const found = Array.isArray(value) ? 'array' : typeof value;
  switch (schema.type) {
    case undefined:
      return null;
    case 'integer':
      return Number.isInteger(value) ? null : `${String(value)} is no integer`;
    default:
      return found === schema.type ? null : `is ${found}, not ${schema.type}`;
  }
}

function textFaults(schema: Schema, text: string, at: string): string[] {
  const pattern = schema.pattern === undefined ? null : new RegExp(schema.pattern);
  const format = FORMATS[schema.format ?? ''];
  const good =
    (pattern?.test(text) ?? true) &&
    (format?.test(text) ?? true) &&
    text.length >= (schema.minLength ?? 0) &&
    text.length <= (schema.maxLength ?? Number.POSITIVE_INFINITY);
  return good ? [] : [`${at}: '${text}' is no ${schema.format ?? schema.pattern ?? 'such text'}`];
}

function objectFaults(
  description: Description,
  schema: Schema,
  value: object,
  at: string,
): string[] {
  const { properties } = schema;
  if (properties === undefined || Object.keys(properties).length === 0) return [];
  const names = Object.keys(value);
  return [
    ...Object.keys(properties)
      .filter((name) => !names.includes(name))
      .map((name) => `${at}.${name}: is missing`),
    ...Object.entries(value).flatMap(([name, entry]) => {
      const property = properties[name];
      return property === undefined
        ? [`${at}.${name}: is not in the description`]
        : faults(description, property, entry, `${at}.${name}`);
    }),
  ];
}
