// Conditions, TaskRouter expressions and `why` sentences in YAML text: the core checks them, and
// the mistakes it finds are placed at the exact character in the file.

import {
  type Condition,
  type ConditionScope,
  compileCondition,
} from '../core/condition/condition.ts';
import { checkWhy } from '../core/condition/why.ts';
import { parseTarget, type TargetExpression } from '../core/expression.ts';
import { LIMITS } from './limits.ts';
import { type Shape, text } from './shape.ts';
import type { SourceValue } from './source-value.ts';

/** CEL; `where` sees the Worker only, `when` every fact. */
export function condition(scope: ConditionScope): Shape<Condition> {
  const example = scope === 'where' ? 'worker.team == "support"' : 'channel("voice").assigned >= 1';
  return text({
    expected: `a condition such as ${example}`,
    schema: { minLength: 1 },
    parse(value, spot) {
      const compiled = compileCondition(value, scope);
      if (!compiled.ok) {
        for (const { code, message, start } of compiled.errors) {
          spot.reportAt(code, spot.offsetInText(start), message);
        }
        return undefined;
      }
      noteNames(compiled.condition, spot);
      return compiled.condition;
    },
  });
}

function noteNames(compiled: Condition, spot: SourceValue): void {
  for (const { kind, name, start } of compiled.mentions) {
    if (kind === 'group') spot.use('group', name, spot.offsetInText(start));
    if (kind === 'channel') spot.useChannel(name, spot.offsetInText(start));
  }
}

/** TaskRouter's own expression syntax, pasted from a TaskQueue. */
export const target: Shape<TargetExpression> = text({
  expected: 'a TaskRouter expression such as languages HAS "es"',
  schema: { minLength: 1 },
  parse(value, spot) {
    const parsed = parseTarget(value);
    if (parsed.ok) return parsed.expression;
    spot.reportAt('target.invalid', spot.offsetInText(parsed.error.start), parsed.error.message);
    return undefined;
  },
});

/** The sentence that people see; its placeholders are checked, the rest is free text. */
export const why: Shape<string> = text({
  expected: 'a sentence such as "Support has {queue.Support.waiting} waiting"',
  schema: { maxLength: LIMITS.whyLength },
  parse(value, spot) {
    if (value.length > LIMITS.whyLength) {
      const most = `expected at most ${LIMITS.whyLength}`;
      spot.report('why.too_long', `"${spot.label}" has ${value.length} characters, ${most}`);
      return undefined;
    }
    const errors = checkWhy(value);
    for (const { code, message, start } of errors) {
      spot.reportAt(code, spot.offsetInText(start), message);
    }
    return errors.length === 0 ? value : undefined;
  },
});
