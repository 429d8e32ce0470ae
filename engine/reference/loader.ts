// Brings reference data in beside the feed: at the start, at each turn of the day, after the close, and where a gap tore
// bars. It works in two lanes, one task at a time in each, behind the limiter of the app key; the engine never waits for
// it, and what fails is said once, counted, and tried again within bounds.
import { Subject } from 'rxjs';
import { type CalendarOverrides, calendarDifferences, calendarOverrides, NO_OVERRIDES } from '../../config/calendar.ts';
import type { SessionVenue } from '../../config/sessions.ts';
import { count } from '../counters.ts';
import { MINUTE_BAR_SETTLE_US } from '../sources/kis/rest/minute-bars.ts';
import { type Cancel, systemTimers } from '../sources/kis/timers.ts';
import { Attempts } from './attempts.ts';
import { FillQueue, type GapToFill, type WaitingFill } from './fill-queue.ts';
import type {
  LoadedReference,
  ReferenceLoaderCounters,
  ReferenceLoaderOptions,
  ReferenceLoading,
  WatchedInstrument,
} from './loader-options.ts';
import type { InstrumentsReference, Reference, ReferenceKind } from './reference.ts';
import { failureCode, summaryOf } from './reference-log.ts';
import {
  completeInstruments,
  loadCalendar,
  loadCloses,
  loadFill,
  loadInstruments,
  loadWarmBars,
} from './reference-sources.ts';
import { codesOf, nameOf, type ReferenceTask, warmName } from './reference-task.ts';
import { type DailyTask, taskName, tasksDue } from './schedule.ts';

const VENUES: readonly SessionVenue[] = ['KRX', 'NXT', 'UN'];
const FILL_ATTEMPTS_MAX = 3;
/** After a fill that failed, the others wait as well: they would meet the same. */
const FILL_PAUSE_US = 30_000_000;
/** A day that is over costs a call a code: this many, the most important ones. */
const PAST_CLOSES_MAX = 300;
/** Another attempt would not mend these: not offered, not allowed, or a key that is none (any more). */
const FINAL = /^(not_on_paper|unauthorized|EGW0000[34]|EGW0010[2-5]|EGW0020[67])$/;

export class ReferenceLoader implements ReferenceLoading {
  readonly loaded = new Subject<LoadedReference>();
  private readonly options: ReferenceLoaderOptions;
  private readonly attempts = new Attempts();
  private readonly fills: FillQueue;
  private readonly loadedByKind: Record<string, number> = {};
  private readonly failures: Record<string, number> = {};
  private fillsEmpty = 0;
  private fillsNotBeforeUs = 0;
  private instruments: InstrumentsReference | null = null;
  /** Codes whose limits were asked for in this run, on the day of `instruments`. */
  private limitsAsked = new Set<string>();
  private calendar: CalendarOverrides = NO_OVERRIDES;
  /** The last hash told of each kind: the same is not told twice. */
  private readonly told = new Map<ReferenceKind, string>();
  private readonly closing = new AbortController();
  private taskLane: Promise<void> | null = null;
  private fillLane: Promise<void> | null = null;
  private cancelTick: Cancel = () => {};
  private stopped = false;

  constructor(options: ReferenceLoaderOptions) {
    this.options = options;
    this.fills = new FillQueue(options.fillsMax ?? 4096);
  }

  get counters(): ReferenceLoaderCounters {
    return {
      loaded: this.loadedByKind,
      failures: this.failures,
      givenUp: this.attempts.givenUp,
      fillsWaiting: this.fills.size,
      fillsMerged: this.fills.merged,
      fillsDropped: this.fills.dropped,
      fillsEmpty: this.fillsEmpty,
    };
  }

  /** Whether something is being asked for right now. */
  get busy(): boolean {
    return this.taskLane !== null || this.fillLane !== null;
  }

