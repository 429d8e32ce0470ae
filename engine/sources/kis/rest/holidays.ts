// The days on which the exchange is open, as KIS knows them: decreed holidays stand in no table. KIS asks that this be
// called at most once a day; whoever calls it keeps the answer.
import { kstDate, kstToUtcUs } from '../../../../config/calendar.ts';
import type { CalendarReference } from '../../../reference/reference.ts';
import { rowsOf } from './answer.ts';
import type { KisRestClient } from './client.ts';
import { HOLIDAYS } from './transactions.ts';

/** KIS's list goes on for years; decrees come some weeks ahead. */
const DAYS_AHEAD = 60;
const DAY_SECONDS = 86_400;

/** From the date (YYYYMMDD) on for some weeks, oldest first. @throws KisRestError, `not_on_paper` where it is not offered */
export async function holidays(client: KisRestClient, from: number): Promise<CalendarReference> {
  const to = kstDate(kstToUtcUs(from, DAYS_AHEAD * DAY_SECONDS));
  const pages = await client.askAll(
    HOLIDAYS,
    { BASS_DT: String(from) },
    { CTX_AREA_NK: 'ctx_area_nk', CTX_AREA_FK: 'ctx_area_fk' },
    (page) => rowsOf(page, 'output').some((row) => row.date('bass_dt') >= to),
  );
  const days = new Map<number, boolean>();
  for (const page of pages) {
    // Of the four flags (business, trading, open, settlement) this is the one that says whether orders are taken.
    for (const row of rowsOf(page, 'output')) days.set(row.date('bass_dt'), row.flag('opnd_yn'));
  }
  const sorted = [...days].sort(([one], [other]) => one - other);
  return { kind: 'calendar', days: sorted.map(([date, open]) => ({ date, open })) };
}
