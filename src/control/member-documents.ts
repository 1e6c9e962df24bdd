// The documents with the members of rules that have a `limit`: one per rule, and a small index that
// shows which are newer, so that copies stay current without reading all documents all the time.

import { type Membership, NO_MEMBERS } from '../core/limit.ts';
import type { Json, Store } from '../ports.ts';
import { ownProperty } from './facts.ts';
import { SharedDocument } from './shared-document.ts';

/** One rule's document. */
export interface MembershipDocument {
  readonly membership: Membership;
  /** Candidates that are not members. */
  readonly waiting: readonly string[];
  /** Workers whose membership changed and whose passes are still to be requested. */
  readonly wake: readonly string[];
}

/** What is known of one rule without its document: enough to see whether that is newer. */
export interface IndexEntry {
  readonly version: number;
  /** When all Workers were walked through last, and how long that took. */
  readonly lookedAt: number;
  readonly tookMs: number;
  /** When the rule's next pass is scheduled, epoch ms. */
  readonly nextAt: number | null;
}

export interface MembershipCopy {
  readonly version: number;
  readonly members: ReadonlySet<string>;
  readonly waiting: ReadonlySet<string>;
  readonly membership: Membership;
}

export interface LoadedMembership {
  readonly value: MembershipDocument;
  readonly version: number;
}

const EMPTY: MembershipDocument = { membership: NO_MEMBERS, waiting: [], wake: [] };

export class MemberDocuments {
  readonly #store: Store;
  readonly #index: SharedDocument<Readonly<Record<string, IndexEntry>>>;
  readonly #copies = new Map<string, MembershipCopy>();
  /** How often each copy was replaced: a read that began before the last time is outdated. */
  readonly #taken = new Map<string, number>();

  constructor(store: Store) {
    this.#store = store;
    this.#index = new SharedDocument(store, 'limits', {});
  }

  /** The rules that have a document. */
  names(): readonly string[] {
    return Object.keys(this.#index.current());
  }

  entry(name: string): IndexEntry | undefined {
    return ownProperty(this.#index.current(), name);
  }

  /** The copy, as last read or changed here. */
  copy(name: string): MembershipCopy | undefined {
    return this.#copies.get(name);
  }

  async refresh(names: readonly string[]): Promise<void> {
    await this.#index.refresh();
    // A lower one: the store lost its data, or the index does not have the newest yet.
    const others = names.filter(
      (name) => (this.entry(name)?.version ?? 0) !== (this.copy(name)?.version ?? 0),
    );
    await Promise.all(others.map((name) => this.load(name)));
  }

  /** null: the rule no longer has a limit. */
  async setEntry(name: string, entry: IndexEntry | null): Promise<void> {
    await this.#index.change((index) => {
      const { [name]: _, ...others } = index;
      return entry === null ? others : { ...others, [name]: entry };
    });
  }

  async load(name: string): Promise<LoadedMembership> {
    const began = this.#takenOf(name);
    const found = await this.#store.getDocument(documentOf(name));
    // Only this class saves it, so its form is known.
    const value = found === null ? EMPTY : (found.value as unknown as MembershipDocument);
    const version = found?.version ?? 0;
    this.#take(name, value, { version, began });
    return { value, version };
  }

  /** False, with nothing changed, if somebody else saved it since. */
  async put(name: string, value: MembershipDocument, version: number): Promise<boolean> {
    const began = this.#takenOf(name);
    const json = value as unknown as Json;
    if (!(await this.#store.putDocument(documentOf(name), json, version))) return false;
    this.#take(name, value, { version: version + 1, began });
    return true;
  }

  #takenOf(name: string): number {
    return this.#taken.get(name) ?? 0;
  }

  /** A lower version is an outdated read, or a store that lost its data and starts anew. */
  #take(
    name: string,
    { membership, waiting }: MembershipDocument,
    { version, began }: { readonly version: number; readonly began: number },
  ): void {
    const taken = this.#takenOf(name);
    if (version < (this.#copies.get(name)?.version ?? 0) && taken !== began) return;
    this.#taken.set(name, taken + 1);
    const members = new Set(membership.members);
    this.#copies.set(name, { version, members, waiting: new Set(waiting), membership });
  }
}

function documentOf(rule: string): string {
  return `members:${rule}`;
}
