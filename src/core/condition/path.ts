// Attribute paths as rules name them outside CEL: `timezone: worker.timezone`,
// `during: worker.shift`, `ramp.since: worker.hired_on`.

export type AttributePath =
  | { readonly ok: true; readonly path: readonly string[] }
  | { readonly ok: false; readonly error: string };

/** Reads `worker.a.b` as the path `['a', 'b']`. */
export function attributePath(text: string): AttributePath {
  const [root, ...path] = text.trim().split('.');
  if (root !== 'worker' || path.length === 0) {
    return {
      ok: false,
      error: `found "${text}" where an attribute such as worker.team is expected`,
    };
  }
  const wrong = path.find((part) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(part));
  if (wrong !== undefined) {
    const error = `"${wrong}" in "${text}" is not an attribute's name: letters, digits and _ only`;
    return { ok: false, error };
  }
  return { ok: true, path };
}

/** The value at `path`, own keys of maps only; undefined when there is none. */
export function readAttribute(attributes: unknown, path: readonly string[]): unknown {
  let value = attributes;
  for (const part of path) value = ownOf(value, part);
  return value;
}

/** An own key of a map; undefined for anything else, so that inherited keys cannot be reached. */
export function ownOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  if (!Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}
