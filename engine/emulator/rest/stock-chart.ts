// Charts of stocks: minute bars of today and of past days, daily to yearly bars, and the last thirty days. Newest first.
import { kstDate, kstSecond, kstToUtcUs } from '../../../config/calendar.ts';
import type { HistoryBar, Quote } from '../market/simulated-market.ts';
import { dateLater, tradingDayBefore } from './dates.ts';
import { changeFields, type Fields, fields, fill, hourText, percent, secondOf, signOf, zeros } from './fields.ts';
import { DAYS_A_PERIOD, gathered, type Period } from './periods.ts';
import { type Asked, asked } from './quotes.ts';
import { anyOf, quoteFields } from './stock-price.ts';
import { parameter, type TransactionAnswer, type TransactionRequest, type World } from './transaction.ts';

const BARS_TODAY_MAX = 30;
const BARS_PAST_MAX = 120;
const ROWS_MAX = 100;
const LAST_DAYS_MAX = 30;
const MINUTE_US = 60_000_000;
/** Minute bars are kept for a year. */
const MINUTES_KEPT_DAYS = 365;
/** Days that one call looks back at most, however long its periods are. */
export const HISTORY_DAYS_MAX = 3_660;

export function minutesOfToday(request: TransactionRequest, world: World): TransactionAnswer {
  const found = asked(request, world);
  if (found === undefined) return { body: { output1: zeros(minuteSummary(anyOf(world), world)), output2: [] } };
  const { code, venue, quote } = found;
  const nowSecond = kstSecond(quote.timeUs);
  const until = Math.min(secondOf(parameter(request, 'FID_INPUT_HOUR_1'), nowSecond), nowSecond);
  const bars = withOpenMinute(world.market.minuteBars(code, venue, quote.businessDate), quote);
  const output2 = minuteRows(bars, until).slice(0, BARS_TODAY_MAX);
  return { body: { output1: minuteSummary(found, world), output2 } };
}

/** Back from a time of a date; with FID_PW_DATA_INCU_YN also into the trading days before it. */
export function minutesOfPast(request: TransactionRequest, world: World): TransactionAnswer {
  const found = asked(request, world);
  if (found === undefined) return { body: { output1: zeros(minuteSummary(anyOf(world), world)), output2: [] } };
  const { code, venue, quote } = found;
  const asOf = Number(parameter(request, 'FID_INPUT_DATE_1'));
  const oldest = dateLater(quote.businessDate, -MINUTES_KEPT_DAYS);
  const further = parameter(request, 'FID_PW_DATA_INCU_YN') === 'Y';
  const output2: Fields[] = [];
  for (let date = Math.min(asOf, quote.businessDate); date >= oldest; date = tradingDayBefore(date, world.calendar)) {
    const until = date === asOf ? secondOf(parameter(request, 'FID_INPUT_HOUR_1'), 86_399) : 86_399;
    output2.push(...minuteRows(world.market.minuteBars(code, venue, date), until));
    if (output2.length >= BARS_PAST_MAX || !further) break;
  }
  return { body: { output1: minuteSummary(found, world), output2: output2.slice(0, BARS_PAST_MAX) } };
}

function minuteSummary({ code, quote }: Asked, { market }: World): Fields {
  return fields({
    ...changeFields(quote.priceWon, quote.previousCloseWon),
    stck_prdy_clpr: quote.previousCloseWon,
    acml_vol: quote.volume,
    acml_tr_pbmn: quote.turnoverWon,
    hts_kor_isnm: market.instrument(code).nameKo,
    stck_prpr: quote.priceWon,
  });
}

/** Newest first; the turnover is that of the day up to the bar. */
function minuteRows(bars: readonly HistoryBar[], untilSecond: number): Fields[] {
  let turnoverWon = 0;
  return bars
    .map((bar) => {
      turnoverWon += bar.turnoverWon;
      const second = kstSecond(bar.startUs);
      return { second, row: minuteRow(bar, second, turnoverWon) };
    })
    .filter(({ second }) => second <= untilSecond)
    .map(({ row }) => row)
    .reverse();
}

function minuteRow(bar: HistoryBar, second: number, turnoverWon: number): Fields {
  return fields({
    stck_bsop_date: kstDate(bar.startUs),
    stck_cntg_hour: hourText(second),
    stck_prpr: bar.closeWon,
    stck_oprc: bar.openWon,
    stck_hgpr: bar.highWon,
    stck_lwpr: bar.lowWon,
    cntg_vol: bar.volume,
    acml_tr_pbmn: turnoverWon,
  });
}

/** In a minute without a trade KIS shows a bar at the last price, with the volume of the bar before it. */
function withOpenMinute(bars: readonly HistoryBar[], quote: Quote): readonly HistoryBar[] {
  const last = bars.at(-1);
  const startUs = Math.floor(quote.timeUs / MINUTE_US) * MINUTE_US;
  if (last === undefined || last.startUs >= startUs || quote.phase !== 'continuous') return bars;
  const { closeWon } = last;
  const flat = { openWon: closeWon, highWon: closeWon, lowWon: closeWon, closeWon, turnoverWon: 0 };
  return [...bars, { startUs, volume: last.volume, ...flat }];
}

const DAILY_NOT_MODELLED = {
  ...fill('per eps pbr itewhol_loan_rmnd_ratem', '0.00'),
};