  /** Tells what the data folder holds already, then loads what is due. */
  start(): void {
    for (const kind of ['calendar', 'instruments'] as const) {
      const known = this.options.store.newest(kind);
      if (known === null) continue;
      this.adopt(known.reference);
      this.told.set(kind, known.hash);
      this.loaded.next({ kind, hash: known.hash });
    }
    for (const { code, upperLimitWon } of this.instruments?.instruments ?? [])
      if (upperLimitWon > 0) this.limitsAsked.add(code);
    this.tickForever();
  }

  /** The bars of the minutes that the gap touches will follow as a reference, once those minutes are over. */
  fillGap(gap: GapToFill): void {
    if (this.options.fillGaps && !this.stopped) this.fills.add(gap);
  }

  /** Closes the clients of its sources; resolves when what was under way has ended. */
  async stop(): Promise<void> {
    const { kis, krx } = this.options.sources;
    this.stopped = true;
    this.cancelTick();
    this.closing.abort();
    kis.close();
    krx?.close();
    await Promise.all([this.taskLane, this.fillLane]);
    this.loaded.complete();
  }

  private tickForever(): void {
    const { timers = systemTimers, tickMs = 1000 } = this.options;
    if (this.stopped) return;
    this.tick();
    this.cancelTick = timers.after(tickMs, () => this.tickForever());
  }

  private tick(): void {
    const nowUs = this.options.nowUs();
    if (this.stopped || nowUs === null) return;
    if (this.taskLane === null) {
      const task = this.nextTask(nowUs);
      if (task !== undefined) {
        this.taskLane = this.perform(task, nowUs).finally(() => {
          this.taskLane = null;
          this.tick();
        });
      }
    }
    if (this.fillLane === null && nowUs >= this.fillsNotBeforeUs) {
      const fill = this.fills.take(nowUs - MINUTE_BAR_SETTLE_US);
      if (fill !== undefined) {
        this.fillLane = this.performFill(fill, nowUs).finally(() => {
          this.fillLane = null;
          this.tick();
        });
      }
    }
  }

  private nextTask(nowUs: number): ReferenceTask | undefined {
    const { store, warmBars } = this.options;
    const watched = this.options.watched();
    const venues = VENUES.filter((venue) => watched.some((one) => one.venue === venue));
    const daily = tasksDue(nowUs, venues, this.calendar).find((task) => {
      const name = taskName(task);
      return this.wants(task) && !store.has(name) && this.attempts.due(name, nowUs);
    });
    if (daily !== undefined) return daily;
    const limits = this.limitsTask(watched);
    if (limits !== undefined && this.attempts.due(nameOf(limits), nowUs)) return limits;
    const cold = warmBars ? watched.find((one) => this.attempts.due(warmName(one), nowUs)) : undefined;
    return cold === undefined ? undefined : { kind: 'warm', instrument: cold };
  }

  private wants({ kind }: DailyTask): boolean {
    const { bootstrap, crossCheck, sources } = this.options;
    if (kind === 'calendar' || kind === 'instruments') return bootstrap;
    return crossCheck && (kind === 'closes' || sources.krx !== null);
  }

  /** Codes that came to be watched after the instruments of the day were loaded, or whose limits failed. */
  private limitsTask(watched: readonly WatchedInstrument[]): ReferenceTask | undefined {
    if (this.instruments === null || !this.options.bootstrap) return undefined;
    const codes = codesOf(watched).filter((code) => !this.limitsAsked.has(code));
    return codes.length === 0 ? undefined : { kind: 'limits', date: this.instruments.date, codes };
  }

  private async perform(task: ReferenceTask, nowUs: number): Promise<void> {
    const name = nameOf(task);
    try {
      this.options.logger.debug({ task: name }, 'reference data are asked for');
      const complete = await this.load(task, nowUs);
      // Limits come up again with each code that comes to be watched.
      if (!complete) this.attempts.failed(name, nowUs, false);
      else if (task.kind !== 'limits') this.attempts.done(name);
    } catch (error) {
      const code = this.failed(task.kind, error);
      this.attempts.failed(name, nowUs, FINAL.test(code));
    }
  }

