import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Subscription } from './input.ts';
import { FolderLock } from './journal/folder-lock.ts';
import {
  listSubscriptions,
  registrationsOf,
  SUBSCRIPTIONS_MAX,
  type SubscriptionsCommand,
  subscribe,
  subscriptions,
  subscriptionsFile,
  unsubscribe,
} from './subscriptions.ts';

const BOTH = { venue: 'KRX', streams: ['trades', 'books'], priority: 10 } as const;

let folder: string;
let file: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'kisignal-subscriptions-')), 'live');
  file = subscriptionsFile(folder);
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

function one(code: string, priority = 10, venue: Subscription['venue'] = 'KRX'): Subscription {
  return { ...BOTH, code, venue, priority };
}

function stored(): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

describe('the commands', () => {
  it('add, change and remove, and keep the list most important first', () => {
    const nobody = 'No engine runs there; the next one begins with them.\n';
    expect(subscribe(folder, ['005930', '000660', '005930'], BOTH)).toBe(
      `Subscribed in ${folder}: 005930.KRX 000660.KRX; 2 in all.\n${nobody}`,
    );
    subscribe(folder, ['0074K0'], { ...BOTH, venue: 'UN', priority: 0 });
    subscribe(folder, ['005930'], { ...BOTH, streams: ['trades'], priority: 20 });
    expect(listSubscriptions(folder)).toBe(
      '0074K0.UN  trades,books  priority 0\n000660.KRX  trades,books  priority 10\n005930.KRX  trades  priority 20\n',
    );
    expect(stored()).toHaveLength(3);
    expect(unsubscribe(folder, ['000660', '0074K0', '123456'])).toBe(
      `No longer subscribed in ${folder}: 0074K0.UN 000660.KRX; 1 in all.\n${nobody}`,
    );
    expect(unsubscribe(folder, ['000660'])).toBe(`None of these was subscribed in ${folder}; 1 in all.\n`);
    unsubscribe(folder, ['005930']);
    expect(stored()).toEqual([]);
    expect(listSubscriptions(folder)).toBe(`Nothing is subscribed in ${folder} besides the universe.\n`);
    expect(readdirSync(folder)).toEqual(['subscriptions.json']);
  });

  it('name the engine that will follow', () => {
    mkdirSync(folder);
    const lock = new FolderLock(folder);
    expect(subscribe(folder, ['005930'], BOTH)).toContain(
      `The engine there (process ${process.pid}) follows within a second.\n`,
    );
    lock.release();
  });

  it('wait for no other command that is at it', () => {
    mkdirSync(folder);
    const lock = new FolderLock(folder, undefined, 'subscriptions.lock');
    expect(() => subscribe(folder, ['005930'], BOTH)).toThrow(`process ${process.pid} is changing the subscriptions`);
    lock.release();
    subscribe(folder, ['005930'], BOTH);
  });

  it.each([
    ['a code of another form', ['00593'], BOTH, '"00593" is no code of KRX'],
    ['a code in small letters', ['aapl'], { ...BOTH, venue: 'NAS' }, 'is no code of NAS'],
    ['a stream that the venue lacks', ['AAPL'], { ...BOTH, venue: 'NAS' }, 'there is no stream books at NAS'],
    ['a stream given twice', ['005930'], { ...BOTH, streams: ['books', 'books'] }, 'books stands twice'],
    ['no stream', ['005930'], { ...BOTH, streams: [] }, 'streams are one at least'],
    [
      'a stream of no name',
      ['005930'],
      { ...BOTH, streams: ['news'] },
      'streams are of trades, books, expected, status',
    ],
    ['a venue of no name', ['005930'], { ...BOTH, venue: 'NYSE' }, 'venue is one of KRX, NXT, UN'],
    ['a priority below 0', ['005930'], { ...BOTH, priority: -1 }, 'priority is 0 to 1000'],
    ['half a priority', ['005930'], { ...BOTH, priority: 0.5 }, 'priority is a whole number'],
  ])('refuse %s, and leave the list as it was', (_, codes, what, message) => {
    subscribe(folder, ['000660'], { ...BOTH, priority: 1000 });
    const before = readFileSync(file, 'utf8');
    expect(() => subscribe(folder, codes, what as Omit<Subscription, 'code'>)).toThrow(message);
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(readdirSync(folder)).toEqual(['subscriptions.json']);
  });

  it('refuse more than can be, and a list that is damaged', () => {
    const codes = Array.from({ length: SUBSCRIPTIONS_MAX + 1 }, (_, at) => String(at).padStart(6, '0'));
    expect(() => subscribe(folder, codes, BOTH)).toThrow('5001 subscriptions; at most 5000 are possible');
    expect(existsSync(file)).toBe(false);
    subscribe(folder, codes.slice(1), BOTH);
    expect(stored()).toHaveLength(SUBSCRIPTIONS_MAX);
    writeFileSync(file, '[{"code": ');
    for (const attempt of [
      () => subscribe(folder, ['005930'], BOTH),
      () => unsubscribe(folder, ['005930']),
      () => listSubscriptions(folder),
    ])
      expect(attempt).toThrow(`${file}: not valid JSON`);
  });
});

