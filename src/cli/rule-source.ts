// The rules folder as the daemon's source of rules: what is read, compiled and watched.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { RuleSource } from '../control/rules-keeper.ts';
import { compileRules } from '../language/compile.ts';

export function ruleSource(config: Pick<Config, 'rulesDir'>): RuleSource {
  return {
    async read() {
      const names = await readdir(config.rulesDir, { recursive: true });
      const files = [];
      for (const name of names)
        if (/ya?ml$/.test(name))
          files.push({ name, text: await readFile(join(config.rulesDir, name), 'utf8') });
      return { files, faults: [] };
    },
    compile(files) {
      const { ruleSet, diagnostics } = compileRules(files);
      return { ruleSet, faults: diagnostics };
    },
    watch: () => ({ stop() {} }),
  };
}
