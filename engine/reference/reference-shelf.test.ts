import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Contents } from '../journal/contents.ts';
import { Attempts } from './attempts.ts';
import type { CalendarReference } from './reference.ts';
import { ReferenceShelf } from './reference-shelf.ts';
import { temporaryFolder } from './test-loader.ts';

const calendar = (date: number): CalendarReference => ({ kind: 'calendar', days: [{ date, open: true }] });

function shelf(folder: string): ReferenceShelf {
  return new ReferenceShelf(join(folder, 'reference.json'), new Contents(join(folder, 'contents')));
}

it('knows after a restart what was brought, the newest of each kind', () => {
  const folder = temporaryFolder();
  const one = shelf(folder);
  expect(one.newest('calendar')).toBeNull();
  one.put(calendar(1), 'calendar 1');
  const hash = one.put(calendar(2), 'calendar 2');
  one.put({ kind: 'minute_bars', code: '005930', venue: 'KRX', purpose: 'fill', bars: [] });
  const again = shelf(folder);
  expect(again.newest('calendar')).toEqual({ hash, reference: calendar(2) });
  expect([again.has('calendar 1'), again.has('calendar 3'), again.newest('minute_bars')]).toEqual([true, false, null]);
});

it('forgets the oldest, and puts the same task in the place of itself', () => {
  const folder = temporaryFolder();
  const one = shelf(folder);
  for (let date = 0; date < 70; date++) one.put(calendar(date), `calendar ${date}`);
  one.put(calendar(99), 'calendar 69');
  expect([one.has('calendar 5'), one.has('calendar 6'), one.has('calendar 69')]).toEqual([false, true, true]);
  expect(JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8'))).toHaveLength(64);
});

it('begins with nothing where its file is damaged, and has nothing whose content is gone', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'reference.json');
  shelf(folder).put(calendar(1), 'calendar 1');
  const whole = readFileSync(path);
  for (let length = 0; length < whole.length; length++) {
    truncateSync(path, length);
    expect(shelf(folder).has('calendar 1')).toBe(false);
    writeFileSync(path, whole);
  }
  for (const text of ['null', '{}', '[1, null, {"task": 5}]']) {
    writeFileSync(path, text);
    expect(shelf(folder).newest('calendar')).toBeNull();
  }
  writeFileSync(path, whole);
  for (const name of readdirSync(join(folder, 'contents'))) rmSync(join(folder, 'contents', name));
  expect(shelf(folder).newest('calendar')).toBeNull();
});

it('waits twice as long after each failure, up to half an hour, and gives up after eight', () => {
  const attempts = new Attempts();
  const waitsS: number[] = [];
  let nowUs = 0;
  for (let failure = 1; failure <= 7; failure++) {
    attempts.failed('masters', nowUs, false);
    let waitS = 0;
    while (!attempts.due('masters', nowUs + waitS * 1_000_000)) waitS += 10;
    waitsS.push(waitS);
    nowUs += waitS * 1_000_000;
  }
  expect(waitsS).toEqual([30, 60, 120, 240, 480, 960, 1800]);
  attempts.failed('masters', nowUs, false);
  expect([attempts.due('masters', Number.MAX_SAFE_INTEGER), attempts.givenUp]).toEqual([false, 1]);
  attempts.failed('calendar', 0, true);
  attempts.done('limits');
  expect([attempts.due('calendar', 1e15), attempts.due('limits', 1e15), attempts.due('other', 0)]).toEqual([
    false,
    false,
    true,
  ]);
});
