// The tasks of the reference loader and their names, by which they are struck off and counted.
import type { WatchedInstrument } from './loader-options.ts';
import { type DailyTask, taskName } from './schedule.ts';

/** A daily task, or one that follows from what is watched. */
export type ReferenceTask =
  | DailyTask
  | { readonly kind: 'limits'; readonly date: number; readonly codes: readonly string[] }
  | { readonly kind: 'warm'; readonly instrument: WatchedInstrument };

export function nameOf(task: ReferenceTask): string {
  if (task.kind === 'warm') return warmName(task.instrument);
  return task.kind === 'limits' ? `limits ${task.date}` : taskName(task);
}

export function warmName({ code, venue }: WatchedInstrument): string {
  return `warm ${code}.${venue}`;
}

/** Each once, in order. */
export function codesOf(watched: readonly WatchedInstrument[]): string[] {
  return [...new Set(watched.map(({ code }) => code))];
}
