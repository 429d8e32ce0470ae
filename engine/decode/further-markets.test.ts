// Overseas trades and index futures: each column gets its field, each record its venue.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decoder } from './decoder.ts';
import { naiveField } from './naive-reference.ts';
import { overseasKey } from './overseas-feeds.ts';
import { BOOK_LEVELS, type ForeignTradeColumns, type FuturesTradeColumns, priceScaleOf, VENUES } from './records.ts';
import { frameBytes } from './synthetic-frames.ts';

/** An invented trade in New York, on the morning of the 24th in Korea. */
function foreignTrade(feed: string, symbol: string): string[] {
  const times = '20261123^20261123^100501^20261124^000501';
  const prices = '101.5^102.2500^99.8^100.1234^5^0.6^-0.60^100.12^100.1300';
  return `${feed}${symbol}^${symbol}^4^${times}^${prices}^300^40^12^34567^3460000.25^17000^17567^103.34^1`.split('^');
}

const FUTURES_TRADE = (
  'A01612^094501^-1.25^5^-0.30^412.35^413.60^414.05^411.90^3^12345^127300125^412.10^0.35^0.06^0.00^0.00^2.15^' +
  '250123^-57^084500^5^-1.25^091500^5^-1.70^090100^2^0.45^0.51^103.20^0.25^2^0.10^412.40^412.35^17^21^' +
  '3100^3250^150^6000^6345^980^1020^45.10^0^445.65^379.65^1'
).split('^');

function futuresBook(): string[] {
  const levels = (first: number, step: number) => Array.from({ length: 5 }, (_, i) => first + step * i);
  const prices = [...levels(41_240, 5), ...levels(41_235, -5)].map((price) => (price / 100).toFixed(2));
  const orders = [...levels(11, 1), ...levels(21, 1)];
  const sizes = [...levels(101, 1), ...levels(201, 1)];
  return ['A01612', '094501', ...prices, ...[...orders, ...sizes, 65, 115, 515, 1015, 3, -4].map(String)];
}

/** Cells of a record that are neither zeros nor those of the other columns. */
function row(columns: ForeignTradeColumns | FuturesTradeColumns, record: number): Record<string, number> {
  const cells = Object.entries(columns).flatMap(([name, column]): [string, number][] =>
    name !== 'code' && ArrayBuffer.isView(column) ? [[name, (column as Float64Array)[record]]] : [],
  );
  return Object.fromEntries(cells.filter(([, value]) => value !== 0));
}

