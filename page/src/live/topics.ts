// Notifies listeners of changes, at most once per frame, so that any number of changes that arrive
// together are drawn together.

import { useEffect, useReducer } from 'preact/hooks';

export class Topics<T extends string> {
  readonly #listeners = new Map<T, Set<() => void>>();
  readonly #changed = new Set<T>();
  #flushScheduled = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #frame = 0;
  #flushWaiters: (() => void)[] = [];

  on(topic: T, listener: () => void): () => void {
    const all = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, all);
    all.add(listener);
    return () => void all.delete(listener);
  }

  changed(topic: T): void {
    this.#changed.add(topic);
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    // A page that is not visible gets no frames, even one that was left a moment ago.
    this.#timer = setTimeout(() => this.#flush(), 1_000);
    this.#frame = requestAnimationFrame(() => this.#flush());
  }

  /**
   * Resolves once the changes so far have been reported, in a task of its own. A caller with more
   * changes waits for it, so that a slow machine draws little at a time, more often.
   */
  flushed(): Promise<void> {
    if (!this.#flushScheduled || document.hidden) return Promise.resolve();
    return new Promise((done) => this.#flushWaiters.push(done));
  }

  #flush(): void {
    this.#flushScheduled = false;
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frame);
    const topics = [...this.#changed];
    this.#changed.clear();
    const listeners = new Set(topics.flatMap((topic) => [...(this.#listeners.get(topic) ?? [])]));
    for (const listener of listeners) listener();
    const then = this.#flushWaiters;
    this.#flushWaiters = [];
    if (then.length === 0) return;
    setTimeout(() => {
      for (const done of then) done();
    });
  }
}

/** Redraws the component when one of these topics changes. */
export function useTopics<T extends string>(topics: Topics<T>, ...names: readonly T[]): void {
  const [, draw] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    const undo = names.map((name) => topics.on(name, () => draw(undefined)));
    return () => {
      for (const each of undo) each();
    };
  }, [topics]);
}
