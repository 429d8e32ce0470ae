// Spoils data frames as they were asked to be spoiled, and keeps exact account of what a client has lost by it. It knows
// no socket and no clock: whole days can pass through it in process.
import { partsOf } from '../feed.ts';
import { FAULTS, type FaultTypeAt } from './catalogue.ts';
import type { FaultLog } from './fault-log.ts';
import {
  type Frame,
  frameKind,
  frameText,
  type Loss,
  lossOf,
  NO_LOSS,
  parseFrame,
  sumOf,
  TRADE,
} from './frame-record.ts';
import { PendingFaults, type WaitingFault } from './pending-faults.ts';
import type { FaultRequest } from './request.ts';
import { SPOILERS, type Spoiled, type StatefulType } from './spoilers.ts';

export type FrameFaultType = FaultTypeAt<'frame'>;

export interface FrameFaultsOptions {
  readonly log: FaultLog;
  /** Feed time, UTC microseconds. */
  readonly timeUs: () => number;
}

/** Frames that a fault holds back until it has what it needs. */
interface Held {
  readonly type: Exclude<StatefulType, 'rewind'>;
  readonly frames: Frame[];
}

/** Sent again by a rewind. */
const REMEMBERED_FRAMES = 3;
/** A large message is longer than the buffer that many clients begin with. */
const LARGE_BYTES = 8192;

export function isFrameFault(request: FaultRequest): request is WaitingFault<FrameFaultType> {
  return FAULTS[request.type].place === 'frame';
}

export class FrameFaults {
  private readonly options: FrameFaultsOptions;
  private readonly pending = new PendingFaults<FrameFaultType>();
  private readonly held = new Map<string, Held>();
  /** The last whole frames of each registration of trades, oldest first. */
  private readonly sent = new Map<string, Buffer[]>();
  /** What false prices have added to a registration's turnover, and on which day. */
  private readonly turnover = new Map<string, { businessDate: string; won: number }>();

  constructor(options: FrameFaultsOptions) {
    this.options = options;
  }

  /** False where too many wait already. */
  add(request: WaitingFault<FrameFaultType>): boolean {
    return this.pending.add(request);
  }

  /** What goes out in place of one frame of the registration (`TR|key`): nothing, one message or several. */
  spoil(bytes: Buffer, registration: string): readonly Buffer[] {
    const untouched = this.pending.isEmpty && !this.held.has(registration) && !this.turnover.has(registration);
    const parsed = untouched ? undefined : parseFrame(bytes.toString('utf8'));
    if (parsed === undefined) {
      this.remember(bytes, registration);
      return [bytes];
    }
    const frame = this.withTurnover(parsed, registration);
    const held = this.held.get(registration);
    const messages = held === undefined ? this.fault(frame, registration) : this.complete(held, frame, registration);
    if (messages !== undefined) return messages.map((message) => Buffer.from(message));
    const whole = frame === parsed ? bytes : Buffer.from(frameText(frame));
    this.remember(whole, registration);
    return [whole];
  }

  /** What is still held back, to be sent after all: at a day's end. */
  release(): readonly { readonly registration: string; readonly frame: Buffer }[] {
    const released = [...this.held].flatMap(([registration, { frames }]) =>
      frames.map((frame) => ({ registration, frame: Buffer.from(frameText(frame)) })),
    );
    this.held.clear();
    return released;
  }

  /** Undefined where no fault wants the frame. */
  private fault(frame: Frame, registration: string): readonly string[] | undefined {
    if (this.pending.isEmpty) return undefined;
    const text = frameText(frame);
    const [trId, trKey] = partsOf(registration);
    let spoiled: Spoiled | undefined;
    const fault = this.pending.take(trId, trKey, (type) => {
      if (type === 'rewind') return this.sent.has(registration);
      if (type === 'reorder' || type === 'merge' || type === 'large') return true;
      spoiled = SPOILERS[type](frame, text);
      return spoiled !== undefined;
    });
    if (fault === undefined) return undefined;
    const { type } = fault;
    if (type === 'reorder' || type === 'merge' || type === 'large') {
      this.held.set(registration, { type, frames: [frame] });
      return [];
    }
    this.note(type, registration, spoiled?.lost ? lossOf(frame) : NO_LOSS);
    if (type === 'rewind') return [...this.sent.get(registration)!.map((sent) => sent.toString('utf8')), text];
    return this.withItsTurnover(spoiled!, frame, registration);
  }

  /** A false price stays in the day's turnover: from this frame on it is higher by so much. */
  private withItsTurnover({ messages, turnoverWon }: Spoiled, frame: Frame, registration: string): readonly string[] {
    if (turnoverWon === undefined) return messages;
    const businessDate = frame.records[0][TRADE.businessDate];
    const won = (this.turnover.get(registration)?.won ?? 0) + turnoverWon;
    this.turnover.set(registration, { businessDate, won });
    // What was false before stands in the frame already.
    return messages.map((message) => frameText(raised(parseFrame(message)!, turnoverWon, businessDate)));
  }

  private complete(held: Held, frame: Frame, registration: string): readonly string[] {
    if (held.type === 'large') return this.gather(held.frames, frame, registration);
    this.held.delete(registration);
    const [before] = held.frames;
    const texts = [frameText(before), frameText(frame)];
    if (held.type === 'merge') {
      this.note('merge', registration, sumOf(lossOf(before), lossOf(frame)));
      return [texts.join('')];
    }
    this.note('reorder', registration, NO_LOSS);
    return texts.reverse();
  }

  /** Until they are long enough together; another width ends it. */
  private gather(frames: Frame[], frame: Frame, registration: string): readonly string[] {
    const fits = frames[0].records[0].length === frame.records[0].length;
    if (fits) frames.push(frame);
    const joined = frameText({ trId: frame.trId, records: frames.flatMap(({ records }) => records) });
    if (fits && joined.length <= LARGE_BYTES) return [];
    this.held.delete(registration);
    this.note('large', registration, NO_LOSS);
    return fits ? [joined] : [joined, frameText(frame)];
  }

  private withTurnover(frame: Frame, registration: string): Frame {
    const added = this.turnover.get(registration);
    if (added === undefined) return frame;
    // A new day's turnover begins at nothing.
    if (frame.records.at(-1)![TRADE.businessDate] !== added.businessDate) this.turnover.delete(registration);
    return raised(frame, added.won, added.businessDate);
  }

  private remember(frame: Buffer, registration: string): void {
    const frames = this.sent.get(registration);
    if (frames === undefined) {
      if (frameKind(registration.slice(0, registration.indexOf('|'))) === 'trade') this.sent.set(registration, [frame]);
      return;
    }
    frames.push(frame);
    if (frames.length > REMEMBERED_FRAMES) frames.shift();
  }

  private note(type: FrameFaultType, registration: string, loss: Loss): void {
    const [trId, trKey] = partsOf(registration);
    this.options.log.add({ type, trId, trKey, timeUs: this.options.timeUs(), ...loss });
  }
}

/** Records of the date with so much more turnover. */
function raised(frame: Frame, won: number, businessDate: string): Frame {
  const records = frame.records.map((fields) =>
    fields[TRADE.businessDate] === businessDate
      ? fields.with(TRADE.turnover, String(Number(fields[TRADE.turnover]) + won))
      : fields,
  );
  return { ...frame, records };
}
