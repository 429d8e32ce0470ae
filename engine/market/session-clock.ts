// Which session of a venue runs, asked with every record: one for all instruments of the venue, so that the calendar is
// only looked at where a session begins or ends.
import { type CalendarOverrides, NO_OVERRIDES } from '../../config/calendar.ts';
import { type SessionPhase, type SessionSpan, sessionSpan } from '../../config/sessions.ts';
import type { Venue } from '../../config/venues.ts';

export class SessionClock {
  private readonly venue: Venue;
  private overrides: CalendarOverrides;
  private span: SessionSpan;

  constructor(venue: Venue, overrides: CalendarOverrides = NO_OVERRIDES) {
    this.venue = venue;
    this.overrides = overrides;
    this.span = sessionSpan(0, venue, overrides);
  }

  /** The session that runs at an engine time, UTC microseconds. */
  at(timeUs: number): SessionPhase {
    if (timeUs >= this.span.endUs || timeUs < this.span.startUs) {
      this.span = sessionSpan(timeUs, this.venue, this.overrides);
    }
    return this.span.phase;
  }

  /** Until when that of the last question runs. */
  get endUs(): number {
    return this.span.endUs;
  }

  /** A better calendar has come; what was derived from the old one is to be advanced. */
  correct(overrides: CalendarOverrides, timeUs: number): void {
    this.overrides = overrides;
    this.span = sessionSpan(timeUs, this.venue, overrides);
  }
}
