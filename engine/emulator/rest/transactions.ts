// All TRs of the REST side in one table. Sources: the samples of koreainvestment/open-trading-api for path, parameters and
// environments (a sample that can switch to paper trading serves both). What is not here does not exist.
import { ACCOUNT_TRANSACTIONS } from './account-transactions.ts';
import { futuresDays as futuresDayBars, futuresMinutes, futuresPrice } from './futures.ts';
import { indexDays, indexMinutes, indexPrice, indexTicks, indexTimes } from './indices.ts';
import { overseasDays, overseasMinutes, overseasPriceNow } from './overseas.ts';
import { overseasBook, overseasDetail } from './overseas-detail.ts';
import { productInformation, stockInformation } from './product.ts';
import { dailyChart, lastDays, minutesOfPast, minutesOfToday } from './stock-chart.ts';
import { inquirePrice, inquirePrice2, interruptions, multiplePrices } from './stock-price.ts';
import { investors, volumeRank } from './stock-ranks.ts';
import { orderBook, recentTrades, tradesByTime } from './stock-trades.ts';
import { futuresDays, holidays } from './trading-days.ts';
import type { Parameters, Transaction } from './transaction.ts';

const STOCK = '/uapi/domestic-stock/v1/quotations';
const FUTURES = '/uapi/domestic-futureoption/v1/quotations';
const OVERSEAS = '/uapi/overseas-price/v1/quotations';

const ONE_STOCK: Parameters = { FID_COND_MRKT_DIV_CODE: 'venue', FID_INPUT_ISCD: 'code' };
const ONE_INDEX: Parameters = { FID_COND_MRKT_DIV_CODE: 'text', FID_INPUT_ISCD: 'index' };
const ONE_CONTRACT: Parameters = { FID_COND_MRKT_DIV_CODE: 'text', FID_INPUT_ISCD: 'text' };
const DATES: Parameters = { FID_INPUT_DATE_1: 'date', FID_INPUT_DATE_2: 'date', FID_PERIOD_DIV_CODE: 'period' };
const ONE_PRODUCT: Parameters = { PRDT_TYPE_CD: 'text', PDNO: 'text' };
/** Clients leave AUTH out here, and KIS lets them. */
const LISTED: Parameters = { EXCD: 'text', SYMB: 'text' };
const ONE_SYMBOL: Parameters = { AUTH: 'text', EXCD: 'text', SYMB: 'text' };
const RANK: Parameters = {
  FID_COND_MRKT_DIV_CODE: 'text',
  FID_COND_SCR_DIV_CODE: 'text',
  FID_INPUT_ISCD: 'text',
  FID_DIV_CLS_CODE: 'text',
  FID_BLNG_CLS_CODE: 'text',
  FID_TRGT_CLS_CODE: 'text',
  FID_TRGT_EXLS_CLS_CODE: 'text',
  FID_INPUT_PRICE_1: 'text',
  FID_INPUT_PRICE_2: 'text',
  FID_VOL_CNT: 'text',
  FID_INPUT_DATE_1: 'text',
};
const HISTORY: Parameters = { FID_PW_DATA_INCU_YN: 'text', FID_FAKE_TICK_INCU_YN: 'text' };
const INTERRUPTIONS: Parameters = {
  FID_DIV_CLS_CODE: 'text',
  FID_COND_SCR_DIV_CODE: 'text',
  FID_MRKT_CLS_CODE: 'text',
  FID_INPUT_ISCD: 'text',
  FID_RANK_SORT_CLS_CODE: 'text',
  FID_INPUT_DATE_1: 'text',
  FID_TRGT_CLS_CODE: 'text',
  FID_TRGT_EXLS_CLS_CODE: 'text',
};

type Answer = Transaction['answer'];

const both = (path: string, parameters: Parameters, answer: Answer): Transaction =>
  get(path, ['live', 'paper'], parameters, answer);
const live = (path: string, parameters: Parameters, answer: Answer): Transaction =>
  get(path, ['live'], parameters, answer);

function get(
  path: string,
  environments: Transaction['environments'],
  parameters: Parameters,
  answer: Answer,
): Transaction {
  return { method: 'GET', path, environments, parameters, answer };
}

