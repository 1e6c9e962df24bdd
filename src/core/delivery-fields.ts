// Event Streams and the event history spell a callback's fields in snake_case, with numbers as
// numbers. Here they become the callback's form fields, so that one parser reads all of them.

export type DeliveryFields = Readonly<Record<string, string>>;

/** Null values are left out, as in callbacks. */
export function deliveryFields(payload: object): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(payload)) {
    if (value === null || value === undefined) continue;
    fields[pascal(name)] = typeof value === 'object' ? JSON.stringify(value) : String(value);
  }
  return fields;
}

function pascal(name: string): string {
  return name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
