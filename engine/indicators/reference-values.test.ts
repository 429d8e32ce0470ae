// Published and independently computed values, each with its source. What holds for all indicators is in
// indicator-contract.ts.
import { describe, expect, it } from 'vitest';
import { createIndicator, defaultIndicators } from './catalogue.ts';
import { Fold } from './fold.ts';
import { type Indicator, Sample } from './indicator.ts';

function barOf(high: number, low: number, close: number, volume: number): Sample {
  return Object.assign(new Sample(), { timeUs: 1_717_372_800_000_000, open: close, high, low, close, volume });
}

/** Values of the main output from the warm-up on. */
function valuesOf(indicator: Indicator, closes: readonly number[]): number[] {
  const values = closes.map((close) => {
    indicator.update(barOf(close, close, close, 1));
    return indicator.value(0);
  });
  return values.filter((value) => !Number.isNaN(value));
}

// StockCharts ChartSchool, "Relative Strength Index (RSI)": the worked example, 14 days.
it('RSI is that of the ChartSchool sheet', () => {
  const closes = [
    44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826, 45.8931, 46.0328, 45.614,
    46.282, 46.282, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439, 46.2122, 46.2521, 45.7137, 46.4515, 45.7835, 45.3548,
    44.0288, 44.1783, 44.2181, 44.5672, 43.4205, 42.6628, 43.1314,
  ];
  const published = [
    70.53, 66.32, 66.55, 69.41, 66.36, 57.97, 62.93, 63.26, 56.06, 62.38, 54.71, 50.42, 39.99, 41.46, 41.87, 45.46,
    37.3, 33.08, 37.77,
  ];
  const values = valuesOf(createIndicator('rsi', { period: 14 }), closes);
  expect(values.map((value) => Number(value.toFixed(2)))).toEqual(published);
});

// StockCharts ChartSchool, "Moving Averages - Simple and Exponential": the worked example, 10 days.
it('SMA and EMA are those of the ChartSchool sheet', () => {
  const closes = [
    22.27, 22.19, 22.08, 22.17, 22.18, 22.13, 22.23, 22.43, 22.24, 22.29, 22.15, 22.39, 22.38, 22.61, 23.36, 24.05,
    23.75, 23.83, 23.95, 23.63,
  ];
  const sma = valuesOf(createIndicator('sma', { period: 10 }), closes);
  const ema = valuesOf(createIndicator('ema', { period: 10 }), closes);
  const publishedSma = [22.22, 22.21, 22.23, 22.26, 22.31, 22.42, 22.61, 22.77, 22.91, 23.08, 23.21];
  const publishedEma = [22.22, 22.21, 22.24, 22.27, 22.33, 22.52, 22.8, 22.97, 23.13, 23.28, 23.34];
  // The sheet computes with more digits of the closes than it shows.
  for (let i = 0; i < publishedSma.length; i++) {
    expect(Math.abs(sma[i] - publishedSma[i])).toBeLessThan(0.011);
    expect(Math.abs(ema[i] - publishedEma[i])).toBeLessThan(0.011);
  }
});

// StockCharts ChartSchool, "Rate of Change (ROC)": the worked example, 12 days.
it('ROC is that of the ChartSchool sheet', () => {
  const closes = [
    11045.27, 11167.32, 11008.61, 11151.83, 10926.77, 10868.12, 10520.32, 10380.43, 10785.14, 10748.26, 10896.91,
    10782.95, 10620.16, 10625.83, 10510.95, 10444.37, 10068.01, 10193.39, 10066.57, 10043.75,
  ];
  const values = valuesOf(createIndicator('roc', { period: 12 }), closes);
  const published = [-3.85, -4.85, -4.52, -6.34, -7.86, -6.21, -4.31, -3.24];
  expect(values.map((value) => Number(value.toFixed(2)))).toEqual(published);
});

