// Stocks by volume or turnover, and who bought and sold one. Kinds of investors are not modelled: their numbers are 0.
import { kstDate } from '../../../config/calendar.ts';
import type { Quote } from '../market/simulated-market.ts';
import { dateLater } from './dates.ts';
import { changeFields, type Fields, fields, fill, percent } from './fields.ts';
import { asked } from './quotes.ts';
import { quoteFields } from './stock-price.ts';
import { parameter, type TransactionAnswer, type TransactionRequest, type World } from './transaction.ts';

const ROWS_MAX = 30;
/** Days that hold so many trading days, however long the holidays. */
const LOOK_BACK_DAYS = 60;
const BY_TURNOVER = '3';

const INVESTORS_NOT_MODELLED = fill(
  ['prsn', 'frgn', 'orgn']
    .flatMap((who) =>
      ['ntby_qty', 'ntby_tr_pbmn', 'shnu_vol', 'shnu_tr_pbmn', 'seln_vol', 'seln_tr_pbmn'].map(
        (what) => `${who}_${what}`,
      ),
    )
    .join(' '),
  '0',
);

/** FID_BLNG_CLS_CODE 3 sorts by turnover, all others by volume; its filters are not looked at. */
export function volumeRank(request: TransactionRequest, { market }: World): TransactionAnswer {
  const size: (quote: Quote) => number =
    parameter(request, 'FID_BLNG_CLS_CODE') === BY_TURNOVER ? (quote) => quote.turnoverWon : (quote) => quote.volume;
  const output = market.codes
    .map((code) => market.quote(code))
    .sort((one, other) => size(other) - size(one))
    .slice(0, ROWS_MAX)
    .map((quote, index) => rankFields(quote, index + 1, market));
  return { body: { output } };
}

function rankFields(quote: Quote, rank: number, market: World['market']): Fields {
  const { nameKo, listedShares } = market.instrument(quote.code);
  const { stck_prpr, prdy_vrss, prdy_vrss_sign, prdy_ctrt, acml_vol, acml_tr_pbmn, prdy_vol } = quoteFields(quote);
  return {
    ...{ stck_prpr, prdy_vrss, prdy_vrss_sign, prdy_ctrt, acml_vol, acml_tr_pbmn, prdy_vol },
    ...fields({
      hts_kor_isnm: nameKo,
      mksc_shrn_iscd: quote.code,
      data_rank: rank,
      lstn_stcn: listedShares,
      avrg_vol: quote.volume,
      n_befr_clpr_vrss_prpr_rate: prdy_ctrt,
      vol_inrt: percent(quote.volume, quote.previousVolume),
      vol_tnrt: percent(quote.volume, listedShares),
      nday_vol_tnrt: percent(quote.volume, listedShares),
      avrg_tr_pbmn: quote.turnoverWon,
      tr_pbmn_tnrt: percent(quote.turnoverWon, listedShares * quote.priceWon),
      nday_tr_pbmn_tnrt: percent(quote.turnoverWon, listedShares * quote.priceWon),
    }),
  };
}

/** Closed days, newest first. */
export function investors(request: TransactionRequest, world: World): TransactionAnswer {
  const found = asked(request, world);
  if (found === undefined) return { body: { output: [] } };
  const { code, venue, quote } = found;
  const to = dateLater(quote.businessDate, -1);
  const days = world.market.dailyBars(code, venue, dateLater(to, -LOOK_BACK_DAYS), to, true);
  const output = days
    .slice(1)
    .map((day, index) => ({
      ...INVESTORS_NOT_MODELLED,
      stck_bsop_date: String(kstDate(day.startUs)),
      stck_clpr: String(day.closeWon),
      prdy_vrss: changeFields(day.closeWon, days[index].closeWon).prdy_vrss,
      prdy_vrss_sign: changeFields(day.closeWon, days[index].closeWon).prdy_vrss_sign,
    }))
    .slice(-ROWS_MAX)
    .reverse();
  return { body: { output } };
}
