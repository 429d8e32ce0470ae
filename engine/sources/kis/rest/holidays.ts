// The days on which the exchange is open, as KIS knows them: decreed holidays stand in no table. KIS asks that this be
// called at most once a day; whoever calls it keeps the answer.
import type { CalendarReference } from '../../../reference/reference.ts';
import { rowsOf } from './answer.ts';
import type { KisRestClient } from './client.ts';
import { HOLIDAYS } from './transactions.ts';

/** From the date (YYYYMMDD) on, oldest first. @throws KisRestError, `not_on_paper` where it is not offered */
export async function holidays(client: KisRestClient, from: number): Promise<CalendarReference> {
  const pages = await client.askAll(
    HOLIDAYS,
    { BASS_DT: String(from) },
    { CTX_AREA_NK: 'ctx_area_nk', CTX_AREA_FK: 'ctx_area_fk' },
  );
  const days = new Map<number, boolean>();
  for (const page of pages) {
    // Of the four flags (business, trading, open, settlement) this is the one that says whether orders are taken.
    for (const row of rowsOf(page, 'output')) days.set(row.date('bass_dt'), row.flag('opnd_yn'));
  }
  const sorted = [...days].sort(([one], [other]) => one - other);
  return { kind: 'calendar', days: sorted.map(([date, open]) => ({ date, open })) };
}
