// Where faults are asked for, and where each waits until its time comes. What happens at once is done by the server.
import { partsOf } from '../feed.ts';
import { FAULTS, type FaultTypeAt } from './catalogue.ts';
import { FaultLog } from './fault-log.ts';
import { FrameFaults, isFrameFault } from './frame-faults.ts';
import { lossOf, NO_LOSS, parseFrame } from './frame-record.ts';
import { PendingFaults, type WaitingFault } from './pending-faults.ts';
import type { FaultRequest } from './request.ts';

export type TransportType = FaultTypeAt<'transport'>;
export type RegistrationType = FaultTypeAt<'registration'>;
export type AtOnceType = FaultTypeAt<'at_once'>;

/** What the server does to its sessions, keys and feed. */
export type AtOnceActs = Readonly<Record<AtOnceType, () => void>>;

export interface FaultDeskOptions {
  /** Feed time, UTC microseconds. */
  readonly timeUs: () => number;
  readonly atOnce: AtOnceActs;
}

const STORM_FRAMES = 20;

export class FaultDesk {
  readonly log = new FaultLog();
  readonly frames: FrameFaults;
  readonly registrations = new PendingFaults<RegistrationType>();
  private readonly options: FaultDeskOptions;
  private readonly transport = new PendingFaults<TransportType>();
  private storm = { sessions: 0, frames: 0 };

  constructor(options: FaultDeskOptions) {
    this.options = options;
    this.frames = new FrameFaults({ log: this.log, timeUs: options.timeUs });
  }

  /** Throws a RangeError where too many wait already. */
  ask(request: FaultRequest): void {
    if (isFrameFault(request)) accepted(this.frames.add(request));
    else if (isTransport(request)) accepted(this.transport.add(request));
    else if (isRegistration(request)) accepted(this.registrations.add(request));
    else {
      this.note(request.type);
      if (isAtOnce(request.type)) this.options.atOnce[request.type]();
      else this.beginStorm(request);
    }
  }

  /** How the frame's turn to be carried badly has come, if it has. */
  takeTransport(frame: Buffer, registration: string): WaitingFault<TransportType> | undefined {
    if (this.transport.isEmpty) return undefined;
    const [trId, trKey] = partsOf(registration);
    const fault = this.transport.take(trId, trKey);
    if (fault === undefined) return undefined;
    const parsed = fault.type === 'cut' ? parseFrame(frame.toString('utf8')) : undefined;
    const loss = parsed === undefined ? NO_LOSS : lossOf(parsed);
    this.log.add({ type: fault.type, trId, trKey, timeUs: this.options.timeUs(), ...loss });
    return fault;
  }

  /** Data frames after which a new session is reset; undefined outside a storm. */
  takeSessionFrames(): number | undefined {
    if (this.storm.sessions === 0) return undefined;
    this.storm.sessions -= 1;
    return this.storm.frames;
  }

  private beginStorm({ count = 1, frames = STORM_FRAMES }: FaultRequest): void {
    this.storm = { sessions: count, frames };
    this.options.atOnce.reset();
  }

  private note(type: FaultRequest['type']): void {
    this.log.add({ type, trId: '', trKey: '', timeUs: this.options.timeUs(), ...NO_LOSS });
  }
}

function accepted(added: boolean): void {
  if (!added) throw new RangeError('too many faults wait already');
}

function isTransport(request: FaultRequest): request is WaitingFault<TransportType> {
  return FAULTS[request.type].place === 'transport';
}

function isRegistration(request: FaultRequest): request is WaitingFault<RegistrationType> {
  return FAULTS[request.type].place === 'registration';
}

function isAtOnce(type: FaultRequest['type']): type is AtOnceType {
  return FAULTS[type].place === 'at_once';
}
