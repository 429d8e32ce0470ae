// Trades of today and the order book, by REST.
import { kstSecond } from '../../../config/calendar.ts';
import type { Quote, RecentTrade } from '../market/simulated-market.ts';
import { changeFields, type Fields, fields, hourText, percent, secondOf, zeros } from './fields.ts';
import { asked } from './quotes.ts';
import { anyOf, marketName, quoteFields } from './stock-price.ts';
import { parameter, type TransactionAnswer, type TransactionRequest, type World } from './transaction.ts';

const TRADES_A_CALL = 30;
/** As far back as the market remembers. */
const TRADES_MAX = 100;
const LEVELS = 10;
const END_OF_DAY_SECOND = 86_399;

export function recentTrades(request: TransactionRequest, world: World): TransactionAnswer {
  const found = asked(request, world);
  if (found === undefined) return { body: { output: [] } };
  const { code, venue, quote } = found;
  const output = world.market.recentTrades(code, venue, TRADES_A_CALL).map((trade) =>
    fields({
      stck_cntg_hour: hourText(trade.second),
      stck_prpr: trade.priceWon,
      ...changeFields(trade.priceWon, quote.previousCloseWon),
      cntg_vol: trade.size,
      tday_rltv: strength(quote),
    }),
  );
  return { body: { output } };
}

/** Trades at or before a time, so that one pages backwards with the last one's time. */
export function tradesByTime(request: TransactionRequest, world: World): TransactionAnswer {
  const found = asked(request, world);
  const { code, venue, quote } = found ?? anyOf(world);
  const summary = {
    ...pick(quoteFields(quote), 'stck_prpr prdy_vrss prdy_vrss_sign prdy_ctrt acml_vol prdy_vol'),
    rprs_mrkt_kor_name: marketName(world.market.instrument(code)),
  };
  if (found === undefined) return { body: { output1: zeros(summary), output2: [] } };
  const until = secondOf(parameter(request, 'FID_INPUT_HOUR_1'), END_OF_DAY_SECOND);
  const output2 = world.market
    .recentTrades(code, venue, TRADES_MAX)
    .filter(({ second }) => second <= until)
    .slice(0, TRADES_A_CALL)
    .map((trade) => timedFields(trade, quote));
  return { body: { output1: summary, output2 } };
}

function timedFields(trade: RecentTrade, quote: Quote): Fields {
  return fields({
    stck_cntg_hour: hourText(trade.second),
    stck_pbpr: trade.priceWon,
    ...changeFields(trade.priceWon, quote.previousCloseWon),
    askp: trade.askWon,
    bidp: trade.bidWon,
    tday_rltv: strength(quote),
    acml_vol: trade.volume,
    cnqn: trade.size,
  });
}

/** Ten levels and, in an auction, what is expected of it. */
export function orderBook(request: TransactionRequest, world: World): TransactionAnswer {
  const found = asked(request, world);
  const { quote } = found ?? anyOf(world);
  const [book, expected] = [bookFields(quote), expectedFields(quote)];
  if (found === undefined) return { body: { output1: zeros(book), output2: zeros(expected) } };
  return { body: { output1: book, output2: expected } };
}

function bookFields(quote: Quote): Fields {
  const levels: Record<string, string | number> = {};
  for (let level = 1; level <= LEVELS; level++) {
    const [ask, bid] = [quote.asks[level - 1], quote.bids[level - 1]];
    levels[`askp${level}`] = ask?.priceWon ?? 0;
    levels[`bidp${level}`] = bid?.priceWon ?? 0;
    levels[`askp_rsqn${level}`] = ask?.size ?? 0;
    levels[`bidp_rsqn${level}`] = bid?.size ?? 0;
    levels[`askp_rsqn_icdc${level}`] = 0;
    levels[`bidp_rsqn_icdc${level}`] = 0;
  }
  const asked = quote.asks.reduce((sum, { size }) => sum + size, 0);
  const bidden = quote.bids.reduce((sum, { size }) => sum + size, 0);
  return fields({
    aspr_acpt_hour: hourText(kstSecond(quote.timeUs)),
    ...levels,
    total_askp_rsqn: asked,
    total_bidp_rsqn: bidden,
    total_askp_rsqn_icdc: 0,
    total_bidp_rsqn_icdc: 0,
    ovtm_total_askp_icdc: 0,
    ovtm_total_bidp_icdc: 0,
    ovtm_total_askp_rsqn: 0,
    ovtm_total_bidp_rsqn: 0,
    ntby_aspr_rsqn: bidden - asked,
    new_mkop_cls_code: operationCode(quote),
  });
}

function expectedFields(quote: Quote): Fields {
  const change = changeFields(
    quote.expectedPriceWon === 0 ? quote.previousCloseWon : quote.expectedPriceWon,
    quote.previousCloseWon,
  );
  return fields({
    antc_mkop_cls_code: quote.expectedPriceWon === 0 ? '311' : '112',
    stck_prpr: quote.priceWon,
    stck_oprc: quote.openWon,
    stck_hgpr: quote.highWon,
    stck_lwpr: quote.lowWon,
    stck_sdpr: quote.previousCloseWon,
    antc_cnpr: quote.expectedPriceWon,
    antc_cntg_vrss: change.prdy_vrss,
    antc_cntg_vrss_sign: change.prdy_vrss_sign,
    antc_cntg_prdy_ctrt: change.prdy_ctrt,
    antc_vol: quote.expectedVolume,
    stck_shrn_iscd: quote.code,
    vi_cls_code: quote.volatilityInterruption ? 'Y' : 'N',
  });
}

/** 장운영 구분: first digit the phase (1 before, 2 in, 3 after the session, 4 after-market), second what is traded. */
function operationCode({ phase, halted }: Quote): string {
  if (halted) return '30';
  const codes = {
    closed: '31',
    pre: '10',
    opening_auction: '11',
    continuous: '20',
    closing_auction: '21',
    after_hours: '30',
    after_hours_auction: '30',
    after_market: '40',
  } as const;
  return codes[phase];
}

/** 체결강도: bought against sold, percent. */
function strength({ buyVolume, sellVolume }: Quote): string {
  return percent(buyVolume, sellVolume);
}

function pick(from: Fields, names: string): Fields {
  return Object.fromEntries(names.split(' ').map((name) => [name, from[name]]));
}
