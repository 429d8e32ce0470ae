// The demonstrations over Kafka and Redis: processes killed at random, workers added and taken away, servers stopped. Each
// ends with the journal of the ingest replayed by one machine, and every client's messages held against it.
import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '../../models/learners/random.ts';
import { Cluster } from './cluster.ts';
import { type DemonstrationOptions, PROGRESS_KILLS } from './data-folder.ts';
import type { Member } from './member.ts';
import { prove } from './proof.ts';
import { RecoveryTimes } from './recovery-times.ts';
import { type CrashReport, reportOf } from './report.ts';
import { failuresOf } from './verdict.ts';
import type { Mark } from './witness.ts';

/** Six processes, Kafka and Redis share one machine, and a gateway that comes back reads the whole window again. */
const LOAD = ['--speed', '4', '--activity', '1', '--start-time', '2026-03-04T09:00:00+09:00'];
/** The window is of the feed's time, which runs fourfold: a minute. */
const SETTINGS = { KISIGNAL_SNAPSHOT_EVERY_MS: '3000', KISIGNAL_GATEWAY_RESUME_WINDOW_MS: '240000' };
const PARTITIONS = 8;
const MOMENT_MS_MAX = 2000;
/** Workers, step by step. */
const SCALE = [1, 2, 4, 1];

export interface ServersDownOptions extends DemonstrationOptions {
  /** How long each server stays away. */
  readonly outageMs: number;
}

/** Kills one process after the other; which, and when, is drawn from the seed. */
export function crashCluster(options: DemonstrationOptions): Promise<CrashReport> {
  const { kills, seed, say } = options;
  return demonstrate('kills over Kafka and Redis', { workers: 2, gateways: 2 }, options, async (cluster, times) => {
    const random = seededRandom(seed);
    for (let kill = 1; kill <= kills; kill++) {
      await delay(random() * MOMENT_MS_MAX);
      const { members } = cluster;
      const victim = members[Math.floor(random() * members.length)];
      await crashAndMeasure(cluster, victim, times, `kill ${kill}, of ${victim.name}`);
      if (kill % PROGRESS_KILLS === 0) say(`${kill} of ${kills} kills`);
    }
    return Object.fromEntries(cluster.members.map((member) => [`kill -9 ${member.name}`, member.kills]));
  });
}

async function crashAndMeasure(cluster: Cluster, victim: Member, times: RecoveryTimes, what: string): Promise<void> {
  const crashedMs = performance.now();
  const marks = cluster.marks();
  await victim.crash();
  const served = cluster.gateways.indexOf(victim);
  const isBack = (): boolean => served === -1 || cluster.witnesses[served].isBack(marks[served]);
  await times.measure(
    () => isBack() && cluster.ticksAgain(marks),
    crashedMs,
    what,
    () => cluster.lastWords,
  );
}

/** 1 → 2 → 4 → 1 workers, each step until all of them have partitions and every instrument ticks again. */
export function scaleCluster(options: DemonstrationOptions): Promise<CrashReport> {
  return demonstrate('workers 1 → 2 → 4 → 1', { workers: SCALE[0], gateways: 1 }, options, async (cluster, times) => {
    for (const workers of SCALE.slice(1)) {
      await delay(MOMENT_MS_MAX);
      options.say(`${workers} workers`);
      const beganMs = performance.now();
      while (cluster.workers.length < workers) await cluster.addWorker();
      while (cluster.workers.length > workers) await cluster.endWorker();
      let marks: Mark[] | null = null;
      const sharedAndTicking = (): boolean => {
        if (cluster.isShared) marks ??= cluster.marks();
        return marks !== null && cluster.ticksAgain(marks);
      };
      await times.measure(sharedAndTicking, beganMs, `${workers} workers`, () => cluster.lastWords);
    }
    await delay(MOMENT_MS_MAX);
    return { 'numbers of workers': SCALE.length };
  });
}

/** The broker, then Redis, killed and away for a while. */
export function stopServers({ outageMs, ...options }: ServersDownOptions): Promise<CrashReport> {
  const shape = { workers: 2, gateways: 1 };
  return demonstrate('Kafka and Redis away', shape, options, async (cluster, times) => {
    for (const [name, server] of [
      ['Kafka', cluster.kafka],
      ['Redis', cluster.redis],
    ] as const) {
      options.say(`${name} away for ${outageMs} ms`);
      await server.kill();
      await delay(outageMs);
      await server.restart();
      const marks = cluster.marks();
      await times.measure(
        () => cluster.ticksAgain(marks),
        performance.now(),
        `${name} came back`,
        () => cluster.lastWords,
      );
    }
    await delay(MOMENT_MS_MAX);
    return { 'servers away': 2 };
  });
}

async function demonstrate(
  name: string,
  shape: { readonly workers: number; readonly gateways: number },
  { seed, folder, say }: DemonstrationOptions,
  disturb: (cluster: Cluster, times: RecoveryTimes) => Promise<CrashReport['disturbances']>,
): Promise<CrashReport> {
  const beganMs = performance.now();
  const cluster = await Cluster.start({ folder, ...shape, partitions: PARTITIONS, load: LOAD, settings: SETTINGS });
  const times = new RecoveryTimes();
  try {
    const disturbances = await disturb(cluster, times);
    await cluster.drain();
    say('replaying the journal left behind');
    const { witnesses } = cluster;
    const proof = await prove(cluster.journalFolder, witnesses, false);
    const members = [...cluster.members, ...cluster.ended];
    const failures = failuresOf({ members, witnesses, proof, live: null, replayed: null });
    if (proof.undelivered > 0) failures.push(`${proof.undelivered} messages of the journal reached no client`);
    return reportOf({ name, seed, disturbances, times, witnesses, live: null, proof, failures, beganMs });
  } finally {
    await cluster.stop();
  }
}
