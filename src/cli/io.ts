// What every command works with, and the four ways it can end.

/** 0 done, 1 failed, 2 misused, 3 findings. */
export const EXIT = { done: 0, failed: 1, misused: 2, findings: 3 } as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  out(line: string): void;
  err(line: string): void;
}
