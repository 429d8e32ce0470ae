import fc from 'fast-check';
import pino from 'pino';
import { expect, it } from 'vitest';
import type { NoticeRecord } from '../decode/records.ts';
import type { AccountBalance } from '../sources/kis/rest/balance.ts';
import { KisRestError } from '../sources/kis/rest/kis-rest-error.ts';
import { HandTimers } from '../sources/kis/test-timers.ts';
import { PositionKeeper } from './position-keeper.ts';
import { Positions } from './positions.ts';

const ACCOUNT = '12345678-01';

function fill(changes: Partial<NoticeRecord> = {}): NoticeRecord {
  return {
    customerId: 'customer',
    accountNumber: '1234567801',
    orderNumber: '1',
    originalOrderNumber: '',
    side: 'buy',
    code: '005930',
    quantity: 10,
    price: 7_000_000,
    timeSeconds: 36_000,
    rejected: false,
    filled: true,
    orderQuantity: 10,
    ...changes,
  };
}

const BALANCE: AccountBalance = {
  positions: [{ code: '005930', quantity: 30, averagePriceWon: 60_000 }],
  cashWon: 10_000_000,
};

it('joins fills to the balance: quantity, average price and cash', () => {
  const positions = new Positions(ACCOUNT);
  expect(positions.known).toBe(false);
  positions.balance(BALANCE);
  expect(positions.notice(fill())).toBe(true);
  expect(positions.held('005930')).toEqual({ code: '005930', quantity: 40, averagePriceWon: 62_500 });
  expect(positions.cashWon).toBe(9_300_000);
  positions.notice(fill({ side: 'sell', quantity: 15 }));
  expect(positions.held('005930')).toEqual({ code: '005930', quantity: 25, averagePriceWon: 62_500 });
  positions.notice(fill({ side: 'sell', quantity: 25 }));
  expect([positions.all(), positions.cashWon, positions.fills]).toEqual([[], 12_100_000, 3]);
});

it('passes over other accounts, receipts and refusals', () => {
  const positions = new Positions(ACCOUNT);
  positions.balance(BALANCE);
  const others = [{ accountNumber: '9999999901' }, { filled: false }, { rejected: true }, { quantity: 0 }];
  for (const other of others) expect(positions.notice(fill(other))).toBe(false);
  expect(positions.all()).toEqual(BALANCE.positions);
});

it('counts a sale of what it does not know of, and holds nothing below zero', () => {
  const positions = new Positions(ACCOUNT);
  positions.balance(BALANCE);
  positions.notice(fill({ side: 'sell', quantity: 31 }));
  expect([positions.contradictions, positions.all()]).toEqual([1, []]);
});

it('neither loses nor makes money or shares, whatever is bought and sold', () => {
  const trade = fc.record({
    side: fc.constantFrom('buy' as const, 'sell' as const),
    code: fc.constantFrom('A', 'B'),
    quantity: fc.integer({ min: 1, max: 1000 }),
    price: fc.integer({ min: 1, max: 10_000 }).map((won) => won * 100),
  });
  fc.assert(
    fc.property(fc.array(trade, { maxLength: 50 }), (trades) => {
      const positions = new Positions(ACCOUNT);
      positions.balance({ positions: [], cashWon: 0 });
      let cashWon = 0;
      const shares = new Map<string, number>();
      for (const { side, code, quantity, price } of trades) {
        if (side === 'sell' && (shares.get(code) ?? 0) < quantity) continue;
        const sign = side === 'buy' ? 1 : -1;
        positions.notice(fill({ side, code, quantity, price }));
        cashWon -= (sign * quantity * price) / 100;
        shares.set(code, (shares.get(code) ?? 0) + sign * quantity);
      }
      expect(positions.cashWon).toBe(cashWon);
      for (const [code, quantity] of shares) expect(positions.held(code)?.quantity ?? 0).toBe(quantity);
      for (const { averagePriceWon } of positions.all()) expect(averagePriceWon).toBeGreaterThan(0);
    }),
  );
});

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function keeper(balance: () => Promise<AccountBalance>) {
  const timers = new HandTimers();
  const lines: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const one = new PositionKeeper({ accountNumber: ACCOUNT, balance, everyMs: 60_000, logger, timers });
  return { one, timers, lines };
}

it('takes a balance at the start and every minute', async () => {
  let asked = 0;
  const { one, timers } = keeper(async () => ({ ...BALANCE, cashWon: ++asked }));
  one.start();
  await settle();
  timers.advance(59_999);
  await settle();
  expect([asked, one.positions.cashWon]).toEqual([1, 1]);
  timers.advance(1);
  await settle();
  expect([asked, one.balances]).toEqual([2, 2]);
  await one.stop();
  timers.advance(600_000);
  await settle();
  expect(asked).toBe(2);
});

it('takes another balance where a fill overtook the one under way, but not for ever', async () => {
  const answers: ((balance: AccountBalance) => void)[] = [];
  const { one, timers } = keeper(() => new Promise((resolve) => answers.push(resolve)));
  one.start();
  for (let round = 0; round < 6; round++) {
    one.notice(fill());
    answers.at(-1)?.(BALANCE);
    await settle();
    timers.advance(1000);
    await settle();
  }
  expect(answers).toHaveLength(4);
  await one.stop();
});

it('takes a balance soon after a sale of what it does not know of', async () => {
  let asked = 0;
  const { one, timers } = keeper(async () => {
    asked += 1;
    return BALANCE;
  });
  one.start();
  await settle();
  one.notice(fill({ side: 'sell', code: '000660' }));
  timers.advance(1000);
  await settle();
  expect(asked).toBe(2);
});

it('goes on with what it knows where there is no balance to be had, and says the code alone', async () => {
  let asked = 0;
  const { one, timers, lines } = keeper(async () => {
    asked += 1;
    if (asked > 1) throw new KisRestError('OPSQ2000', 'TTTC8434R', 'account of 12345678 01');
    return BALANCE;
  });
  one.start();
  for (let minute = 0; minute < 4; minute++) {
    await settle();
    timers.advance(60_000);
  }
  await settle();
  expect(one.failures).toEqual({ OPSQ2000: 4 });
  expect(one.positions.all()).toEqual(BALANCE.positions);
  expect(lines.filter((line) => line.includes('"level":40'))).toHaveLength(1);
  expect(lines.join('')).not.toMatch(/12345678|account/);
});