export const TRANSACTIONS: ReadonlyMap<string, Transaction> = new Map<string, Transaction>([
  ['FHKST01010100', both(`${STOCK}/inquire-price`, ONE_STOCK, inquirePrice)],
  ['FHPST01010000', live(`${STOCK}/inquire-price-2`, ONE_STOCK, inquirePrice2)],
  ['FHKST01010300', both(`${STOCK}/inquire-ccnl`, ONE_STOCK, recentTrades)],
  [
    'FHPST01060000',
    both(`${STOCK}/inquire-time-itemconclusion`, { ...ONE_STOCK, FID_INPUT_HOUR_1: 'hour' }, tradesByTime),
  ],
  [
    'FHKST03010200',
    both(
      `${STOCK}/inquire-time-itemchartprice`,
      { ...ONE_STOCK, FID_INPUT_HOUR_1: 'hour', FID_PW_DATA_INCU_YN: 'text', FID_ETC_CLS_CODE: 'text' },
      minutesOfToday,
    ),
  ],
  [
    'FHKST03010230',
    live(
      `${STOCK}/inquire-time-dailychartprice`,
      { ...ONE_STOCK, FID_INPUT_DATE_1: 'date', FID_INPUT_HOUR_1: 'hour', ...HISTORY },
      minutesOfPast,
    ),
  ],
  [
    'FHKST03010100',
    both(`${STOCK}/inquire-daily-itemchartprice`, { ...ONE_STOCK, ...DATES, FID_ORG_ADJ_PRC: 'flag' }, dailyChart),
  ],
  [
    'FHKST01010400',
    both(
      `${STOCK}/inquire-daily-price`,
      { ...ONE_STOCK, FID_PERIOD_DIV_CODE: 'period', FID_ORG_ADJ_PRC: 'flag' },
      lastDays,
    ),
  ],
  ['FHKST01010200', both(`${STOCK}/inquire-asking-price-exp-ccn`, ONE_STOCK, orderBook)],
  [
    'FHKST11300006',
    live(
      `${STOCK}/intstock-multprice`,
      { FID_COND_MRKT_DIV_CODE_1: 'venue', FID_INPUT_ISCD_1: 'code' },
      multiplePrices,
    ),
  ],
  ['FHKST01010900', both(`${STOCK}/inquire-investor`, ONE_STOCK, investors)],
  ['FHPST01710000', live(`${STOCK}/volume-rank`, RANK, volumeRank)],
  ['FHPST01390000', live(`${STOCK}/inquire-vi-status`, INTERRUPTIONS, interruptions)],
  ['FHPUP02100000', live(`${STOCK}/inquire-index-price`, ONE_INDEX, indexPrice)],
  [
    'FHPUP02110200',
    live(`${STOCK}/inquire-index-timeprice`, { ...ONE_INDEX, FID_INPUT_HOUR_1: 'seconds' }, indexTimes),
  ],
  ['FHPUP02110100', live(`${STOCK}/inquire-index-tickprice`, ONE_INDEX, indexTicks)],
  [
    'FHKUP03500200',
    live(
      `${STOCK}/inquire-time-indexchartprice`,
      { ...ONE_INDEX, FID_ETC_CLS_CODE: 'text', FID_INPUT_HOUR_1: 'seconds', FID_PW_DATA_INCU_YN: 'text' },
      indexMinutes,
    ),
  ],
  ['FHKUP03500100', both(`${STOCK}/inquire-daily-indexchartprice`, { ...ONE_INDEX, ...DATES }, indexDays)],
  ['CTCA0903R', live(`${STOCK}/chk-holiday`, { BASS_DT: 'date', CTX_AREA_NK: 'text', CTX_AREA_FK: 'text' }, holidays)],
  ['HHMCM000002C0', live(`${STOCK}/market-time`, {}, futuresDays)],
  ['CTPF1002R', live(`${STOCK}/search-stock-info`, ONE_PRODUCT, stockInformation)],
  ['CTPF1604R', live(`${STOCK}/search-info`, ONE_PRODUCT, productInformation)],
  ['HHDFS00000300', both(`${OVERSEAS}/price`, ONE_SYMBOL, overseasPriceNow)],
  ['HHDFS76200200', live(`${OVERSEAS}/price-detail`, LISTED, overseasDetail)],
  ['HHDFS76200100', live(`${OVERSEAS}/inquire-asking-price`, LISTED, overseasBook)],
  [
    'HHDFS76240000',
    both(`${OVERSEAS}/dailyprice`, { ...ONE_SYMBOL, GUBN: 'text', BYMD: 'text', MODP: 'text' }, overseasDays),
  ],
  [
    'HHDFS76950200',
    live(
      `${OVERSEAS}/inquire-time-itemchartprice`,
      { ...ONE_SYMBOL, NMIN: 'text', PINC: 'text', NEXT: 'text', NREC: 'text', FILL: 'text', KEYB: 'text' },
      overseasMinutes,
    ),
  ],
  [
    'FHKIF03020200',
    live(
      `${FUTURES}/inquire-time-fuopchartprice`,
      { ...ONE_CONTRACT, FID_HOUR_CLS_CODE: 'text', ...HISTORY, FID_INPUT_DATE_1: 'date', FID_INPUT_HOUR_1: 'hour' },
      futuresMinutes,
    ),
  ],
  ['FHMIF10000000', both(`${FUTURES}/inquire-price`, ONE_CONTRACT, futuresPrice)],
  ['FHKIF03020100', both(`${FUTURES}/inquire-daily-fuopchartprice`, { ...ONE_CONTRACT, ...DATES }, futuresDayBars)],
  ...ACCOUNT_TRANSACTIONS,
]);

export const TRANSACTION_PATHS: ReadonlySet<string> = new Set(
  [...TRANSACTIONS.values()].map(({ method, path }) => `${method} ${path}`),
);
