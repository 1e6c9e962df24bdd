// Event Streams and the history of events spell what a callback carries in snake_case, with numbers
// as numbers. Here it becomes the form fields of the callback, so that all are read by one parser.

export type Fields = Readonly<Record<string, string>>;

/** What is null is left out, as callbacks do. */
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