describe('an overseas trade', () => {
  it('has its prices in 1/10,000 and its own venue', () => {
    const decoder = new Decoder();
    const records = [foreignTrade('DNYS', 'KO'), foreignTrade('RBAQ', 'AAPL')];
    expect(decoder.decode(frameBytes('HDFSCNT0', records))).toBe('foreignTrade');
    expect([decoder.trId, decoder.venue, decoder.width]).toEqual(['HDFSCNT0', 'NYS', 26]);
    const { foreignTrades } = decoder;
    expect(foreignTrades.count).toBe(2);
    expect([...foreignTrades.venue.subarray(0, 2)].map((index) => VENUES[index])).toEqual(['NYS', 'NAS']);
    expect([...foreignTrades.dayMarket.subarray(0, 2)]).toEqual([0, 1]);
    expect([...foreignTrades.code.subarray(0, 2)].map((index) => decoder.codeOf(index))).toEqual(['KO', 'AAPL']);
    expect(row(foreignTrades, 0)).toEqual({
      feed: Buffer.from('DNYS').readUInt32LE(),
      venue: VENUES.indexOf('NYS'),
      decimals: 4,
      businessDate: 20261123,
      localDate: 20261123,
      localSeconds: 36_301,
      koreanDate: 20261124,
      timeSeconds: 301,
      open: 1_015_000,
      high: 1_022_500,
      low: 998_000,
      price: 1_001_234,
      changeSign: 5,
      change: -6000,
      bidPrice: 1_001_200,
      askPrice: 1_001_300,
      bidSize: 300,
      askSize: 40,
      volume: 12,
      accumulatedVolume: 34_567,
      accumulatedTurnover: 346_000_025,
      sellVolume: 17_000,
      buyVolume: 17_567,
      marketType: '1'.charCodeAt(0),
      hourClass: '0'.charCodeAt(0),
    });
  });

  it('falls by its sign, whether or not its change has one', () => {
    const decoder = new Decoder();
    const texts = ['1.5', '-1.5'];
    for (const [sign, changes] of [
      ['2', [15_000, -15_000]],
      ['4', [-15_000, -15_000]],
      ['5', [-15_000, -15_000]],
    ] as const) {
      const records = texts.map((text) => foreignTrade('DHKS', '00700').with(12, sign).with(13, text));
      decoder.decode(frameBytes('HDFSCNT0', records));
      expect([...decoder.foreignTrades.change.subarray(0, 2)]).toEqual(changes);
    }
  });

  it.each(['', 'DNA', 'XNASAAPL', 'DXXXAAPL', 'RBAXAAPL', 'dnasAAPL', '005930'])('of the feed %j is none', (feed) => {
    const decoder = new Decoder();
    const record = foreignTrade('DNAS', 'AAPL').with(0, feed);
    expect([decoder.decode(frameBytes('HDFSCNT0', [record])), decoder.failure]).toEqual([null, 'field']);
    expect([decoder.foreignTrades.count, decoder.venue]).toEqual([0, 'NAS']);
  });

  it('reads any price of up to four decimals as the reference does', () => {
    const decoder = new Decoder();
    const number = fc
      .tuple(fc.constantFrom('', '-', '.'), fc.nat(), fc.constantFrom('', '.', '..'), fc.stringMatching(/^\d{0,5}$/))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        number,
        fc.constantFrom([11, 'finePrice', 'price'] as const, [13, 'fineChange', 'change'] as const),
        (text, [index, type, column]) => {
          const record = foreignTrade('DNAS', 'AAPL').with(12, '2').with(index, text);
          const kind = decoder.decode(frameBytes('HDFSCNT0', [record]));
          expect(kind === null ? Number.NaN : decoder.foreignTrades[column][0]).toBe(naiveField(type, text));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('index futures', () => {
  it('have their price in field 5 and are told apart from stocks by venue', () => {
    const decoder = new Decoder();
    expect(decoder.decode(frameBytes('H0IFCNT0', [FUTURES_TRADE, FUTURES_TRADE]))).toBe('futuresTrade');
    expect([decoder.venue, decoder.width, decoder.codeOf(decoder.futuresTrades.code[1])]).toEqual([
      'KFE',
      50,
      'A01612',
    ]);
    expect(row(decoder.futuresTrades, 1)).toEqual({
      timeSeconds: 35_101,
      change: -125,
      price: 41_235,
      open: 41_360,
      high: 41_405,
      low: 41_190,
      volume: 3,
      accumulatedVolume: 12_345,
      accumulatedTurnover: 127_300_125,
      theoreticalPrice: 41_210,
      openInterest: 250_123,
      askPrice: 41_240,
      bidPrice: 41_235,
      askSize: 17,
      bidSize: 21,
      sellTrades: 3100,
      buyTrades: 3250,
      sellVolume: 6000,
      buyVolume: 6345,
      upperLimit: 44_565,
      lowerLimit: 37_965,
      hourClass: '0'.charCodeAt(0),
    });
  });

  it('have books of five levels in the room of ten, with the orders of each', () => {
    const decoder = new Decoder();
    expect(decoder.decode(frameBytes('H0IFASP0', [futuresBook(), futuresBook()]))).toBe('futuresBook');
    const { futuresBooks: books } = decoder;
    const second = (column: Float64Array) => [...column.subarray(BOOK_LEVELS, 2 * BOOK_LEVELS)];
    const none = [0, 0, 0, 0, 0];
    expect(second(books.askPrice)).toEqual([41_240, 41_245, 41_250, 41_255, 41_260, ...none]);
    expect(second(books.bidPrice)).toEqual([41_235, 41_230, 41_225, 41_220, 41_215, ...none]);
    expect(second(books.askOrders)).toEqual([11, 12, 13, 14, 15, ...none]);
    expect(second(books.bidOrders)).toEqual([21, 22, 23, 24, 25, ...none]);
    expect(second(books.askSize)).toEqual([101, 102, 103, 104, 105, ...none]);
    expect(second(books.bidSize)).toEqual([201, 202, 203, 204, 205, ...none]);
    const totals = [books.totalAskOrders, books.totalBidOrders, books.totalAskSize, books.totalBidSize];
    expect(totals.map((column) => column[1])).toEqual([65, 115, 515, 1015]);
  });
});

describe('keys of overseas feeds', () => {
  it.each([
    ['DNASAAPL', 'NAS', 'AAPL'],
    ['RBAYKO', 'NYS', 'KO'],
    ['DHKS00700', 'HKS', '00700'],
    ['DTSE7203', 'TSE', '7203'],
  ])('%s is of %s and means %s', (key, venue, code) => {
    expect(overseasKey(key)).toEqual({ venue, code });
  });

  it('are told from codes of stocks, and each venue has a scale for its prices', () => {
    expect([overseasKey('005930'), overseasKey(''), overseasKey('DNA')]).toEqual([null, null, null]);
    expect(VENUES.map(priceScaleOf)).toEqual([100, 100, 100, 100, ...new Array(VENUES.length - 4).fill(10_000)]);
  });
});

it('a valid TR that nobody uses is neither decoded nor quarantined', () => {
  const decoder = new Decoder();
  const text = '0|H0STMBC0|001|005930^미래에셋증권^^';
  expect(decoder.decode(new TextEncoder().encode(text))).toBe('ignored');
  expect([decoder.trId, decoder.decode(new TextEncoder().encode(text.replace('001', 'x')))]).toEqual([
    'H0STMBC0',
    null,
  ]);
});
