// What must hold at the end of every demonstration, whoever was killed: each breach is a line; no line is a pass.
import type { EndReport } from '../kisignal-process.ts';
import type { Member } from './member.ts';
import type { Proof } from './proof.ts';
import type { Witness } from './witness.ts';

export interface Evidence {
  readonly members: readonly Member[];
  readonly witnesses: readonly Witness[];
  readonly proof: Proof;
  /** What the last process that derives reported at its end, and what `kisignal replay` prints; null where not asked. */
  readonly live: EndReport | null;
  readonly replayed: EndReport | null;
}

export function failuresOf({ members, witnesses, proof, live, replayed }: Evidence): string[] {
  const failures = members.flatMap((member) => member.failures);
  for (const [i, { breaches, breachesTotal, messages }] of witnesses.entries()) {
    failures.push(...breaches.map((breach) => `client ${i + 1}: ${breach}`));
    if (breachesTotal > breaches.length) failures.push(`client ${i + 1}: ${breachesTotal} breaches in all`);
    if (messages === 0) failures.push(`client ${i + 1} received nothing`);
  }
  if (proof.unproven !== 0) failures.push(`${proof.unproven} messages of clients do not follow from the journal`);
  for (const [name, report] of [
    ['the live run', live],
    ['kisignal replay', replayed],
  ] as const) {
    if (report !== null && report.digest !== proof.digest)
      failures.push(`${name} has digest ${report.digest}, the journal left behind gives ${proof.digest}`);
  }
  if (proof.missingShares !== proof.missingSharesByTotals) {
    failures.push(`gaps of ${proof.missingShares} shares, and the running totals miss ${proof.missingSharesByTotals}`);
  }
  return failures;
}
