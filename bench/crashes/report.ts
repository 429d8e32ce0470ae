// What a demonstration found: as an object for JSON, and as text.
import type { EndReport } from '../kisignal-process.ts';
import type { Proof } from './proof.ts';
import type { RecoveryTimes } from './recovery-times.ts';
import type { Witness } from './witness.ts';

export interface CrashReport {
  readonly name: string;
  readonly seed: number;
  /** By name of the process, or of what else was done. */
  readonly disturbances: Readonly<Record<string, number>>;
  readonly recoveries: number;
  readonly recoveryMsP50: number;
  readonly recoveryMsMax: number;
  readonly clients: number;
  readonly connections: number;
  readonly received: number;
  readonly live: EndReport | null;
  readonly proof: Proof;
  /** None: it holds. */
  readonly failures: readonly string[];
  readonly seconds: number;
}

export interface ReportParts
  extends Omit<
    CrashReport,
    'recoveries' | 'recoveryMsP50' | 'recoveryMsMax' | 'clients' | 'connections' | 'received' | 'seconds'
  > {
  readonly times: RecoveryTimes;
  readonly witnesses: readonly Witness[];
  readonly beganMs: number;
}

export function reportOf({ times, witnesses, beganMs, live, ...parts }: ReportParts): CrashReport {
  const total = (of: (witness: Witness) => number): number => witnesses.reduce((sum, one) => sum + of(one), 0);
  return {
    ...parts,
    live: live === null ? null : { messages: live.messages, streams: live.streams, digest: live.digest },
    recoveries: times.ms.length,
    recoveryMsP50: Math.round(times.quantile(0.5)),
    recoveryMsMax: Math.round(times.quantile(1)),
    clients: witnesses.length,
    connections: total(({ connections }) => connections),
    received: total(({ messages }) => messages),
    seconds: Math.round((performance.now() - beganMs) / 1000),
  };
}

export function renderReport(report: CrashReport): string {
  const { proof, disturbances, failures } = report;
  const number = (value: number): string => value.toLocaleString('en');
  const done = Object.entries(disturbances).map(([name, times]) => `${name} ${times}`);
  return `${report.name}, seed ${report.seed}: ${failures.length === 0 ? 'holds' : 'FAILED'}
disturbed   ${done.join(', ')}
recovered   ${report.recoveries} times, p50 ${number(report.recoveryMsP50)} ms, longest ${number(report.recoveryMsMax)} ms
clients     ${report.clients} on ${report.connections} connections, ${number(report.received)} messages, ${number(proof.proven)} of them given again by the journal${proof.ofMachines === 0 ? '' : `, ${number(proof.ofMachines)} of machines`}
journal     ${number(proof.entries)} entries, ${number(proof.messages)} messages of ${number(proof.streams)} streams, digest ${proof.digest}
gaps        ${number(proof.gaps)}, ${number(proof.missingShares)} shares; by the running totals ${number(proof.missingSharesByTotals)}
${failures.map((failure) => `FAILED      ${failure}\n`).join('')}${report.seconds} s
`;
}
