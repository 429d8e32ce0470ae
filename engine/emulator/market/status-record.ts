// The record of H0STMKO0, H0NXMKO0 and H0UNMKO0, ten fields as they are on the wire, and the queue of those not yet sent.
// Instruments are played apart from each other, so what they report is put in order when a step of time is over. Bounded:
// at the bound the oldest go and are counted.
import type { StatusCodes } from './session-codes.ts';
import type { MarketVenue, StatusEvent } from './simulated-market.ts';

export interface StatusReport {
  readonly timeUs: number;
  /** Place of the instrument in the market: it orders reports of one time. */
  readonly place: number;
  readonly code: string;
  readonly venue: MarketVenue;
  readonly codes: StatusCodes;
  readonly halted: boolean;
  readonly volatilityInterruption: boolean;
}

const STATUS_HALTED = '58';
const STATUS_CREDIT = '55';

function payloadOf({ code, codes, halted, volatilityInterruption }: StatusReport): string {
  return [
    code,
    halted ? 'Y' : 'N',
    halted ? '매매거래정지' : '(null)',
    codes.operation,
    codes.expected,
    '',
    '',
    halted ? STATUS_HALTED : STATUS_CREDIT,
    volatilityInterruption ? 'Y' : 'N',
    'N',
  ].join('^');
}

export class StatusQueue {
  dropped = 0;
  private readonly reportsMax: number;
  private pending: StatusReport[] = [];
  private ready: StatusReport[] = [];

  constructor(reportsMax: number) {
    this.reportsMax = reportsMax;
  }

  report(report: StatusReport): void {
    this.pending.push(report);
  }

  /** All instruments have been played up to one time. Sorting is stable: reports of one instrument keep their order. */
  release(): void {
    if (this.pending.length === 0) return;
    this.pending.sort((one, other) => one.timeUs - other.timeUs || one.place - other.place);
    this.ready = this.ready.concat(this.pending);
    this.pending = [];
    const surplus = Math.max(0, this.ready.length - this.reportsMax);
    this.dropped += surplus;
    if (surplus > 0) this.ready = this.ready.slice(surplus);
  }

  clear(): void {
    this.pending = [];
    this.ready = [];
  }

  /** Also what those have reported that were asked since the last step: nothing of theirs comes before it. */
  drain(): readonly StatusEvent[] {
    this.release();
    if (this.ready.length === 0) return [];
    const events = this.ready.map((report) => ({
      code: report.code,
      venue: report.venue,
      payload: payloadOf(report),
    }));
    this.ready = [];
    return events;
  }
}
