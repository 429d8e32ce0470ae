// Kills (-9) the one process on a data folder at random moments under load: while it serves, and while it comes back.
// In the end clients, journal and live digest must tell the same story.
import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '../../models/learners/random.ts';
import { kisignal } from '../kisignal-command.ts';
import type { EndReport } from '../kisignal-process.ts';
import { Member } from './member.ts';
import { emulatorFolder, prove } from './proof.ts';
import { RecoveryTimes } from './recovery-times.ts';
import { type CrashReport, reportOf } from './report.ts';
import { failuresOf } from './verdict.ts';
import { Witness } from './witness.ts';

export interface DemonstrationOptions {
  readonly kills: number;
  readonly seed: number;
  /** Empty; of this demonstration alone. */
  readonly folder: string;
  readonly clients: number;
  readonly say: (text: string) => void;
}

/** A market so lively that no moment is without frames, from the opening on. */
export const LOAD = ['--speed', '10', '--activity', '3', '--start-time', '2026-03-04T09:00:00+09:00'];
/** Snapshots so often that many kills fall into one. The window is of the feed's time, which runs tenfold. */
export const SETTINGS = { KISIGNAL_SNAPSHOT_EVERY_MS: '3000', KISIGNAL_GATEWAY_RESUME_WINDOW_MS: '300000' };
/** Share of the kills that do not wait until it serves again. */
const EARLY_SHARE = 0.2;
const MOMENT_MS_MAX = 1500;
const LAST_WORDS_MS = 1000;
export const PROGRESS_KILLS = 10;

export async function crashDataFolder({
  kills,
  seed,
  folder,
  clients,
  say,
}: DemonstrationOptions): Promise<CrashReport> {
  const beganMs = performance.now();
  const random = seededRandom(seed);
  const member = await Member.of({ name: 'kisignal', dataFolder: folder, flags: LOAD, environment: SETTINGS });
  const witnesses: Witness[] = [];
  const times = new RecoveryTimes();
  try {
    member.start();
    await member.process.url();
    for (let client = 0; client < clients; client++) witnesses.push(new Witness(member.streamUrl));
    await Promise.all(witnesses.map(({ subscribed }) => subscribed));
    for (let kill = 1; kill <= kills; kill++) {
      await delay(random() * MOMENT_MS_MAX);
      const crashedMs = performance.now();
      const marks = witnesses.map((witness) => witness.mark());
      await member.crash();
      if (kill % PROGRESS_KILLS === 0) say(`${kill} of ${kills} kills`);
      if (kill < kills && random() < EARLY_SHARE) continue;
      const isBack = (): boolean => {
        if (member.failures.length > 0) throw new Error(`kill ${kill}: ${member.failures.join('; ')}`);
        return witnesses.every((one, i) => one.isBack(marks[i]));
      };
      const lastWords = (): string => [member.lastWords, ...witnesses.map(({ standing }) => standing)].join('\n');
      await times.measure(isBack, crashedMs, `kill ${kill}`, lastWords);
    }
    await delay(LAST_WORDS_MS);
    const live = await member.end();
    say('replaying the journal left behind');
    const data = emulatorFolder(folder);
    const replayed = JSON.parse((await kisignal(folder, 'replay', data)).out) as EndReport;
    const proof = await prove(data, witnesses, true);
    const failures = failuresOf({ members: [member], witnesses, proof, live, replayed });
    const disturbances = { 'kill -9': member.kills };
    return reportOf({
      name: 'kills on a data folder',
      seed,
      disturbances,
      times,
      witnesses,
      live,
      proof,
      failures,
      beganMs,
    });
  } finally {
    for (const witness of witnesses) witness.close();
    await member.kill();
  }
}
