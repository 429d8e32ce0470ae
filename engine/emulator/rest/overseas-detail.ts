// An overseas stock in detail, and its book. Names, earnings and shares are not modelled; the book is ten levels at a cent
// around the price, alike at all times.
import { type Fields, fields, fill } from './fields.ts';
import { type Asked, asked, closeOn, DECIMALS, openUs, session, weekdayBefore } from './overseas.ts';
import { WON_A_DOLLAR } from './overseas-account.ts';
import { overseasPrice } from './overseas-price.ts';
import type { TransactionAnswer, TransactionRequest, World } from './transaction.ts';

const LEVELS = 10;
const TICK = 0.01;
const SIZE = 100;
const YEAR_PART = 0.3;

const NOT_KNOWN = 'rsym zdiv curr base open high low last';

export function overseasDetail(request: TransactionRequest, world: World): TransactionAnswer {
  const found = asked(request, world);
  if (found === undefined) return { body: { output: fill(`${NOT_KNOWN} vnit tvol tamt t_rate e_ordyn e_hogau`, '') } };
  const now = session(found);
  const [last, base] = [Number(now.last), Number(now.base)];
  const dayBefore = closeOn(found, weekdayBefore(weekdayBefore(found.date)));
  return {
    body: {
      output: {
        ...fill('tomv shar mcap', '0'),
        ...fill('perx pbrx epsx bpsx', '0.00'),
        ...fill('uplp dnlp', '0.0000'),
        ...fill('e_parp etyp_nm', ''),
        ...now,
        ...range(found),
        ...fields({
          pamt: Math.round(Number(now.pvol) * base),
          h52p: (base * (1 + YEAR_PART)).toFixed(DECIMALS),
          h52d: found.date,
          l52p: (base * (1 - YEAR_PART)).toFixed(DECIMALS),
          l52d: found.date,
          curr: 'USD',
          vnit: 1,
          t_xprc: Math.round(last * WON_A_DOLLAR),
          t_xdif: Math.round(Math.abs(last - base) * WON_A_DOLLAR),
          t_xrat: now.rate,
          t_xsgn: now.sign,
          t_rate: WON_A_DOLLAR.toFixed(2),
          p_xprc: Math.round(base * WON_A_DOLLAR),
          p_xdif: Math.round(Math.abs(base - dayBefore) * WON_A_DOLLAR),
          p_xrat: ((100 * (base - dayBefore)) / dayBefore).toFixed(2),
          p_xsng: base >= dayBefore ? 2 : 5,
          p_rate: WON_A_DOLLAR.toFixed(2),
          e_ordyn: '매매 가능',
          e_hogau: TICK.toFixed(DECIMALS),
          e_icod: '기타',
        }),
      },
    },
  };
}

export function overseasBook(request: TransactionRequest, world: World): TransactionAnswer {
  const found = asked(request, world);
  const output3 = fill('vstm vetm csbp cshi cslo iep iev', '');
  if (found === undefined) {
    return { body: { output1: fill(`${NOT_KNOWN} dymd dhms bvol avol code`, ''), output2: {}, output3 } };
  }
  const { rsym, zdiv, base, last } = session(found);
  const output1: Fields = {
    ...{ rsym, zdiv, base, last, curr: 'USD', code: found.symbol },
    ...range(found),
    ...fill('bdvl advl', '0'),
    ...fill('ropen rhigh rlow rclose', '0.00'),
    ...fields({ dymd: found.date, dhms: '', bvol: LEVELS * SIZE, avol: LEVELS * SIZE }),
  };
  return { body: { output1, output2: levels(Number(last)), output3 } };
}

function levels(price: number): Fields {
  const output: Record<string, string> = {};
  for (let level = 1; level <= LEVELS; level++) {
    output[`pbid${level}`] = (price - level * TICK).toFixed(DECIMALS);
    output[`pask${level}`] = (price + level * TICK).toFixed(DECIMALS);
    output[`vbid${level}`] = String(SIZE);
    output[`vask${level}`] = String(SIZE);
    output[`dbid${level}`] = '0';
    output[`dask${level}`] = '0';
  }
  return output;
}

/** Between the open and now; the way between them is not walked. */
function range(found: Asked): Fields {
  const open = overseasPrice(found.symbol, openUs(found, found.date));
  const last = overseasPrice(found.symbol, found.untilUs);
  return {
    open: open.toFixed(DECIMALS),
    high: Math.max(open, last).toFixed(DECIMALS),
    low: Math.min(open, last).toFixed(DECIMALS),
  };
}
