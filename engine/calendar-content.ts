// The calendar as it is stored by hash beside the journal: what the session and spread gates decided by.
import { CLOSED_WEEKDAYS, SHIFTED_DAYS } from '../config/calendar.ts';
import { SESSIONS } from '../config/sessions.ts';
import { TICK_TABLE } from '../config/tick-table.ts';

export function calendarContent(): unknown {
  return { closedWeekdays: CLOSED_WEEKDAYS, shiftedDays: SHIFTED_DAYS, sessions: SESSIONS, tickTable: TICK_TABLE };
}
