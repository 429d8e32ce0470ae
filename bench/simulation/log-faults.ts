// When what goes wrong in a seed of the log; all of it is drawn before anything happens.
import type { LogWorld } from './log-world.ts';
import { MARKET_SECONDS } from './market.ts';

/** So many records in front of the end are the first that a harsh retention leaves. */
const LEFT_MAX = 10;

export function planLogFaults(world: LogWorld): void {
  const { random, time, broker, stores, trace } = world;
  const upTo = (max: number, run: () => void): void => {
    for (let n = random.below(max + 1); n > 0; n--) time.after(random.below(MARKET_SECONDS * 1000), run, '');
  };
  const one = <T>(of: readonly T[]): T | undefined => of[random.below(Math.max(1, of.length))];
  upTo(3, () => one(world.workers)?.fuse.light(1 + random.below(20)));
  upTo(2, () => one(world.workers)?.fuse.blow('any moment'));
  upTo(2, () => one(world.workers)?.stop());
  upTo(1, () => world.startWorker());
  upTo(2, () => world.ingest?.fuse.light(1 + random.below(20)));
  upTo(2, () => one(world.gateways)?.fuse.blow('any moment'));
  upTo(3, () => {
    const process = one([...world.processes()]);
    const forMs = 200 + random.below(3000);
    trace.note(`${process?.name} is frozen for ${forMs} ms`);
    process?.line.freeze(forMs);
  });
  upTo(3, () => {
    broker.awayUntilMs = time.nowMs + 100 + random.below(2500);
  });
  upTo(2, () => {
    stores[random.below(stores.length)].awayUntilMs = time.nowMs + 200 + random.below(3000);
  });
  if (random.below(10) === 0) upTo(1, () => retain(world, 'journal'));
  if (random.below(10) === 0) upTo(1, () => retain(world, 'signals'));
}

function retain(world: LogWorld, topic: 'journal' | 'signals'): void {
  const { broker, random, trace } = world;
  const partitions = broker.topic(`simulated.${topic}`);
  if (partitions.length === 0) return;
  const partition = partitions[random.below(partitions.length)];
  partition.retainFrom(partition.next - random.below(LEFT_MAX));
  trace.note(`retention of ${topic}: a partition begins at ${partition.first}`);
  world.count(`retention of ${topic}`);
  if (topic === 'journal') world.epochWanted = true;
  else world.outputsLost = true;
}
