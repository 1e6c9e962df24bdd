import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FolderWatch, watchFolder } from '../../../src/language/watch.ts';

let root: string;
let folder: string;
let watch: FolderWatch | null = null;
let changes = 0;
let notify: (() => void) | null = null;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'headroom-watch-'));
  folder = join(root, 'rules');
  mkdirSync(folder);
  changes = 0;
});
afterEach(() => {
  watch?.stop();
  watch = null;
  rmSync(root, { recursive: true, force: true });
});

const OPTIONS = { settleMs: 40, retryMs: 40, pollMs: 60_000 };

/** Starts watching and waits for the first look. */
async function begin(options: { pollMs?: number } = {}): Promise<void> {
  const onChange = () => {
    changes += 1;
    notify?.();
  };
  watch = watchFolder(folder, onChange, { ...OPTIONS, ...options });
  await watch.ready;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until the watcher has reported once more than before `act`. */
async function change(act: () => void): Promise<void> {
  const next = new Promise<void>((resolve) => {
    notify = resolve;
  });
  act();
  await next;
}

describe('watching the rules folder', () => {
  it('reports a file that is written in place, created, renamed over or removed', async () => {
    const file = join(folder, 'a.yaml');
    writeFileSync(file, 'version: 1\n');
    await begin();
    await change(() => writeFileSync(file, 'version: 1 # more\n'));
    await change(() => writeFileSync(join(folder, 'b.yaml'), 'version: 1\n'));
    await change(() => {
      writeFileSync(join(folder, '.a.yaml.tmp'), 'version: 1 # again\n');
      renameSync(join(folder, '.a.yaml.tmp'), file);
    });
    await change(() => rmSync(file));
    expect(changes).toBe(4);
  });

  it('reports several writes at once only once, and unchanged content not at all', async () => {
    const file = join(folder, 'a.yaml');
    writeFileSync(file, 'version: 1\n');
    await begin();
    writeFileSync(file, 'version: 1\n');
    writeFileSync(join(folder, 'notes.txt'), 'x');
    await pause(150);
    expect(changes).toBe(0);
    await change(() => {
      for (let i = 0; i < 5; i++) writeFileSync(join(folder, `${i}.yaml`), 'version: 1\n');
    });
    await pause(150);
    expect(changes).toBe(1);
  });

  it('reports a change in a subfolder created while it watches', async () => {
    await begin();
    mkdirSync(join(folder, 'calendars'));
    await pause(150);
    await change(() => writeFileSync(join(folder, 'calendars', 'uk.ics'), 'BEGIN:VCALENDAR'));
    await change(() => writeFileSync(join(folder, 'calendars', 'uk.ics'), 'BEGIN:VCALENDAR\n'));
    expect(changes).toBe(2);
  });

  it('reports when a ConfigMap swaps its link', async () => {
    const version = (name: string, text: string) => {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'a.yaml'), text);
      symlinkSync(name, join(folder, '..data_tmp'));
      renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    };
    version('..1', 'version: 1\n');
    symlinkSync('..data/a.yaml', join(folder, 'a.yaml'));
    await begin();
    await change(() => {
      version('..2', 'version: 1 # two\n');
      rmSync(join(folder, '..1'), { recursive: true });
    });
    await change(() => version('..3', 'version: 1 # three\n'));
    expect(changes).toBe(2);
  });

  it('survives the removal and return of the folder', async () => {
    writeFileSync(join(folder, 'a.yaml'), 'version: 1\n');
    await begin();
    await change(() => rmSync(folder, { recursive: true }));
    await change(() => {
      mkdirSync(folder);
      writeFileSync(join(folder, 'a.yaml'), 'version: 1\n');
    });
    await pause(200);
    const before = changes;
    await change(() => writeFileSync(join(folder, 'a.yaml'), 'version: 1 # back\n'));
    expect(changes).toBe(before + 1);
  });

  it('finds by polling what no event reported', async () => {
    const elsewhere = join(root, 'elsewhere.yaml');
    writeFileSync(elsewhere, 'version: 1\n');
    symlinkSync(elsewhere, join(folder, 'a.yaml'));
    await begin({ pollMs: 50 });
    await change(() => writeFileSync(elsewhere, 'version: 1 # more\n'));
    expect(changes).toBe(1);
  });

  it('is silent once stopped', async () => {
    await begin();
    watch?.stop();
    // Another one reports it, and would do so after the stopped one.
    let heard = (): void => {};
    const other = new Promise<void>((resolve) => {
      heard = resolve;
    });
    watch = watchFolder(folder, () => heard(), OPTIONS);
    await watch.ready;
    writeFileSync(join(folder, 'a.yaml'), 'version: 1\n');
    await other;
    expect(changes).toBe(0);
  });
});
