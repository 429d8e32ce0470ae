// Which days are trading days: the holiday calendar of KIS, in pages, and the business days of futures.
import {
  CALENDAR_YEARS,
  dayNumber,
  isTradingDay,
  isWeekday,
  kstDate,
  kstSecond,
  nextTradingDay,
  weekdayOfDay,
} from '../../../config/calendar.ts';
import { sessionsOn } from '../../../config/sessions.ts';
import { dateLater, tradingDayBefore } from './dates.ts';
import { type Fields, fields, hourText } from './fields.ts';
import { parameter, type TransactionAnswer, type TransactionRequest, type World } from './transaction.ts';

const DAYS_A_PAGE = 25;
const KEY_LENGTH = 20;
const FUTURES_CLOSE_AFTER_STOCKS_SECONDS = 15 * 60;

/** From BASS_DT on, to the end of the known calendar. KIS wants it asked once a day at most. */
export function holidays(request: TransactionRequest, { calendar }: World): TransactionAnswer {
  const base = Number(parameter(request, 'BASS_DT'));
  const next = Number(parameter(request, 'CTX_AREA_NK').trim());
  const first = request.continued && next > base ? next : base;
  const last = Math.max(CALENDAR_YEARS.at(-1)! * 10_000 + 1231, base);
  const output: Fields[] = [];
  let date = first;
  for (; date <= last && output.length < DAYS_A_PAGE; date = dateLater(date, 1)) output.push(dayFields(date, calendar));
  const more = date <= last;
  return {
    body: {
      ctx_area_nk: (more ? String(date) : '').padEnd(KEY_LENGTH),
      ctx_area_fk: String(base).padEnd(KEY_LENGTH),
      output,
    },
    trCont: more ? (request.continued ? 'M' : 'F') : request.continued ? 'E' : 'D',
  };
}

function dayFields(date: number, calendar: World['calendar']): Fields {
  const open = isTradingDay(date, calendar) ? 'Y' : 'N';
  return fields({
    bass_dt: date,
    wday_dvsn_cd: `0${weekdayOfDay(dayNumber(date)) + 1}`,
    bzdy_yn: isWeekday(date) && open === 'Y' ? 'Y' : 'N',
    // Money moves on Saturdays as well.
    tr_day_yn: weekdayOfDay(dayNumber(date)) === 6 ? 'Y' : open,
    opnd_yn: open,
    sttl_day_yn: open,
  });
}

/** Two business days before today, today, and two after it. */
export function futuresDays(_request: TransactionRequest, { market, calendar }: World): TransactionAnswer {
  const today = kstDate(market.timeUs);
  const middle = isTradingDay(today, calendar) ? today : nextTradingDay(today, calendar);
  const before = tradingDayBefore(middle, calendar);
  const after = nextTradingDay(middle, calendar);
  const sessions = sessionsOn(middle);
  const regular = sessions.filter(({ phase }) => phase === 'continuous' || phase === 'closing_auction');
  return {
    body: {
      output1: fields({
        date1: tradingDayBefore(before, calendar),
        date2: before,
        date3: middle,
        date4: after,
        date5: nextTradingDay(after, calendar),
        today,
        time: hourText(kstSecond(market.timeUs)),
        s_time: hourText(regular[0]?.startSecond ?? 0),
        e_time: hourText((regular.at(-1)?.endSecond ?? 0) + FUTURES_CLOSE_AFTER_STOCKS_SECONDS),
      }),
    },
  };
}