// TA-Lib 0.8.1 (Python wrapper 0.8.2) over the bars below: SMA, EMA, RSI, MACD, BBANDS(20, 2, 2), ATR, OBV, ROC, at the
// bars 20, 33, 40, 50 and 59. MACD: TA-Lib holds the line back until the signal is there, here it comes with bar 25.
describe('TA-Lib gives the same', () => {
  const bars = [
    [71500, 71400, 71500, 82572],
    [71800, 71000, 71300, 69619],
    [71700, 70400, 70700, 68333],
    [71300, 70600, 71000, 50942],
    [71100, 70600, 71100, 65475],
    [71400, 70600, 71100, 25017],
    [71500, 70700, 70800, 67020],
    [71900, 71000, 71800, 62946],
    [71700, 70800, 71200, 8577],
    [71900, 71100, 71900, 30897],
    [72400, 72000, 72100, 52550],
    [72800, 71700, 72500, 23097],
    [72900, 71900, 71900, 27045],
    [71900, 71100, 71300, 84199],
    [71900, 70800, 71800, 46260],
    [73100, 71500, 72600, 31466],
    [73500, 72700, 73500, 4602],
    [73600, 72500, 72800, 69300],
    [72800, 72100, 72400, 89472],
    [72800, 71900, 72400, 43466],
    [72600, 71600, 72100, 59255],
    [72900, 72100, 72500, 75986],
    [73300, 72500, 73300, 67896],
    [73600, 73500, 73600, 24424],
    [74300, 73000, 73300, 72626],
    [73600, 73600, 73600, 87275],
    [73400, 72600, 73100, 38376],
    [73900, 72100, 72500, 84083],
    [73200, 72500, 73000, 15944],
    [73800, 72800, 73300, 3153],
    [74800, 73500, 74400, 52773],
    [74800, 74100, 74600, 81736],
    [75900, 74100, 75500, 20410],
    [76100, 74900, 75100, 52319],
    [76000, 74600, 75800, 7198],
    [76100, 75300, 75900, 53900],
    [77200, 75800, 76900, 69638],
    [77900, 76900, 77900, 28664],
    [78600, 77400, 78400, 67850],
    [79000, 77700, 78900, 53557],
    [79200, 78200, 78700, 58186],
    [78900, 77400, 77900, 41053],
    [79300, 77800, 78900, 67277],
    [79500, 78800, 79500, 83319],
    [79700, 78900, 79300, 87713],
    [79800, 78100, 78400, 68257],
    [78500, 77900, 78500, 54264],
    [78700, 77200, 77600, 24182],
    [78300, 77300, 77800, 83304],
    [78400, 77200, 77700, 46381],
    [78100, 77300, 77500, 13863],
    [78500, 77100, 78300, 74298],
    [79300, 78300, 78800, 58136],
    [79000, 77800, 78100, 60599],
    [78300, 76700, 77100, 70572],
    [77800, 76700, 77800, 38232],
    [78700, 77700, 78600, 70992],
    [78500, 78100, 78500, 49175],
    [79900, 78300, 79700, 65945],
    [80700, 79000, 80300, 10111],
  ];
  const barsTold = [20, 33, 40, 50, 59];
  const told: Record<string, readonly number[]> = {
    sma20: [71815, 73270, 75015, 77540, 78450],
    ema20: [71815, 73367.504288623, 75562.875203902, 77215.341679607, 78119.192835003],
    rsi14: [51.64400423, 65.331244847, 77.606707081, 56.620274647, 67.114535722],
    'macd12-26-9': [Number.NaN, 897.82258694, 1684.133798535, 1112.154850539, 925.738516716],
    'macd12-26-9.signal': [Number.NaN, 712.842748247, 1282.175903257, 1392.349979101, 930.947608933],
    'macd12-26-9.histogram': [Number.NaN, 184.979838693, 401.957895278, -280.195128562, -5.209092217],
    'bb20-2': [71815, 73270, 75015, 77540, 78450],
    'bb20-2.upper': [73272.772273025, 75200.906522854, 79196.040540344, 80355.24421676, 80033.035059624],
    'bb20-2.lower': [70357.227726975, 71339.093477146, 70833.959459656, 74724.75578324, 76866.964940376],
    atr14: [927.044306392, 1018.802292362, 1073.103309059, 1091.849676175, 1165.992153334],
    obv: [-92013, 90180, 312801, 319516, 456884],
    roc10: [0, 2.038043478, 5.779569892, -1.524777637, 3.346203346],
  };
  for (const indicator of defaultIndicators().map((definition) => new Fold(definition))) {
    if (told[indicator.name] === undefined) continue;
    it(indicator.name, () => {
      bars.forEach(([high, low, close, volume], bar) => {
        indicator.update(barOf(high, low, close, volume));
        if (!barsTold.includes(bar)) return;
        indicator.outputs.forEach((output, i) => {
          const expected = told[output][barsTold.indexOf(bar)];
          if (!Number.isNaN(expected)) expect(indicator.value(i)).toBeCloseTo(expected, 7);
        });
      });
    });
  }
});

