// What keeps headroom within bounds, and how much of it is used: the guardrails that count Workers,
// the limits of rules, the replicas and whether they hold the same rules.

import type { StatusView } from '../live/types.ts';
import { when } from '../ui/time.ts';
import { Fact, Facts } from './facts.tsx';

export function Guardrails({ status: { guardrails, limits } }: { status: StatusView }) {
  if (guardrails === null && limits.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="health-guardrails">
      <h2 id="health-guardrails">Guardrails and limits</h2>
      <Facts>
        {guardrails?.keepOpen.map(({ group, channel, open, atLeast }) => (
          <Fact key={`${group} ${channel}`} name={`keep_open: ${group}, ${channel}`}>
            {open} open, minimum {atLeast}
          </Fact>
        ))}
        {guardrails?.maxChange && (
          <Fact name="max_change">
            {guardrails.maxChange.written} of {guardrails.maxChange.allowed} Workers changed in the
            window
          </Fact>
        )}
        {guardrails !== null && <Fact name="Workers waiting">{guardrails.waiting}</Fact>}
        {limits.map(({ rule, members, allowed, candidates, next }) => (
          <Fact key={rule} name={`limit: ${rule}`}>
            {members} of {allowed} Workers, {candidates} candidates
            {next !== null && `, more places at ${when(next)}`}
          </Fact>
        ))}
      </Facts>
    </section>
  );
}

export function Replicas({ status: { rules } }: { status: StatusView }) {
  const { replicas, holding, broken, waiting } = rules;
  return (
    <>
      <p>
        {holding} of {replicas} {replicas === 1 ? 'replica has' : 'replicas have'} this set in its
        rules folder.
        {broken > 0 && ` ${broken} ${broken === 1 ? 'has' : 'have'} problems in the rules folder.`}
      </p>
      {waiting.map(({ id, holding: n }) => (
        <p key={id}>
          Rule set {id} takes effect when every replica has it ({n} of {replicas} so far).
        </p>
      ))}
    </>
  );
}
