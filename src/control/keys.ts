// The keys of passes and wakes: a Worker's is its SID, a rule's has a prefix that no SID has.

const RULE = 'rule:';

/** The rule whose own pass has this key; null: it is no rule's. */
export function ruleOfKey(key: string): string | null {
  return key.startsWith(RULE) ? key.slice(RULE.length) : null;
}

export function keyOfRule(rule: string): string {
  return RULE + rule;
}
