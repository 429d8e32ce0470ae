// The account of faults against the engine's own eyes: what decodes and what the log calls lost are together what was
// traded, and the holes that the sequence finds are the losses, to the share and the won. Without sockets.
import { describe, expect, it } from 'vitest';
import { INSTRUMENTS } from '../../../config/instruments.ts';
import { Decoder } from '../../decode/decoder.ts';
import { TradeSequence } from '../../quality/sequence.ts';
import { MarketFeed } from '../market-feed.ts';
import { newMarket } from '../test-emulator.ts';
import type { FaultType } from './catalogue.ts';
import { FaultLog } from './fault-log.ts';
import { FaultSchedule } from './fault-schedule.ts';
import { FrameFaults, isFrameFault } from './frame-faults.ts';
import { frameKind, lossOf, parseFrame } from './frame-record.ts';

const SECONDS = 90;
const LOSING: readonly FaultType[] = ['drop', 'truncate', 'split', 'merge', 'unknown_tr', 'miscount', 'null_fields'];
const LEGAL: readonly FaultType[] = ['duplicate', 'reorder', 'large', 'rewind', 'wider'];
/** Not `bad_turnover`: right behind a loss nobody can tell it from the loss's own won. */
const FALSE: readonly FaultType[] = ['off_grid', 'beyond_limits', 'stale_time', 'crossed_book'];

describe.each([
  ['since 2026-09-14', Date.UTC(2026, 8, 22, 1) * 1000],
  ['of 2025', Date.UTC(2025, 8, 22, 1) * 1000],
])('records %s', (_, startTimeUs) => {
  it.each([1, 2, 3, 4])('add up with what was lost, seed %i', (seed) => {
    const market = newMarket(seed, { instruments: INSTRUMENTS.slice(0, 4), startTimeUs });
    const feed = new MarketFeed({ market, flushPeriodUs: 200_000 });
    const codes = market.codes;
    for (const code of codes) for (const trId of ['H0STCNT0', 'H0STASP0']) feed.begin(trId, code);
    const log = new FaultLog();
    const faults = new FrameFaults({ log, timeUs: () => feed.timeUs });
    const types = [...LOSING, ...LEGAL, ...FALSE];
    const schedule = new FaultSchedule({ seed, faultsPerMinute: 60, types });
    const decoder = new Decoder();
    const sequences = new Map(codes.map((code) => [code, new TradeSequence()]));
    const sent = new Map(codes.map((code) => [code, 0]));
    const received = new Map(codes.map((code) => [code, 0]));
    const missingWon = new Map(codes.map((code) => [code, 0]));

    const receive = (message: Buffer) => {
      if (decoder.decode(message) !== 'trade') return;
      for (let record = 0; record < decoder.trades.count; record += 1) {
        const code = decoder.codeOf(decoder.trades.code[record]);
        const sequence = sequences.get(code)!;
        const verdict = sequence.accept(decoder.trades, record);
        const won = { gap: sequence.gap.turnoverWon, late: -sequence.gap.turnoverWon } as Record<string, number>;
        missingWon.set(code, missingWon.get(code)! + (won[verdict] ?? 0));
        expect(verdict).not.toBe('inconsistent');
        expect(verdict).not.toBe('correction');
        if (verdict !== 'duplicate') received.set(code, received.get(code)! + decoder.trades.volume[record]);
      }
    };
    for (let second = 1; second <= SECONDS; second += 1) {
      // The first frames and the last ones arrive: what is lost before and behind all records is told by other means.
      if (second > 2 && second < SECONDS - 20) {
        for (const request of schedule.advanceTo(second * 1_000_000)) if (isFrameFault(request)) faults.add(request);
      }
      for (const { registration, frame } of feed.advanceTo(second * 1_000_000)) {
        const [trId, code] = registration.split('|');
        if (frameKind(trId) === 'trade') sent.set(code, sent.get(code)! + lossOf(parseFrame(frame)!).sharesLost);
        for (const message of faults.spoil(Buffer.from(frame), registration)) receive(message);
      }
    }
    for (const { frame } of faults.release()) receive(frame);

    expect(log.entries.length).toBeGreaterThan(40);
    for (const code of codes) {
      const entries = log.entries.filter((entry) => entry.trKey === code && entry.trId === 'H0STCNT0');
      const lost = entries.reduce((sum, { sharesLost }) => sum + sharesLost, 0);
      expect(received.get(code)! + lost, `${code} received and lost`).toBe(sent.get(code));
      expect(sequences.get(code)!.missingShares, `${code} missing`).toBe(lost);
      const won = entries.reduce((sum, { wonLost }) => sum + wonLost, 0);
      expect(missingWon.get(code), `${code} won`).toBe(won);
    }
  });
});