describe('the list as registrations', () => {
  it('names the TR of each stream and venue', () => {
    const all = ['trades', 'books', 'expected', 'status'] as const;
    const list: Subscription[] = [
      { code: '005930', venue: 'UN', streams: all, priority: 3 },
      { code: 'A05608', venue: 'KFE', streams: ['trades', 'books'], priority: 4 },
      { code: 'AAPL', venue: 'NAS', streams: ['trades'], priority: 5 },
    ];
    expect(registrationsOf(list).map(({ trId, trKey, priority }) => `${trId} ${trKey} ${priority}`)).toEqual([
      'H0UNCNT0 005930 3',
      'H0UNASP0 005930 3',
      'H0UNANC0 005930 3',
      'H0UNMKO0 005930 3',
      'H0IFCNT0 A05608 4',
      'H0IFASP0 A05608 4',
      'HDFSCNT0 DNASAAPL 5',
    ]);
  });
});

describe('the running engine', () => {
  /** Looks on command; what it commanded and what was wrong. */
  function watch(wanted: readonly Subscription[] = []) {
    const checks = new Subject<void>();
    const commands: SubscriptionsCommand[] = [];
    const problems: string[] = [];
    const running = subscriptions({ file, wanted, checks, onMalformed: (problem) => problems.push(problem) });
    const subscription = running.subscribe((command) => commands.push(command));
    return { checks, commands, problems, subscription };
  }

  it('is told what it does not know at once, and each change, once', () => {
    subscribe(folder, ['005930'], BOTH);
    expect(watch([one('005930')]).commands).toEqual([]);
    const { checks, commands, subscription } = watch([one('000660')]);
    expect(commands).toEqual([{ type: 'subscriptions', wanted: [one('005930')] }]);
    for (const _ of [1, 2]) checks.next();
    subscribe(folder, ['000660'], { ...BOTH, priority: 1 });
    for (const _ of [1, 2]) checks.next();
    // Written again with the same content.
    subscribe(folder, ['000660'], { ...BOTH, priority: 1 });
    checks.next();
    rmSync(file);
    checks.next();
    expect(commands.slice(1).map(({ wanted }) => wanted)).toEqual([[one('000660', 1), one('005930')], []]);
    subscription.unsubscribe();
    subscribe(folder, ['005930'], BOTH);
    checks.next();
    expect(commands).toHaveLength(3);
  });

  it('keeps the last good list while the file is damaged, and says so once', () => {
    subscribe(folder, ['005930'], BOTH);
    const { checks, commands, problems } = watch();
    writeFileSync(file, '{}');
    for (const _ of [1, 2, 3]) checks.next();
    writeFileSync(file, JSON.stringify([one('005930'), one('005930')]));
    for (const _ of [1, 2, 3]) checks.next();
    rmSync(file);
    mkdirSync(file);
    for (const _ of [1, 2, 3]) checks.next();
    expect(problems).toEqual([
      `${file}: expected a list of subscriptions`,
      `${file}: entry 2: stands twice`,
      `${file}: cannot be read (EISDIR)`,
    ]);
    expect(commands).toHaveLength(1);
    rmSync(file, { recursive: true });
    writeFileSync(file, JSON.stringify([one('000660', 3, 'NXT')]));
    checks.next();
    expect(commands.at(-1)!.wanted).toEqual([one('000660', 3, 'NXT')]);
  });

  it('keeps what it knew where the file is damaged from the start', () => {
    mkdirSync(folder);
    writeFileSync(file, 'null');
    const { commands, problems } = watch([one('005930')]);
    expect([commands, problems]).toEqual([[], [`${file}: expected a list of subscriptions`]]);
  });

  it('takes any file for a list or for a problem, and never stops', () => {
    mkdirSync(folder);
    const entry = fc.record(
      {
        code: fc.oneof(fc.constantFrom('005930', '0074K0', 'AAPL'), fc.string()),
        venue: fc.constantFrom('KRX', 'NAS', 'KFE', 'X'),
        streams: fc.array(fc.constantFrom('trades', 'books', 'status', 'x'), { maxLength: 3 }),
        priority: fc.oneof(fc.integer({ min: -2, max: 5 }), fc.double()),
        more: fc.anything(),
      },
      { requiredKeys: [] },
    );
    const content = fc.oneof(
      fc.json(),
      fc.array(entry, { maxLength: 4 }).map((list) => JSON.stringify(list) ?? ''),
    );
    fc.assert(
      fc.property(fc.array(content, { minLength: 1, maxLength: 5 }), (texts) => {
        const { checks, commands, problems } = watch();
        for (const text of texts) {
          const before = problems.length;
          writeFileSync(file, text);
          checks.next();
          if (problems.length > before) continue;
          const inForce = commands.at(-1)?.wanted ?? [];
          expect(inForce).toHaveLength((JSON.parse(text) as unknown[]).length);
          expect(registrationsOf(inForce).length).toBe(inForce.reduce((sum, { streams }) => sum + streams.length, 0));
        }
        rmSync(file, { force: true });
      }),
    );
  });
});
