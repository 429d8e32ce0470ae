// The goals of what keeps the state: journal, recovery, snapshots, replay.
import { type Goal, number } from './markdown.ts';
import type { RecoveryResult } from './recovery.bench.ts';
import type { ReplayResult } from './replay.bench.ts';
import type { SnapshotResult } from './snapshot.bench.ts';

const RECOVERY_S_MAX = 2;
const SNAPSHOT_PAUSE_US_MAX = 1000;
const REPLAY_TICKS_MIN = 150_000;

export function recoveryGoals({ entries, seconds }: RecoveryResult): Goal[] {
  const million = (seconds * 1e6) / entries;
  const text = `recovery of a million entries ≤${RECOVERY_S_MAX} s`;
  return [{ text, value: `${number(million)} s`, met: million <= RECOVERY_S_MAX }];
}

export function snapshotGoals({ symbols, pauseUsMax }: SnapshotResult): Goal[] {
  const text = `a snapshot of ${number(symbols)} symbols stops the pipeline <1 ms (longest)`;
  return [{ text, value: `${number(pauseUsMax / 1000)} ms`, met: pauseUsMax < SNAPSHOT_PAUSE_US_MAX }];
}

export function replayGoals({ ticks, seconds }: ReplayResult): Goal[] {
  const perSecond = ticks / seconds;
  const text = `replay with prediction ≥${number(REPLAY_TICKS_MIN)} ticks/s`;
  return [{ text, value: `${number(perSecond)}/s`, met: perSecond >= REPLAY_TICKS_MIN }];
}
