// Who wants to hear when something changed. Told at most once a frame of the screen, so that any
// number of changes that arrive together are drawn together.

import { useEffect, useReducer } from 'preact/hooks';

export class Topics<T extends string> {
  readonly #listening = new Map<T, Set<() => void>>();
  readonly #changed = new Set<T>();
  #waiting = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #frame = 0;
  #then: (() => void)[] = [];

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
    // A page that nobody sees gets no frames, also one that was left a moment ago.
    this.#timer = setTimeout(() => this.#tell(), 1_000);
    this.#frame = requestAnimationFrame(() => this.#tell());
  }

  /**
   * Resolves once what changed so far was told, in a task of its own: whoever has more to tell
   * waits for it, so that a slow machine draws little more often and not much at once.
   */
  told(): Promise<void> {
    if (!this.#waiting || document.hidden) return Promise.resolve();
    return new Promise((done) => this.#then.push(done));
  }

  #tell(): void {
    this.#waiting = false;
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frame);
    const topics = [...this.#changed];
    this.#changed.clear();
    const listeners = new Set(topics.flatMap((topic) => [...(this.#listening.get(topic) ?? [])]));
    for (const listener of listeners) listener();
    const then = this.#then;
    this.#then = [];
    if (then.length === 0) return;
    setTimeout(() => {
      for (const done of then) done();
    });
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
