/** How tests and the floor refer to things: by SID, by friendly name, or by the object itself. */
export type Ref = string | { readonly sid: string };

export function findBy<T extends { sid: string; friendlyName: string }>(
  items: ReadonlyMap<string, T>,
  ref: Ref,
): T | null {
  const found = items.get(sidOf(ref));
  if (found !== undefined) return found;
  for (const item of items.values()) if (item.friendlyName === ref) return item;
  return null;
}

export function sidOf(ref: Ref): string {
  return typeof ref === 'string' ? ref : ref.sid;
}

export function jsonText(value: object | string | undefined): string | undefined {
  return value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
}
