// The end of every switch over a union: the compiler refuses the call while a case is missing.

/** Marks a place that no value can reach; throws if one does, which is a bug of ours. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
