import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { configSchema } from '../config/schema.ts';
import { engineOptions } from './configuration.ts';
import { START_TIME_US, testEmulator } from './emulator/test-emulator.ts';
import { dataLayout, openEngine } from './engine.ts';
import { openKisFeed } from './feed.ts';
import { NoticeVault } from './governance/notice-vault.ts';
import { replay } from './replay.ts';

const KEY = { appKey: 'emulator-app-key-0001', appSecret: 'secret' };
const HTS_ID = 'someones-hts-id';
/** Of the emulator's notices; in the market's own numbers it hardly occurs by chance. */
const ACCOUNT = '1234567801';
let folder: string;
const lines: string[] = [];
const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-feed-'));
  lines.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A run of the engine on an emulator that has sent notices. */
async function runWithNotices(vault: NoticeVault | null, accountNo: string | null = null) {
  const emulator = await testEmulator({ htsId: HTS_ID });
  const config = configSchema.parse({
    source: { kis: { htsId: HTS_ID, accountNo } },
    universe: { symbols: ['005930'] },
    journal: { dataDir: folder },
  });
  const { restUrl, webSocketUrl } = emulator;
  const running = {
    restUrl,
    webSocketUrl,
    identity: 'feed-1',
    source: 'simulated' as const,
    args: [],
    startTimeUs: START_TIME_US,
    found: true,
    remember() {},
    stop() {},
  };
  const engine = await openEngine(engineOptions(config, log));
  const onFailed = vi.fn();
  const feed = openKisFeed({ config, keys: [KEY], emulator: running, vault, log, onFailed });
  engine.start(feed);
  feed.kis.start();
  const wait = (condition: () => boolean): Promise<boolean> =>
    vi.waitUntil(condition, { timeout: 20_000, interval: 10 });
  await wait(() => feed.kis.status().registered === 3);
  for (let i = 1; i <= 3; i++) {
    emulator.fault({ type: 'notice' });
    await wait(() => feed.notices.received === i);
  }
  await wait(() => (engine.machine.counters.ticks['H0STCNT0 KRX'] ?? 0) > 0 && engine.machine.counters.books > 0);
  await feed.kis.stop();
  const report = await engine.stop('test');
  expect(onFailed).not.toHaveBeenCalled();
  expect(feed).toMatchObject({ source: 'simulated', identity: 'feed-1' });
  return { feed, engine, report };
}

function journalText(): string {
  const { journal } = dataLayout(join(folder, 'emulator'));
  return readdirSync(journal)
    .map((name) => readFileSync(join(journal, name), 'latin1'))
    .join('');
}

it('keeps execution notices in the vault, encrypted, and never in the journal or a log', async () => {
  const vault = new NoticeVault(join(folder, 'notices'), Buffer.alloc(32, 7));
  const { feed, engine, report } = await runWithNotices(vault);
  expect(feed.notices).toEqual({ received: 3, stored: 3, foreign: 0, failed: 0 });
  const stored = [...vault.read(ACCOUNT)].map(({ payload }) => JSON.parse(payload.toString('utf8')));
  expect(stored).toHaveLength(3);
  expect(stored[0]).toMatchObject({ accountNumber: ACCOUNT, customerId: HTS_ID, side: 'buy', filled: true });
  const journal = journalText();
  expect(journal).toContain('0|H0STCNT0|');
  const kept = readdirSync(join(folder, 'notices')).map((name) =>
    readFileSync(join(folder, 'notices', name), 'latin1'),
  );
  for (const [what, text] of Object.entries({ journal, logs: lines.join(''), vault: kept.join('') })) {
    for (const secret of [HTS_ID, `^${ACCOUNT}^`, `"${ACCOUNT}"`, '|H0STCNI0|', 'emulator-app-secret']) {
      expect(text.includes(secret), `${what} holds ${secret}`).toBe(false);
    }
  }
  expect(journal).not.toMatch(/"(iv|key)"/);
  expect(Object.keys(engine.machine.counters.frames).filter((key) => key.includes('CNI'))).toEqual([]);
  expect((await replay({ dataFolder: join(folder, 'emulator'), log })).digest).toBe(report.digest);
});

it.each([
  [ACCOUNT, 3],
  [`${ACCOUNT.slice(0, 8)}-${ACCOUNT.slice(8)}`, 3],
  [ACCOUNT.slice(0, 8), 3],
  ['00000000-01', 0],
])('keeps the notices of account %s alone where it is set: %d of 3', async (accountNo, stored) => {
  const vault = new NoticeVault(join(folder, 'notices'), Buffer.alloc(32, 7));
  const { feed } = await runWithNotices(vault, accountNo);
  expect(feed.notices).toEqual({ received: 3, stored, foreign: 3 - stored, failed: 0 });
  expect([...vault.read(ACCOUNT)]).toHaveLength(stored);
});

it('keeps no notice without a key file, and says how many came', async () => {
  const { feed } = await runWithNotices(null);
  expect(feed.notices).toEqual({ received: 3, stored: 0, foreign: 0, failed: 0 });
  expect(readdirSync(folder)).toEqual(['emulator']);
});

it('goes on where a notice cannot be stored, and counts it', async () => {
  const vault = new NoticeVault(join(folder, 'notices'), Buffer.alloc(32, 7));
  rmSync(join(folder, 'notices'), { recursive: true });
  const { feed } = await runWithNotices(vault);
  expect(feed.notices).toEqual({ received: 3, stored: 0, foreign: 0, failed: 3 });
  expect(lines.join('')).toContain('could not be stored');
  expect(lines.join('')).not.toContain(ACCOUNT);
});

it('runs on the host’s clock and the reduced list of TRs where the source is paper', () => {
  const kis = { appKey: 'a', appSecret: 'b', restUrl: 'http://127.0.0.1:1', webSocketUrl: 'ws://127.0.0.1:1' };
  const config = configSchema.parse({ source: { env: 'paper', kis }, universe: { venue: 'NXT', symbols: ['005930'] } });
  const feed = openKisFeed({ config, keys: [KEY], emulator: null, vault: null, log, onFailed: () => {} });
  expect(feed).toMatchObject({ source: 'paper', identity: 'paper' });
  expect(feed.clockReady()).toBe(true);
  expect(feed.kis.status().leftOut.map(({ reason }) => reason)).toEqual(['tr_not_allowed', 'tr_not_allowed']);
});
