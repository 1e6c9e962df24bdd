// Attribute paths as rules name them outside CEL: `timezone: worker.timezone`,
// `during: worker.shift`, `ramp.since: worker.hired_on`.

export type AttributePath =
  | { readonly ok: true; readonly path: readonly string[] }
  | { readonly ok: false; readonly error: string };

/** Reads `worker.a.b` as the path `['a', 'b']`. */
export function attributePath(_text: string): AttributePath {
  throw new Error('to be written');
}

/** What stands at `path`, own properties only; undefined when there is nothing. */
export function readAttribute(_attributes: unknown, _path: readonly string[]): unknown {
  throw new Error('to be written');
}
