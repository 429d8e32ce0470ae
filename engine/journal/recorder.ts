// Records each batch before it is applied, and says what is to be applied. Where the journal cannot be written, data
// flow on under an epoch of their own, unjournaled and counted; once it can be written again, a new epoch begins.
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { ControlCommand, ControlInput, Input, InputBatch, SessionInput } from '../input.ts';
import { type Journal, JournalUnavailable } from './journal.ts';

/** How an epoch begins whose messages stand in no journal. */
export const UNJOURNALED = 'unjournaled-';
/** Engine time between two attempts to write again. */
const RETRY_US = 1_000_000;

type Start = Extract<ControlCommand, { type: 'start' }>;

export interface RecordedBatch {
  readonly receivedUs: number;
  readonly inputs: readonly Input[];
  /** Journal number of the first input; −1 where the batch is not in the journal. */
  readonly firstOffset: number;
  /** Its number among the journal's batches; −1 likewise. */
  readonly batchId: number;
}

export class Recorder {
  /** Inputs that were applied without being journaled. */
  unjournaledInputs = 0;
  /** Entries whose time lay before the last entry's and was moved up to it: a clock went back, or two sources crossed. */
  clampedInputs = 0;
  private readonly journal: Journal;
  private readonly log: Logger;
  private start: Start | null = null;
  /** The last command of each kind that holds until the next one of its kind. */
  private readonly standing = new Map<string, ControlCommand>();
  private readonly connected = new Map<string, SessionInput>();
  /** Confirmed, by TR and key. */
  private readonly registered = new Map<string, SessionInput>();
  private lastTimeUs: number;
  /** Engine time of the next attempt while the journal is away; 0 while it is there. */
  private retryAtUs = 0;

  constructor(journal: Journal, log: Logger) {
    this.journal = journal;
    this.log = log;
    this.lastTimeUs = journal.lastTimeUs;
  }

  get available(): boolean {
    return this.retryAtUs === 0;
  }

  record({ inputs, receivedUs }: InputBatch): RecordedBatch {
    for (const input of inputs) this.clamp(input);
    for (const input of inputs) this.remember(input);
    if (this.retryAtUs > 0 && this.lastTimeUs < this.retryAtUs) return this.unjournaled(inputs, receivedUs);
    const toAppend = this.retryAtUs > 0 ? [...this.resumption(), ...inputs] : inputs;
    try {
      const firstOffset = this.journal.append(toAppend);
      if (this.retryAtUs > 0) this.log.warn('journal is written again: a new epoch begins');
      this.retryAtUs = 0;
      return { receivedUs, inputs: toAppend, firstOffset, batchId: this.journal.nextBatchId - 1 };
    } catch (error) {
      if (!(error instanceof JournalUnavailable)) throw error;
      return this.fail(error, inputs, receivedUs);
    }
  }

  private fail(error: JournalUnavailable, inputs: readonly Input[], receivedUs: number): RecordedBatch {
    const first = this.retryAtUs === 0;
    this.retryAtUs = this.lastTimeUs + RETRY_US;
    if (!first) return this.unjournaled(inputs, receivedUs);
    this.log.error({ err: error }, 'journal_unavailable: signals halt, data flow on unjournaled');
    const command: ControlCommand = { type: 'journal_unavailable', epoch: `${UNJOURNALED}${randomUUID()}` };
    const notice: ControlInput = { kind: 'control', engineTimeUs: inputs[0].engineTimeUs, command };
    // A start begins afresh, so what halts signals must come after it; anything else must already be halted.
    const starts = inputs.some((input) => input.kind === 'control' && input.command.type === 'start');
    return this.unjournaled(starts ? [...inputs, notice] : [notice, ...inputs], receivedUs);
  }

  private unjournaled(inputs: readonly Input[], receivedUs: number): RecordedBatch {
    this.unjournaledInputs += inputs.length;
    return { receivedUs, inputs, firstOffset: -1, batchId: -1 };
  }

  /** What a state machine that saw nothing of the lost time must know: a start under a new epoch, what holds, sessions. */
  private resumption(): Input[] {
    if (this.start === null) return [];
    const command: Start = { ...this.start, epoch: randomUUID() };
    this.start = command;
    const engineTimeUs = this.lastTimeUs;
    return [
      ...[command, ...this.standing.values()].map(
        (command): ControlInput => ({ kind: 'control', engineTimeUs, command }),
      ),
      ...[...this.connected.values(), ...this.registered.values()].map((event) => ({ ...event, engineTimeUs })),
    ];
  }

  private remember(input: Input): void {
    if (input.kind === 'session') this.rememberSession(input);
    if (input.kind !== 'control') return;
    const { command } = input;
    if (command.type === 'start') this.start = command;
    const kind = standingKind(command);
    if (kind !== null) this.standing.set(kind, command);
  }

  private rememberSession(input: SessionInput): void {
    const { connected, registered } = this;
    const { event, session, trId, trKey } = input;
    if (event === 'connected') connected.set(session, input);
    if (event === 'registered') registered.set(`${trId}|${trKey}`, input);
    if (event === 'unregistered') registered.delete(`${trId}|${trKey}`);
    if (event !== 'lost') return;
    connected.delete(session);
    for (const [name, one] of registered) if (one.session === session) registered.delete(name);
  }

  private clamp(input: { engineTimeUs: number }): void {
    if (input.engineTimeUs < this.lastTimeUs) {
      input.engineTimeUs = this.lastTimeUs;
      this.clampedInputs += 1;
    } else {
      this.lastTimeUs = input.engineTimeUs;
    }
  }
}

/** Null for a command that is about its moment only: bars and closes of the lost time belong to an epoch that is over. */
function standingKind(command: ControlCommand): string | null {
  switch (command.type) {
    case 'kill_switch':
    case 'subscriptions':
      return command.type;
    case 'reference':
      return command.kind === 'instruments' || command.kind === 'calendar' ? command.kind : null;
    default:
      return null;
  }
}
