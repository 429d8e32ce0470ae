// Virtual time for one seed: the clocks, timers and random names of this thread are taken over, and what is due happens
// in one order, each event with all that follows from it before the next. Nothing waits; an hour costs what it computes.
// What a process set up dies with it: every timer belongs to the process during which it was set.
import crypto from 'node:crypto';
import { writeFileSync } from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { hostClock } from '../../engine/clock.ts';

/** Monotonic time at which every seed begins; above zero, as on any machine. */
const MONOTONIC_ORIGIN_MS = 1_000_000;

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly owner: string;
  readonly run: () => void;
  readonly everyMs: number | null;
}

/** What `setTimeout` gives: enough of Node's own for those who hold it. */
interface Timer {
  due: Due | null;
  ref(): Timer;
  unref(): Timer;
  hasRef(): boolean;
}

const real = {
  setTimeout: globalThis.setTimeout,
  setInterval: globalThis.setInterval,
  setImmediate: globalThis.setImmediate,
  clearTimeout: globalThis.clearTimeout,
  clearInterval: globalThis.clearInterval,
  clearImmediate: globalThis.clearImmediate,
  now: Date.now,
  performanceNow: performance.now,
  randomUUID: crypto.randomUUID,
  writeFile: files.writeFile,
  random: Math.random,
};

export interface VirtualTimeOptions {
  /** Wall clock at the start, UTC milliseconds. */
  readonly startMs: number;
  /** 32 random bits. */
  readonly draw: () => number;
}

export class VirtualTime {
  /** Milliseconds since the start. */
  nowMs = 0;
  /** Events that have happened. */
  steps = 0;
  /** The process whose event happens now; '' for the world around them. */
  owner = '';
  private readonly options: VirtualTimeOptions;
  private readonly queue: Due[] = [];
  private readonly ended = new Set<string>();
  private order = 0;

  constructor(options: VirtualTimeOptions) {
    this.options = options;
  }

  /** After so many milliseconds; in the name of a process, it does not happen once that has ended. */
  after(delayMs: number, run: () => void, owner = this.owner): Due {
    return this.enqueue(delayMs, run, owner, null);
  }

  /** Nothing that the process set up happens any more. */
  end(owner: string): void {
    this.ended.add(owner);
  }

  /** Takes over the thread's clocks until `restore`. */
  take(): void {
    const set = (run: (...args: unknown[]) => void, delayMs: number | undefined, every: boolean, args: unknown[]) =>
      this.timer(() => run(...args), Math.max(1, delayMs ?? 0), every);
    const clear = (timer: Timer | undefined): void => this.cancel(timer);
    const { startMs } = this.options;
    Object.assign(globalThis, {
      setTimeout: (run: () => void, delayMs?: number, ...args: unknown[]) => set(run, delayMs, false, args),
      setInterval: (run: () => void, delayMs?: number, ...args: unknown[]) => set(run, delayMs, true, args),
      setImmediate: (run: (...args: unknown[]) => void, ...args: unknown[]) => this.timer(() => run(...args), 0, false),
      clearTimeout: clear,
      clearInterval: clear,
      clearImmediate: clear,
    });
    Date.now = () => Math.floor(startMs + this.nowMs);
    performance.now = () => MONOTONIC_ORIGIN_MS + this.nowMs;
    // The host's clock never goes back, and one thread runs many seeds: each begins anew.
    Object.assign(hostClock, { originMs: startMs - MONOTONIC_ORIGIN_MS });
    Math.random = () => (this.options.draw() >>> 0) / 4_294_967_296;
    // The threads that write files keep a time of their own, and so does the disk below.
    const writeFile = async (...[path, data, options]: Parameters<typeof writeFileSync>): Promise<void> =>
      writeFileSync(path, data, typeof options === 'object' ? { ...options, flush: false } : options);
    replaceBuiltins(() => this.uuid(), writeFile as typeof real.writeFile);
  }

  restore(): void {
    const { now, performanceNow, randomUUID, random, writeFile, ...timers } = real;
    Object.assign(globalThis, timers);
    Date.now = now;
    performance.now = performanceNow;
    Object.assign(hostClock, { originMs: performance.timeOrigin });
    Math.random = random;
    replaceBuiltins(randomUUID, writeFile);
  }

  /** Events until the time is over, each followed by all promises it settles. `onStep` is called after each. */
  async runUntil(untilMs: number, onStep: () => void): Promise<void> {
    for (;;) {
      const next = this.queue[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.queue.shift();
      if (this.ended.has(next.owner)) continue;
      this.nowMs = next.atMs;
      this.owner = next.owner;
      if (next.everyMs !== null) this.repeat(next);
      next.run();
      await turn();
      this.steps += 1;
      onStep();
    }
    this.nowMs = untilMs;
    this.owner = '';
  }

  private repeat(due: Due): void {
    const next = this.enqueue(due.everyMs!, due.run, due.owner, due.everyMs);
    const timer = this.timers.get(due);
    if (timer === undefined) return;
    this.timers.delete(due);
    timer.due = next;
    this.timers.set(next, timer);
  }

  private readonly timers = new Map<Due, Timer>();

  private timer(run: () => void, delayMs: number, every: boolean): Timer {
    const due = this.enqueue(delayMs, run, this.owner, every ? delayMs : null);
    const timer: Timer = { due, ref: () => timer, unref: () => timer, hasRef: () => true };
    if (every) this.timers.set(due, timer);
    return timer;
  }

  private cancel(timer: Timer | undefined): void {
    const due = timer?.due;
    if (due === null || due === undefined) return;
    this.timers.delete(due);
    timer!.due = null;
    const at = this.queue.indexOf(due);
    if (at >= 0) this.queue.splice(at, 1);
  }

  private enqueue(delayMs: number, run: () => void, owner: string, everyMs: number | null): Due {
    const due: Due = { atMs: this.nowMs + delayMs, order: this.order++, owner, run, everyMs };
    if (this.ended.has(owner)) return due;
    let low = 0;
    let high = this.queue.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.queue[middle].atMs <= due.atMs) low = middle + 1;
      else high = middle;
    }
    this.queue.splice(low, 0, due);
    return due;
  }

  private uuid(): string {
    const hex = Array.from({ length: 4 }, () => (this.options.draw() >>> 0).toString(16).padStart(8, '0')).join('');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}

function replaceBuiltins(randomUUID: () => string, writeFile: typeof real.writeFile): void {
  Object.assign(crypto, { randomUUID });
  Object.assign(files, { writeFile });
  syncBuiltinESMExports();
}

function turn(): Promise<void> {
  return new Promise((resolve) => real.setImmediate(resolve));
}