// StockCharts ChartSchool, "Volume-Weighted Average Price (VWAP)": Σ typical price · volume ÷ Σ volume, from the open.
describe('VWAP', () => {
  it('is the turnover over the volume of its day in Korea, and begins again at midnight there', () => {
    const vwap = createIndicator('vwap');
    const lastUsOfDay = 1_717_426_799_999_999; // 2024-06-03 23:59:59.999999 KST
    vwap.update(Object.assign(barOf(100, 100, 100, 3), { timeUs: lastUsOfDay - 1 }));
    vwap.update(Object.assign(barOf(110, 104, 107, 1), { timeUs: lastUsOfDay }));
    expect(vwap.value(0)).toBeCloseTo((100 * 3 + 107) / 4, 12);
    vwap.update(Object.assign(barOf(200, 200, 200, 5), { timeUs: lastUsOfDay + 1 }));
    expect(vwap.value(0)).toBe(200);
    vwap.replace(Object.assign(barOf(100, 100, 100, 4), { timeUs: lastUsOfDay }));
    expect(vwap.value(0)).toBeCloseTo((100 * 7 + 107) / 8, 12);
  });

  it('has no value before a share has changed hands', () => {
    const vwap = createIndicator('vwap');
    vwap.update(barOf(100, 100, 100, 0));
    expect(vwap.value(0)).toBeNaN();
  });
});

// The formula's own terms: ln(101/100)² + ln(100/101)², T. Andersen and T. Bollerslev (1998).
it('realised volatility of a step up and back is √2 times the step', () => {
  const values = valuesOf(createIndicator('rv', { period: 2 }), [100, 101, 100]);
  expect(values).toEqual([expect.closeTo(Math.SQRT2 * Math.log(1.01), 14)]);
});

// R. Cont, A. Kukanov and S. Stoikov (2014), section 2.1: the four cases on the bid side and, mirrored, on the ask side.
describe('order-flow imbalance counts as the paper does', () => {
  type Book = readonly [bidPrice: number, bidSize: number, askPrice: number, askSize: number];
  const before: Book = [100, 30, 101, 40];
  const cases: readonly [string, Book, number][] = [
    ['the bid grows: a limit order to buy', [100, 37, 101, 40], 7],
    ['the bid shrinks: a sale or a cancellation', [100, 25, 101, 40], -5],
    ['the bid rises: all of the new queue', [100.5, 8, 101, 40], 8],
    ['the bid falls: all of the old queue', [99, 90, 101, 40], -30],
    ['the ask grows: a limit order to sell', [100, 30, 101, 46], -6],
    ['the ask shrinks: a purchase or a cancellation', [100, 30, 101, 31], 9],
    ['the ask falls: all of the new queue', [100, 30, 100.5, 5], -5],
    ['the ask rises: all of the old queue', [100, 30, 102, 70], 40],
    ['nothing happens', before, 0],
  ];
  const bookOf = ([bidPrice, bidSize, askPrice, askSize]: Book) =>
    Object.assign(new Sample(), { bidPrice, bidSize, askPrice, askSize });
  for (const [name, after, flow] of cases) {
    it(name, () => {
      const ofi = createIndicator('ofi', { period: 1 });
      ofi.update(bookOf(before));
      ofi.update(bookOf(after));
      expect(ofi.value(0)).toBe(flow);
    });
  }

  it('book imbalance is (bid − ask) / (bid + ask), and a side that is missing makes none', () => {
    const imbalance = createIndicator('bi');
    imbalance.update(bookOf(before));
    expect(imbalance.value(0)).toBe(-10 / 70);
    imbalance.update(bookOf([100, 30, 0, 0]));
    expect(imbalance.value(0)).toBe(-10 / 70);
  });
});

it('RSI keeps its value in a price that is locked at its limit, for as long as it takes', () => {
  const rsi = createIndicator('rsi', { period: 14 });
  const closes = [...Array.from({ length: 30 }, (_, i) => 100 + (i % 3)), ...new Array<number>(50_000).fill(130)];
  const values = valuesOf(rsi, closes);
  const locked = values[16];
  expect(locked).toBeGreaterThan(50);
  expect(values.slice(16).every((value) => value === locked)).toBe(true);
});
