// A state machine for days of faults: the shipped settings, a model that says nothing, and a journal that is only a
// number. It takes what a session would deliver, and hands out what the data were found to lack.
import { configSchema } from '../../config/schema.ts';
import { engineSettings } from '../configuration.ts';
import type { ControlCommand, Input } from '../input.ts';
import type { Model } from '../predict/model.ts';
import type { Finding } from '../quality/findings.ts';
import type { Reference } from '../reference/reference.ts';
import { StateMachine } from '../state-machine.ts';
import type { Registration } from './market-player.ts';

const SILENT_MODEL: Model = { name: 'none', hash: '', featureNames: [], predict() {}, dispose() {} };

export interface DayMachineOptions {
  /** Session of each registration. */
  readonly sessionOf: (registration: Registration) => string;
  readonly registrations: readonly Registration[];
  /** UTC microseconds: the run begins, and all is registered. */
  readonly beginUs: number;
  /** Between two publications of scores. */
  readonly scoresEveryMs: number;
  readonly onFinding: (finding: Finding, machine: StateMachine) => void;
}

export class DayMachine {
  readonly machine: StateMachine;
  /** Number of the first entry that was not applied yet. */
  private offset = 0;
  private readonly options: DayMachineOptions;
  private readonly contents = new Map<string, Reference>();
  private inputs: Input[] = [];

  constructor(options: DayMachineOptions) {
    this.options = options;
    const config = configSchema.parse({
      indicators: { timeFrames: ['1m'] },
      bars: { intervals: ['1m'] },
      quality: { everyMs: options.scoresEveryMs },
    });
    const settings = engineSettings(config);
    this.machine = new StateMachine({
      settingsOf: () => settings,
      modelOf: () => SILENT_MODEL,
      referenceOf: (hash) => this.contents.get(hash)!,
      onFinding: (finding) => options.onFinding(finding, this.machine),
    });
    const versions = { kisignal: 'test', node: process.version, backend: 'wasm' } as const;
    const hashes = { configHash: 'config', modelHash: 'model', calendarHash: 'calendar' };
    this.control(
      { type: 'start', epoch: 'e1', source: 'simulated', feed: 'feed-1', ...hashes, versions },
      options.beginUs,
    );
    for (const session of this.sessions) this.connect(session, options.beginUs);
    this.apply();
  }

  get sessions(): ReadonlySet<string> {
    return new Set(this.options.registrations.map(this.options.sessionOf));
  }

  /** Number of the entry that comes next. */
  get nextOffset(): number {
    return this.offset + this.inputs.length;
  }

  frame(bytes: Uint8Array, engineTimeUs: number): void {
    this.inputs.push({ kind: 'frame', engineTimeUs, bytes });
  }

  clock(engineTimeUs: number): void {
    this.inputs.push({ kind: 'clock', engineTimeUs });
  }

  control(command: ControlCommand, engineTimeUs: number): void {
    this.inputs.push({ kind: 'control', engineTimeUs, command });
  }

  /** An answer of REST. */
  reference(reference: Reference, engineTimeUs: number): void {
    const hash = `reference-${this.contents.size}`;
    this.contents.set(hash, reference);
    this.control({ type: 'reference', kind: reference.kind, hash }, engineTimeUs);
  }

  lose(session: string, engineTimeUs: number): void {
    this.inputs.push({ kind: 'session', engineTimeUs, session, event: 'lost', code: 'reset' });
  }

  /** The session comes, with all of its registrations. */
  connect(session: string, engineTimeUs: number): void {
    this.inputs.push({ kind: 'session', engineTimeUs, session, event: 'connected' });
    for (const registration of this.options.registrations) {
      if (this.options.sessionOf(registration) !== session) continue;
      const [trId, trKey] = registration;
      this.inputs.push({ kind: 'session', engineTimeUs, session, event: 'registered', trId, trKey, code: 'OPSP0000' });
    }
  }

  /** All that has come since, as one batch. */
  apply(): void {
    if (this.inputs.length === 0) return;
    this.machine.apply(this.inputs, this.offset);
    this.offset += this.inputs.length;
    this.inputs = [];
  }
}
