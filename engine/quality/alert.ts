// The alert `data_quality`: raised when the engine's overall score of the day falls below its floor, resolved once it has
// been well above it for a while. As a day's score never comes back, that is when the next day's evidence begins.
import type { AlertMessage } from '../messages.ts';

/** An alert is resolved this far above the floor, and only after the score has been there for so long. */
const RESOLVE_ABOVE = 2;
const RESOLVE_AFTER_US = 60_000_000;
/** Below the floor by more than this it is critical. */
const CRITICAL_BELOW = 20;

export interface SavedAlert {
  readonly raised: boolean;
  readonly severity: AlertMessage['severity'];
  readonly wellSinceUs: number;
}

export class QualityAlert {
  private state: SavedAlert = { raised: false, severity: 'warning', wellSinceUs: 0 };

  get raised(): boolean {
    return this.state.raised;
  }

  /**
   * Takes the score in.
   * @returns what is to be published: raised, raised again as it became critical, or resolved; else null
   */
  update(timeUs: number, overall: number, floor: number): AlertMessage | null {
    const { raised, severity, wellSinceUs } = this.state;
    const worst = overall < floor - CRITICAL_BELOW ? 'critical' : 'warning';
    if (overall < floor) {
      const worsened = raised && severity === 'warning' && worst === 'critical';
      const stays = raised && !worsened;
      this.state = { raised: true, severity: stays ? severity : worst, wellSinceUs: 0 };
      return stays ? null : message(timeUs, 'raised', worst, overall, floor);
    }
    if (!raised) return null;
    if (overall < floor + RESOLVE_ABOVE) {
      this.state = { raised, severity, wellSinceUs: 0 };
      return null;
    }
    if (wellSinceUs === 0 || timeUs - wellSinceUs < RESOLVE_AFTER_US) {
      this.state = { raised, severity, wellSinceUs: wellSinceUs === 0 ? timeUs : wellSinceUs };
      return null;
    }
    this.state = { raised: false, severity: 'warning', wellSinceUs: 0 };
    return message(timeUs, 'resolved', severity, overall, floor);
  }

  /** What it speaks of ends; @returns what is to be published, or null where it was not raised */
  end(timeUs: number, floor: number): AlertMessage | null {
    const { raised, severity } = this.state;
    this.state = { raised: false, severity: 'warning', wellSinceUs: 0 };
    return raised ? message(timeUs, 'resolved', severity, 100, floor) : null;
  }

  save(): SavedAlert {
    return this.state;
  }

  load(saved: SavedAlert): void {
    this.state = saved;
  }
}

function message(
  timeUs: number,
  state: AlertMessage['state'],
  severity: AlertMessage['severity'],
  value: number,
  threshold: number,
): AlertMessage {
  return { seq: 0, timeUs, rule: 'data_quality', severity, state, subject: 'engine', value, threshold };
}
