// Days and events from an ICS file.
import type { Code } from './codes.ts';

export interface IcsMistake {
  readonly code: Code;
  readonly line: number;
  readonly message: string;
}

export interface IcsRead {
  readonly dates: readonly string[];
  readonly spans: readonly (readonly [number, number])[];
  readonly mistakes: readonly IcsMistake[];
}

export function readIcs(_options: {
  readonly file: string;
  readonly text: string;
  readonly zone: string | null;
}): IcsRead {
  return { dates: [], spans: [], mistakes: [] };
}