  /** False where it is to be tried again, though nothing went wrong. */
  private async load(task: ReferenceTask, nowUs: number): Promise<boolean> {
    const { sources, watched } = this.options;
    const codesAt = (venue: SessionVenue): string[] => codesOf(watched().filter((one) => one.venue === venue));
    switch (task.kind) {
      case 'calendar':
        return this.take(await loadCalendar(sources, task.date), nameOf(task));
      case 'instruments': {
        const loaded = await loadInstruments(sources, task.date, this.instruments, this.closing.signal);
        this.limitsAsked.clear();
        await this.complete(loaded, codesOf(watched()));
        return true;
      }
      case 'limits':
        return this.complete(this.instruments!, task.codes);
      case 'closes': {
        const codes = codesAt(task.venue).slice(0, PAST_CLOSES_MAX);
        const now = (): number => this.options.nowUs() ?? nowUs;
        return this.take(await loadCloses(sources, task.venue, task.date, codes, now), nameOf(task));
      }
      case 'cross_check': {
        const closes = await sources.krx!.crossCheck(task.date, codesOf(watched()));
        return closes !== null && this.take(closes, nameOf(task));
      }
      case 'warm': {
        const bars = await loadWarmBars(sources, task.instrument, nowUs, this.calendar);
        return bars.bars.length === 0 || this.take(bars);
      }
    }
  }

  /** Fills limits and NXT in as far as they are to be had, and tells the result in any case; false where some miss. */
  private async complete(reference: InstrumentsReference, codes: readonly string[]): Promise<boolean> {
    const completion = await completeInstruments(this.options.sources, reference, codes);
    this.take(completion.reference, `instruments ${reference.date}`);
    if (completion.failure === null) for (const code of codes) this.limitsAsked.add(code);
    else this.failed('limits', completion.failure);
    return completion.failure === null;
  }

  private async performFill(fill: WaitingFill, nowUs: number): Promise<void> {
    try {
      const filled = await loadFill(this.options.sources, fill, nowUs);
      if (filled.bars.length === 0) this.fillsEmpty += 1;
      else this.take(filled);
    } catch (error) {
      const code = this.failed('fill', error);
      if (FINAL.test(code) || fill.attempts + 1 >= FILL_ATTEMPTS_MAX) return;
      this.fills.add(fill, fill.attempts + 1);
      this.fillsNotBeforeUs = nowUs + FILL_PAUSE_US;
    }
  }

  private take(reference: Reference, task?: string): true {
    const hash = this.options.store.put(reference, task);
    this.adopt(reference);
    if (this.told.get(reference.kind) === hash) return true;
    this.told.set(reference.kind, hash);
    count(this.loadedByKind, reference.kind);
    // One for each symbol is no news.
    const level = reference.kind === 'minute_bars' ? 'debug' : 'info';
    this.options.logger[level]({ ...summaryOf(reference), hash }, 'reference data loaded');
    this.loaded.next({ kind: reference.kind, hash });
    return true;
  }

  private adopt(reference: Reference): void {
    if (reference.kind === 'instruments') this.instruments = reference;
    if (reference.kind === 'calendar') this.follow(calendarOverrides(reference.days));
  }

  /** Where our own calendar is wrong, an operator should know: whatever is planned by it is wrong as well. */
  private follow(calendar: CalendarOverrides): void {
    this.calendar = calendar;
    const differences = calendarDifferences(calendar);
    if (differences.length === 0) return;
    const datesThat = (open: boolean): number[] =>
      differences.filter(({ theirs }) => theirs === open).map(({ date }) => date);
    const dates = { open: datesThat(true), closed: datesThat(false) };
    this.options.logger.warn(dates, 'KIS and our calendar differ: KIS is believed');
  }

  /** The code of what went wrong; whatever is no failure of a source or of the disk is a fault of ours and is thrown. */
  private failed(what: string, error: unknown): string {
    const code = failureCode(error);
    if (code === undefined) throw error;
    const key = `${what} ${code}`;
    const first = this.failures[key] === undefined;
    count(this.failures, key);
    if (!this.stopped) {
      const details = { task: what, code, error: (error as Error).message };
      this.options.logger[first ? 'warn' : 'debug'](
        details,
        'reference data failed to load; the engine goes on without',
      );
    }
    return code;
  }
}
