// The keys under which passes are asked for and wakes are booked: a Worker's is its SID, a rule's
// own begins with a word that no SID does.

const RULE = 'rule:';

/** The rule whose own pass has this key; null: it is a Worker's. */
export function ruleOfKey(key: string): string | null {
  return key.startsWith(RULE) ? key.slice(RULE.length) : null;
}

export function keyOfRule(rule: string): string {
  return RULE + rule;
}
