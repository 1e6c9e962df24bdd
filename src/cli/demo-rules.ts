// The rules of the demo: few, and each shows its effect within seconds.

export const DEMO_RULES = `version: 1
defaults:
  timezone: UTC
  mode: enforce
  human_edit: { respect: 2h }
  baseline: { voice: 1, chat: 1 }
guardrails: { bounds: { voice: [0, 1], chat: [0, 5] }, min_dwell: 1s }
rules:
  - name: available
    who: everyone
    when: activity.available
    then: { chat: 3 }
    why: "Available: three chats at once"
  - name: on-a-call
    who: everyone
    when: { enter: channel("voice").assigned >= 1, keep: 3s }
    then: { chat: pause }
    why: "On a call: no new chats until three seconds after it"
  - name: hands-full
    who: everyone
    when:
      enter: channel("chat").assigned >= 2
      exit: channel("chat").assigned == 0
      for: 2s
      keep: 4s
    then: { voice: pause }
    why: "Two chats assigned: no calls until shortly after they end"
  - name: overload
    who: { where: 'worker.team == "support"' }
    when:
      enter: activity.available && queue("Support").waiting >= 3
      exit: queue("Support").waiting == 0
      for: 2s
      keep: 5s
    then: { chat: { add: 1, max: 5 } }
    why: "Support has {queue.Support.waiting} waiting: one more chat each"
`;

/** The rules added while the daemon runs. Lunch begins and ends at full minutes, UTC. */
export function lunchRules(lunch: { readonly from: Date; readonly to: Date }): string {
  const clock = (at: Date) => at.toISOString().slice(11, 16);
  return `version: 1
schedules:
  lunch: { days: mon-sun, hours: "${clock(lunch.from)}-${clock(lunch.to)}" }
rules:
  - name: lunch
    who: { where: 'worker.team == "support"' }
    during: lunch
    when: activity.available
    then: { chat: pause }
    why: "Support is at lunch: no new chats"
`;
}

const MINUTE_MS = 60_000;

/** From the start of the current minute to the first full minute at least `leastMs` away. */
export function demoLunch(now: number, leastMs: number): { from: Date; to: Date } {
  const from = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  return { from: new Date(from), to: new Date(Math.ceil((now + leastMs) / MINUTE_MS) * MINUTE_MS) };
}