export function dailyChart(request: TransactionRequest, world: World): TransactionAnswer {
  const found = asked(request, world);
  if (found === undefined) return { body: { output1: zeros(dailySummary(anyOf(world), world)), output2: [] } };
  const rows = periodBars(found, world, {
    from: Number(parameter(request, 'FID_INPUT_DATE_1')),
    to: Number(parameter(request, 'FID_INPUT_DATE_2')),
    period: parameter(request, 'FID_PERIOD_DIV_CODE') as Period,
    adjusted: Number(parameter(request, 'FID_ORG_ADJ_PRC')) === 0,
    rowsMax: ROWS_MAX,
  });
  const output2 = rows.map(({ bar, change }) =>
    fields({
      ...dayFields(bar),
      acml_tr_pbmn: bar.turnoverWon,
      flng_cls_code: '00',
      prtt_rate: '0.00',
      mod_yn: 'N',
      prdy_vrss_sign: signOf(change),
      prdy_vrss: change,
      revl_issu_reas: '',
    }),
  );
  return { body: { output1: dailySummary(found, world), output2 } };
}

function dailySummary({ code, venue, quote }: Asked, { market }: World): Fields {
  const instrument = market.instrument(code);
  const previous = market
    .dailyBars(code, venue, dateLater(quote.businessDate, -14), dateLater(quote.businessDate, -1), false)
    .at(-1);
  return {
    ...DAILY_NOT_MODELLED,
    ...quoteFields(quote),
    ...fields({
      stck_prdy_clpr: quote.previousCloseWon,
      hts_kor_isnm: instrument.nameKo,
      stck_shrn_iscd: code,
      stck_prdy_oprc: previous?.openWon ?? 0,
      stck_prdy_hgpr: previous?.highWon ?? 0,
      stck_prdy_lwpr: previous?.lowWon ?? 0,
      askp: quote.asks[0]?.priceWon ?? 0,
      bidp: quote.bids[0]?.priceWon ?? 0,
      prdy_vrss_vol: quote.volume - quote.previousVolume,
      vol_tnrt: percent(quote.volume, instrument.listedShares),
      stck_fcam: 100,
      lstn_stcn: instrument.listedShares,
      cpfn: Math.round(instrument.listedShares / 1_000_000),
      hts_avls: Math.round((instrument.listedShares * quote.priceWon) / 100_000_000),
    }),
  };
}

/** Here the flag means the opposite: 0 raw, 1 adjusted. */
export function lastDays(request: TransactionRequest, world: World): TransactionAnswer {
  const found = asked(request, world);
  if (found === undefined) return { body: { output: [] } };
  const rows = periodBars(found, world, {
    from: 0,
    to: found.quote.businessDate,
    period: parameter(request, 'FID_PERIOD_DIV_CODE') as Period,
    adjusted: Number(parameter(request, 'FID_ORG_ADJ_PRC')) === 1,
    rowsMax: LAST_DAYS_MAX,
  });
  const output = rows.map(({ bar, change, previousVolume }) =>
    fields({
      ...dayFields(bar),
      prdy_vrss_vol_rate: percent(bar.volume - previousVolume, previousVolume),
      prdy_vrss: change,
      prdy_vrss_sign: signOf(change),
      prdy_ctrt: percent(change, bar.closeWon - change),
      hts_frgn_ehrt: '0.00',
      frgn_ntby_qty: 0,
      flng_cls_code: '00',
      acml_prtt_rate: '0.00',
    }),
  );
  return { body: { output } };
}

function dayFields(bar: HistoryBar): Record<string, string | number> {
  return {
    stck_bsop_date: kstDate(bar.startUs),
    stck_clpr: bar.closeWon,
    stck_oprc: bar.openWon,
    stck_hgpr: bar.highWon,
    stck_lwpr: bar.lowWon,
    acml_vol: bar.volume,
  };
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly period: Period;
  readonly adjusted: boolean;
  readonly rowsMax: number;
}

interface PeriodRow {
  readonly bar: HistoryBar;
  /** Against the close of the period before; 0 for the first one known. */
  readonly change: number;
  readonly previousVolume: number;
}

/** Newest first, the running day among them. */
function periodBars({ code, venue, quote }: Asked, { market }: World, span: Span): readonly PeriodRow[] {
  const to = Math.min(span.to, quote.businessDate);
  const lookBack = Math.min((span.rowsMax + 1) * (DAYS_A_PERIOD[span.period] + 1), HISTORY_DAYS_MAX);
  // One period more than is asked for, which the first one's change is against; holidays widen the days that takes.
  const from = Math.max(dateLater(to, -Math.ceil(1.6 * lookBack)), dateLater(to, -HISTORY_DAYS_MAX));
  const days = [...market.dailyBars(code, venue, from, to, span.adjusted)];
  const last = days.at(-1);
  const today = todayBar(quote);
  if (to === quote.businessDate && today !== undefined && (last === undefined || kstDate(last.startUs) < to)) {
    days.push(today);
  }
  const bars = gathered(days, span.period);
  return bars
    .map((bar, index) => ({
      bar,
      change: index === 0 ? 0 : bar.closeWon - bars[index - 1].closeWon,
      previousVolume: index === 0 ? bar.volume : bars[index - 1].volume,
    }))
    .filter(({ bar }) => kstDate(bar.startUs) >= span.from)
    .slice(-span.rowsMax)
    .reverse();
}

function todayBar(quote: Quote): HistoryBar | undefined {
  if (quote.volume === 0) return undefined;
  return {
    startUs: kstToUtcUs(quote.businessDate, 0),
    openWon: quote.openWon,
    highWon: quote.highWon,
    lowWon: quote.lowWon,
    closeWon: quote.priceWon,
    volume: quote.volume,
    turnoverWon: quote.turnoverWon,
  };
}
