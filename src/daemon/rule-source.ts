// The rules folder as the daemon's source of rules: what is read, compiled and watched.

import type { Config } from '../config.ts';
import type { RuleSource } from '../control/rule-source.types.ts';
import { compileRules } from '../language/compile.ts';
import { readFolder } from '../language/folder.ts';
import { watchFolder } from '../language/watch.ts';

export function ruleSource(config: Pick<Config, 'rulesDir'>): RuleSource {
  return {
    async read() {
      const { files, diagnostics } = await readFolder(config.rulesDir);
      // A folder that could not be read completely is a fault, whatever its other files contain.
      return { files: diagnostics.length > 0 ? null : files, faults: diagnostics };
    },
    compile(files) {
      const { ruleSet, diagnostics } = compileRules(files);
      return { ruleSet, faults: diagnostics };
    },
    watch: (onChange) => watchFolder(config.rulesDir, onChange),
  };
}
