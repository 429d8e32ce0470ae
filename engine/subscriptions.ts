// What an operator wants registered besides the universe: a list in the data folder that commands and people write, and
// that a running engine follows. It is a file because a file outlives every process and can be made by hand. What it
// says enters the journal as a control command, so that a replay changes subscriptions at the same entry.
import { linkSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { defer, distinctUntilChanged, filter, interval, map, type Observable, skip, startWith } from 'rxjs';
import { z } from 'zod';
import { isKorean, VENUES, type Venue } from '../config/venues.ts';
import type { ControlCommand, Subscription } from './input.ts';
import { FolderLock, FolderLocked, holderPid } from './journal/folder-lock.ts';
import { streamRegistration, type WantedRegistration } from './sources/kis/registration.ts';
import { StartError } from './start-error.ts';
import type { SubscribeOptionTexts } from './subscribe-options.ts';

export type SubscriptionsCommand = Extract<ControlCommand, { type: 'subscriptions' }>;

export interface SubscriptionsOptions {
  /** See `subscriptionsFile`. */
  readonly file: string;
  /** What the engine knows already, from an earlier run; null where that is not known: it is then told. */
  readonly wanted: readonly Subscription[] | null;
  /** When to look at the file, besides at once. Default: every 250 ms. */
  readonly checks?: Observable<unknown>;
  /** The file cannot be used, in words; once for each state of it. The last good list stays in force. */
  readonly onMalformed: (problem: string) => void;
}

export const SUBSCRIPTIONS_MAX = 5_000;
export const PRIORITY_MAX = 1_000;
const CHECK_MS = 250;
const LOCK = 'subscriptions.lock';
const STREAMS = ['trades', 'books', 'expected', 'status'] as const;

export function subscriptionsFile(dataFolder: string): string {
  return join(dataFolder, 'subscriptions.json');
}

/** What delivers these subscriptions, most important first. */
export function registrationsOf(subscriptions: readonly Subscription[]): WantedRegistration[] {
  return subscriptions.flatMap(({ code, venue, streams, priority }) =>
    streams.flatMap((stream) => {
      const registration = streamRegistration(stream, venue, code);
      return registration === null ? [] : [{ ...registration, priority }];
    }),
  );
}

/** What the file commands: at once where the engine does not know it, then at each change. */
export function subscriptions(options: SubscriptionsOptions): Observable<SubscriptionsCommand> {
  const { checks = interval(CHECK_MS), wanted } = options;
  return defer(() => {
    const list = new WatchedList(options);
    return checks.pipe(
      startWith(null),
      map(() => list.look()),
      filter((now) => now !== null),
      (lists) => (wanted === null ? lists : lists.pipe(startWith(wanted))),
      distinctUntilChanged((before, now) => isDeepStrictEqual(before, now)),
      skip(wanted === null ? 0 : 1),
      map((now): SubscriptionsCommand => ({ type: 'subscriptions', wanted: now })),
    );
  });
}

/** The list of the file, read anew only where the file is another. */
class WatchedList {
  private readonly options: SubscriptionsOptions;
  private list: readonly Subscription[] | null;
  private seen = '';

  constructor(options: SubscriptionsOptions) {
    this.options = options;
    this.list = options.wanted;
  }

  /** Null while neither the engine nor the file has told one. */
  look(): readonly Subscription[] | null {
    const state = stateOf(this.options.file);
    if (state === this.seen) return this.list;
    this.seen = state;
    try {
      this.list = readList(this.options.file);
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      this.options.onMalformed(error.message);
    }
    return this.list;
  }
}

/** Differs whenever the file was written. */
function stateOf(file: string): string {
  try {
    const { ino, mtimeNs, size } = statSync(file, { bigint: true });
    return `${ino} ${mtimeNs} ${size}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}

const subscription = z
  .strictObject({
    code: z.string(),
    venue: z.enum(VENUES, `venue is one of ${VENUES.join(', ')}`),
    streams: z.array(z.enum(STREAMS, `streams are of ${STREAMS.join(', ')}`)).min(1, 'streams are one at least'),
    priority: z
      .int('priority is a whole number')
      .min(0, `priority is 0 to ${PRIORITY_MAX}`)
      .max(PRIORITY_MAX, `priority is 0 to ${PRIORITY_MAX}`),
  })
  .superRefine(({ code, venue, streams }, { addIssue }) => {
    if (!codePattern(venue).test(code)) addIssue(`${JSON.stringify(code.slice(0, 20))} is no code of ${venue}`);
    for (const [at, stream] of streams.entries()) {
      if (streams.indexOf(stream) < at) addIssue(`${stream} stands twice`);
      if (streamRegistration(stream, venue, code) === null) addIssue(`there is no stream ${stream} at ${venue}`);
    }
  });

function codePattern(venue: Venue): RegExp {
  if (venue === 'KFE') return /^[0-9A-Z]{3,12}$/;
  return isKorean(venue) ? /^[0-9A-Z]{6,7}$/ : /^[0-9A-Z.]{1,12}$/;
}

/** Empty where there is no file. Throws a StartError that says what is wrong. */
function readList(file: string): readonly Subscription[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new StartError(`${file}: cannot be read (${code})`);
  }
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new StartError(`${file}: not valid JSON`);
  }
  if (!Array.isArray(content)) throw new StartError(`${file}: expected a list of subscriptions`);
  return checked(content, file);
}

/** Most important first; equal ones in the order given. */
function checked(entries: readonly unknown[], file: string): readonly Subscription[] {
  if (entries.length > SUBSCRIPTIONS_MAX)
    throw new StartError(`${file}: ${entries.length} subscriptions; at most ${SUBSCRIPTIONS_MAX} are possible`);
  const names = new Set<string>();
  const list = entries.map((entry, at): Subscription => {
    const one = parsed(entry, `${file}: entry ${at + 1}: `);
    if (names.has(nameOf(one))) throw new StartError(`${file}: entry ${at + 1}: stands twice`);
    names.add(nameOf(one));
    return one;
  });
  return list.sort((one, other) => one.priority - other.priority);
}

function parsed(entry: unknown, where = ''): Subscription {
  const { data, error } = subscription.safeParse(entry);
  if (data === undefined) throw new StartError(`${where}${error.issues[0].message}`);
  return data;
}

function nameOf({ code, venue }: Pick<Subscription, 'code' | 'venue'>): string {
  return `${code}.${venue}`;
}

/**
 * Adds symbols, or changes what is wanted of them.
 * @returns what to tell the operator
 * @throws StartError where a code, the file, or the number of entries is not right
 */
export function subscribe(
  dataFolder: string,
  codes: readonly string[],
  { venue, streams, priority }: Omit<Subscription, 'code'>,
): string {
  const wanted = [...new Set(codes)].map((code) => parsed({ code, venue, streams, priority }));
  const names = new Set(wanted.map(nameOf));
  const { length } = rewrite(dataFolder, (list) => [...list.filter((one) => !names.has(nameOf(one))), ...wanted]);
  return `Subscribed in ${dataFolder}: ${[...names].join(' ')}; ${inAll(length)}\n${effectOf(dataFolder)}`;
}

/** The command: without codes it lists. @returns what to tell the operator @throws StartError as `subscribe` does */
export function subscribeCommand(dataFolder: string, codes: readonly string[], options: SubscribeOptionTexts): string {
  if (codes.length === 0) return listSubscriptions(dataFolder);
  const { venue = 'KRX', streams = 'trades,books', priority = '100' } = options;
  // What the texts are worth, the list's own check tells.
  const wanted = { venue, streams: streams.split(','), priority: Number(priority) };
  return subscribe(dataFolder, codes, wanted as Omit<Subscription, 'code'>);
}

/** Removes symbols, at every venue. @returns what to tell the operator @throws StartError where the file is not right */
export function unsubscribe(dataFolder: string, codes: readonly string[]): string {
  const unwanted = new Set(codes);
  const removed: string[] = [];
  const { length } = rewrite(dataFolder, (list) =>
    list.filter((one) => {
      if (unwanted.has(one.code)) removed.push(nameOf(one));
      return !unwanted.has(one.code);
    }),
  );
  if (removed.length === 0) return `None of these was subscribed in ${dataFolder}; ${inAll(length)}\n`;
  return `No longer subscribed in ${dataFolder}: ${removed.join(' ')}; ${inAll(length)}\n${effectOf(dataFolder)}`;
}

/** A line each, most important first. @throws StartError where the file is not right */
export function listSubscriptions(dataFolder: string): string {
  const list = readList(subscriptionsFile(dataFolder));
  if (list.length === 0) return `Nothing is subscribed in ${dataFolder} besides the universe.\n`;
  return list.map((one) => `${nameOf(one)}  ${one.streams.join(',')}  priority ${one.priority}\n`).join('');
}

/** One command at a time, and never a half-written list. */
function rewrite(dataFolder: string, change: (list: readonly Subscription[]) => readonly Subscription[]) {
  const file = subscriptionsFile(dataFolder);
  mkdirSync(dataFolder, { recursive: true });
  const lock = lockList(dataFolder);
  try {
    const list = checked(change(readList(file)), file);
    const lines = list.map((one) => `  ${JSON.stringify(one)}`).join(',\n');
    writeFileSync(`${file}.part`, list.length === 0 ? '[]\n' : `[\n${lines}\n]\n`, { flush: true });
    renameSync(`${file}.part`, file);
    return list;
  } finally {
    lock.release();
  }
}

function lockList(dataFolder: string): FolderLock {
  try {
    const lock = new FolderLock(dataFolder, linkSync, LOCK);
    lock.settle();
    return lock;
  } catch (error) {
    if (!(error instanceof FolderLocked)) throw error;
    throw new StartError(`process ${error.pid} is changing the subscriptions of ${dataFolder}; try again`);
  }
}

function inAll(count: number): string {
  return `${count} in all.`;
}

function effectOf(dataFolder: string): string {
  const pid = holderPid(dataFolder);
  return pid === null
    ? 'No engine runs there; the next one begins with them.\n'
    : `The engine there (process ${pid}) follows within a second.\n`;
}
