// The last good rule set as files in the store: a start puts it in force before it has read the
// folder, and replicas take it from each other.

import type { Json, Store } from '../ports.ts';
import type { RuleFile } from './rule-source.types.ts';

const DOCUMENT = 'rules';
const KEEP_ATTEMPTS = 10;

interface StoredRules {
  readonly id: string;
  readonly files: readonly RuleFile[];
}

/** The set that a start puts in force; null: none was ever stored. */
export async function readStoredRules(store: Store): Promise<StoredRules | null> {
  const kept = await store.getDocument(DOCUMENT);
  return kept === null ? null : (kept.value as unknown as StoredRules);
}

export async function storeRules(store: Store, { id, files }: StoredRules): Promise<void> {
  const document = { id, files } as unknown as Json;
  for (let attempt = 0; attempt < KEEP_ATTEMPTS; attempt += 1) {
    const kept = await store.getDocument(DOCUMENT);
    if ((kept?.value as { id?: unknown } | undefined)?.id === id) return;
    if (await store.putDocument(DOCUMENT, document, kept?.version ?? 0)) return;
  }
  throw new Error('the rule set could not be stored: other replicas keep storing theirs');
}

/** For a store that lost its set; answers which one it then holds, for others may be first. */
export async function restoreLostRules(store: Store, { id, files }: StoredRules): Promise<string> {
  if (await store.putDocument(DOCUMENT, { id, files } as unknown as Json, 0)) return id;
  return (await readStoredRules(store))?.id ?? id;
}
