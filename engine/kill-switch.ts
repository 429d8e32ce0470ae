// The kill switch: while a file named `halt` stands in the data folder, signals are halted. It is a file because a file
// outlives every process, can be set where no engine runs, and can be made by hand when all else fails.
import { closeSync, mkdirSync, openSync, readSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { distinctUntilChanged, interval, map, type Observable, skip, startWith } from 'rxjs';
import type { ControlCommand } from './input.ts';
import { holderPid } from './journal/folder-lock.ts';

export type KillSwitchCommand = Extract<ControlCommand, { type: 'kill_switch' }>;

export interface KillSwitchOptions {
  /** See `haltFile`. */
  readonly file: string;
  /** Whether the engine is halted already, from an earlier run; null where that is not known: it is then told. */
  readonly on: boolean | null;
  /** When to look at the file, besides at once. Default: every 250 ms. */
  readonly checks?: Observable<unknown>;
  /** Reason in the file; null where it is not there. */
  readonly read?: (file: string) => string | null;
}

const CHECK_MS = 250;
const REASON_BYTES_MAX = 200;
const NO_REASON = 'no reason given';

export function haltFile(dataFolder: string): string {
  return join(dataFolder, 'halt');
}

/** What the file commands: at once where the engine is not as the file says, then at each change. */
export function killSwitch(options: KillSwitchOptions): Observable<KillSwitchCommand> {
  const { file, on, checks = interval(CHECK_MS), read = haltReason } = options;
  return checks.pipe(
    startWith(null),
    map(() => commandFor(read(file))),
    (commands) => (on === null ? commands : commands.pipe(startWith(commandFor(on ? '' : null)))),
    distinctUntilChanged((before, now) => before.on === now.on),
    skip(on === null ? 0 : 1),
  );
}

function commandFor(reason: string | null): KillSwitchCommand {
  return { type: 'kill_switch', on: reason !== null, reason: reason ?? 'the halt file is gone' };
}

/** Reason in the halt file, or null where there is none. Whatever else stands under its name halts as well. */
export function haltReason(file: string): string | null {
  try {
    return statSync(file).isFile() ? beginningOf(file) || NO_REASON : NO_REASON;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === 'ENOENT' ? null : `the halt file cannot be read: ${code}`;
  }
}

function beginningOf(file: string): string {
  const fd = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(REASON_BYTES_MAX);
    return bytes.toString('utf8', 0, readSync(fd, bytes)).replace(/\s+/g, ' ').trim();
  } finally {
    closeSync(fd);
  }
}

/** Throws the switch; the reason of whoever threw it before is left. @returns what to tell the operator */
export function halt(dataFolder: string, reason: string): string {
  const file = haltFile(dataFolder);
  const before = haltReason(file);
  if (before !== null)
    return `Signals of ${dataFolder} were halted already: ${before}\n${effectOf(dataFolder, 'halted')}`;
  mkdirSync(dataFolder, { recursive: true });
  writeFileSync(file, `${reason || NO_REASON}\n`, { flush: true });
  return `Signals of ${dataFolder} are halted: ${haltReason(file)}\n${effectOf(dataFolder, 'halted')}`;
}

/** Takes the switch back. @returns what to tell the operator */
export function resume(dataFolder: string): string {
  const file = haltFile(dataFolder);
  const before = haltReason(file);
  if (before === null) return `Signals of ${dataFolder} were not halted.\n`;
  rmSync(file, { recursive: true, force: true });
  return `Signals of ${dataFolder} go on; they were halted: ${before}\n${effectOf(dataFolder, 'active')}`;
}

function effectOf(dataFolder: string, state: 'halted' | 'active'): string {
  const pid = holderPid(dataFolder);
  return pid === null
    ? `No engine runs there; the next one starts with signals ${state}.\n`
    : `The engine there (process ${pid}) follows within a second.\n`;
}
