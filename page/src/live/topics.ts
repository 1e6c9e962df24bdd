// Who wants to hear when something changed. Told at most once a frame of the screen, so that any
// number of changes that arrive together are drawn together.

import { useEffect, useReducer } from 'preact/hooks';

export class Topics<T extends string> {
  readonly #listening = new Map<T, Set<() => void>>();
  readonly #changed = new Set<T>();
  #waiting = false;

  on(topic: T, listener: () => void): () => void {
    const all = this.#listening.get(topic) ?? new Set();
    this.#listening.set(topic, all);
    all.add(listener);
    return () => void all.delete(listener);
  }

  changed(topic: T): void {
    this.#changed.add(topic);
    if (this.#waiting) return;
    this.#waiting = true;
    // A page that nobody sees gets no frames, but its title should still be true.
    if (document.hidden) setTimeout(() => this.#tell(), 1_000);
    else requestAnimationFrame(() => this.#tell());
  }

  #tell(): void {
    this.#waiting = false;
    const topics = [...this.#changed];
    this.#changed.clear();
    const listeners = new Set(topics.flatMap((topic) => [...(this.#listening.get(topic) ?? [])]));
    for (const listener of listeners) listener();
  }
}

/** Draws the component anew when one of these changes. */
export function useTopics<T extends string>(topics: Topics<T>, ...names: readonly T[]): void {
  const [, draw] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    const undo = names.map((name) => topics.on(name, () => draw(undefined)));
    return () => {
      for (const each of undo) each();
    };
  }, [topics]);
}
