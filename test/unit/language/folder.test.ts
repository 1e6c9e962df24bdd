import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadRules, readFolder } from '../../../src/language/folder.ts';

const RULES = 'version: 1\nrules:\n  - { name: r, who: everyone, then: { chat: 2 } }\n';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-rules-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string | Uint8Array): void {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), content);
}

async function problemsIn(path = folder): Promise<readonly string[]> {
  const { ruleSet, diagnostics } = await loadRules(path);
  expect(ruleSet).toBeNull();
  return diagnostics.map((d) => `${d.file}:${d.line}:${d.column} ${d.code} ${d.message}`);
}

describe('reading the rules folder', () => {
  it('takes YAML and ICS files from it and its subfolders, but no hidden ones', async () => {
    write('b.yml', RULES);
    write('a.yaml', RULES);
    write('calendars/uk.ics', 'BEGIN:VCALENDAR');
    write('notes.md', 'no');
    write('.hidden.yaml', 'no');
    write('..2026_11_23/a.yaml', 'no');
    const { files, diagnostics } = await readFolder(folder);
    expect(diagnostics).toEqual([]);
    expect(files.map(({ name }) => name)).toEqual(['a.yaml', 'b.yml', 'calendars/uk.ics']);
  });

  it('drops a byte order mark', async () => {
    write('a.yaml', `\uFEFF${RULES}`);
    expect((await readFolder(folder)).files[0]?.text).toBe(RULES);
    write('a.yaml', `# \uFFFD\n${RULES}`);
    expect((await loadRules(folder)).diagnostics).toEqual([]);
  });

  it("follows a ConfigMap's links", async () => {
    write('..data_1/a.yaml', RULES);
    symlinkSync('..data_1', join(folder, '..data'));
    symlinkSync('..data/a.yaml', join(folder, 'a.yaml'));
    expect((await loadRules(folder)).ruleSet?.rules).toHaveLength(1);
  });

  it('does not follow circular links', async () => {
    write('a.yaml', RULES);
    symlinkSync('.', join(folder, 'again'));
    expect((await readFolder(folder)).files.map(({ name }) => name)).toEqual(['a.yaml']);
  });

  it('reports a missing folder, a file in its place, and an empty folder as a fault', async () => {
    const gone = join(folder, 'gone');
    expect(await problemsIn(gone)).toEqual([
      `.:1:1 folder.missing there is no rules folder at "${gone}"`,
    ]);
    write('file', 'x');
    const file = join(folder, 'file');
    expect(await problemsIn(file)).toEqual([
      `.:1:1 folder.not_a_folder "${file}" is a file, expected a folder of *.yaml files`,
    ]);
    expect(await problemsIn()).toEqual([
      '.:1:1 folder.no_rules the rules folder contains no *.yaml file, expected at least one rule',
    ]);
  });

  it('reports what it cannot read, and checks the rest', async () => {
    write('a.yaml', 'version: 2\n');
    write('latin.yaml', Uint8Array.from([0x23, 0x0a, 0x20, 0xe9, 0x0a]));
    write('large.yaml', `#${'x'.repeat(1_000_000)}`);
    write('wide.yaml', Buffer.from(`\uFEFF${RULES}`, 'utf16le'));
    symlinkSync('nowhere', join(folder, 'link.yaml'));
    expect(await problemsIn()).toEqual([
      'a.yaml:1:10 version.wrong "version" is the number 2, expected the number 1',
      'large.yaml:1:1 file.too_large the file has 1001 kB, expected at most 1000 kB; split it into several files',
      'latin.yaml:2:2 file.not_utf8 the byte 0xe9 is not UTF-8; save the file as UTF-8',
      'link.yaml:1:1 file.unreadable the file cannot be read: it is a link to nothing, or was just removed',
      'wide.yaml:1:1 file.utf16 the file is UTF-16, expected UTF-8; save it as UTF-8',
    ]);
  });

  it('refuses more files than anybody writes by hand', async () => {
    for (let i = 0; i <= 500; i++) write(`${i}.yaml`, '');
    expect(await problemsIn()).toEqual([
      '.:1:1 folder.too_many_files the rules folder holds 501 files, expected at most 500',
    ]);
  });
});
