// Some minutes of a clean market in which one fault happens to one stream of one symbol, and what the state machine finds
// of it. The spoiled symbol has a session of its own, so that transport and sessions can be spoiled as well.
import { kstToUtcUs } from '../../config/calendar.ts';
import { findInstrument } from '../../config/instruments.ts';
import type { FaultType } from '../emulator/faults/catalogue.ts';
import { FaultLog } from '../emulator/faults/fault-log.ts';
import { FrameFaults, isFrameFault } from '../emulator/faults/frame-faults.ts';
import { partsOf, registrationName } from '../emulator/feed.ts';
import type { Finding } from '../quality/findings.ts';
import { DayMachine } from './day-machine.ts';
import type { Carriage } from './fault-effects.ts';
import { clockUs, MarketPlayer, type MarketStep, type Registration } from './market-player.ts';
import { referencesOf } from './market-references.ts';

export const SPOILED = '005930';
export const CODES = [SPOILED, '000660', '055550'] as const;

const INDEX: Registration = ['H0UPCNT0', '2001'];
const REGISTRATIONS: readonly Registration[] = [
  ...CODES.flatMap((code): Registration[] => [
    ['H0STCNT0', code],
    ['H0STASP0', code],
  ]),
  INDEX,
];
const SESSION = 'spoiled';
const DATE = 20261123;
const BEGIN_US = clockUs(kstToUtcUs(DATE, 0), 10);
const FAULT_US = BEGIN_US + 60_000_000;
const STEP_MS = 100;
const FLUSH_MS = 200;

export interface SpoiledMinutesOptions {
  /** Undefined: nothing happens. */
  readonly fault?: FaultType;
  readonly trId?: string;
  /** Frames that the fault takes. */
  readonly count?: number;
  readonly carriage?: Carriage;
  readonly seconds?: number;
}

export class SpoiledMinutes {
  readonly findings: Finding[] = [];
  /** Journal entries that carry what a fault left of frames … */
  readonly spoiledOffsets = new Set<number>();
  /** … and those of the frame of that stream that came next and whole, which shows what lacks in front of it. */
  readonly nextOffsets = new Set<number>();
  readonly target: DayMachine;
  private readonly options: SpoiledMinutesOptions;
  private readonly player: MarketPlayer;
  private readonly log = new FaultLog();
  private readonly faults: FrameFaults;
  private readonly registration: string;
  private readonly carriage: Carriage;
  private readonly waiting: { readonly dueUs: number; readonly bytes: Buffer }[] = [];
  private begun = false;
  private isDown = false;
  private awaitsNext = false;

  constructor(options: SpoiledMinutesOptions) {
    const { trId = 'H0STCNT0', seconds = 120, carriage = {} } = options;
    this.options = options;
    this.carriage = carriage;
    this.registration = registrationName(trId, trId === INDEX[0] ? INDEX[1] : SPOILED);
    this.target = new DayMachine({
      registrations: REGISTRATIONS,
      sessionOf: ([, trKey]) => (trKey === SPOILED ? SESSION : 'whole'),
      beginUs: BEGIN_US,
      scoresEveryMs: 1000,
      onFinding: (finding) => this.findings.push(finding),
    });
    this.player = new MarketPlayer({
      market: { seed: 11, instruments: CODES.map((code) => findInstrument(code)!), startTimeUs: BEGIN_US },
      registrations: REGISTRATIONS,
      stepMs: STEP_MS,
      flushMs: FLUSH_MS,
      untilUs: BEGIN_US + seconds * 1_000_000,
    });
    this.faults = new FrameFaults({ log: this.log, timeUs: () => this.player.market.timeUs });
    const instruments = referencesOf(this.player.market);
    const changes = { listed: [], delisted: [], renamed: [] };
    this.target.reference({ kind: 'instruments', date: DATE, source: 'KIS', instruments, ...changes }, BEGIN_US);
  }

  run(): this {
    for (const step of this.player.steps()) {
      if (step.timeUs > FAULT_US) this.carry(step.timeUs);
      this.deliver(step);
      this.target.clock(step.timeUs);
      this.target.apply();
    }
    return this;
  }

  /** The fault begins, the session goes and comes back. */
  private carry(timeUs: number): void {
    const { target, carriage } = this;
    const { fault, trId = 'H0STCNT0', count = 1 } = this.options;
    const upUs = FAULT_US + (carriage.downMs ?? 0) * 1000;
    if (!this.begun) {
      this.begun = true;
      const request = { type: fault ?? 'drop', trId, trKey: partsOf(this.registration)[1], count };
      if (fault !== undefined && isFrameFault(request)) this.faults.add(request);
      if (carriage.otherLayout === true) this.player.switchLayout();
      this.isDown = timeUs < upUs;
      if (this.isDown && carriage.silently !== true) target.lose(SESSION, timeUs);
    } else if (this.isDown && timeUs >= upUs) {
      this.isDown = false;
      this.awaitsNext = true;
      if (carriage.silently === true) target.lose(SESSION, timeUs);
      target.connect(SESSION, timeUs);
    }
  }

  private deliver({ timeUs, deliveries }: MarketStep): void {
    const { target, waiting, log } = this;
    while (waiting.length > 0 && waiting[0].dueUs <= timeUs) target.frame(waiting.shift()!.bytes, timeUs);
    for (const { registration, frame } of deliveries) {
      const bytes = Buffer.from(frame);
      if (this.isKept(registration, bytes, timeUs)) continue;
      const messages = this.faults.spoil(bytes, registration);
      const isSpoiled = log.entries.length > 0 || messages.length === 0;
      log.clear();
      for (const message of messages) {
        if (isSpoiled) this.spoiledOffsets.add(target.nextOffset);
        else if (this.awaitsNext && registration === this.registration) {
          this.nextOffsets.add(target.nextOffset);
          this.awaitsNext = false;
        }
        target.frame(message, timeUs);
      }
      this.awaitsNext ||= isSpoiled;
    }
  }

  /** Whether the session does not deliver the frame, or not yet. */
  private isKept(registration: string, bytes: Buffer, timeUs: number): boolean {
    if (!this.begun || partsOf(registration)[1] !== SPOILED) return false;
    const { delayMs = 0 } = this.carriage;
    if (delayMs > 0) this.waiting.push({ dueUs: timeUs + delayMs * 1000, bytes });
    return this.isDown || delayMs > 0;
  }
}
