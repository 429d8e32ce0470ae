// A hand-over of engine workers on the log. The new worker first derives all partitions as a shadow, publishing nothing, and
// holds what it derives against what the serving workers publish. Where that is the same for a while, it keeps its state as
// snapshots of its own build, joins the group, and asks the workers that it was compared with to end.
import { setTimeout as delay } from 'node:timers/promises';
import { HandOverRefused } from '../hand-over/shadow.ts';
import { describeOutputDifference, OutputComparison } from './output-comparison.ts';
import type { LogRecord } from './partitioned-log.ts';
import { retirement } from './retirement.ts';
import { type EngineWorkersRole, type EngineWorkersRoleOptions, startEngineWorkers } from './roles.ts';
import { ShadowLog } from './shadow-log.ts';
import { topicsOf } from './topics.ts';

export interface SucceedWorkersOptions extends EngineWorkersRoleOptions {
  /** How long the two sides are compared once all partitions have caught up. */
  readonly compareMs: number;
  /** How long catching up may take. */
  readonly timeoutMs: number;
}

/** Outputs that must have been the same before anybody is replaced. */
const EQUAL_MIN = 1;
const LOOK_MS = 50;
const STOP_MS = 30_000;

/**
 * @throws HandOverRefused where what it derives differs, with partition, entry, stream and number; or nothing was compared
 * @throws LogError as `startEngineWorkers` does
 */
export async function succeedWorkers(options: SucceedWorkersOptions): Promise<EngineWorkersRole> {
  const workers = await compareAsShadow(options);
  const role = await startEngineWorkers(options);
  const { log, topics, worker, build, logger } = options;
  logger.info({ workers }, 'the workers that were compared are asked to end');
  await log.append(
    topicsOf(topics.prefix).contents,
    workers.map((retired) => retirement(retired, { worker, build })),
  );
  return role;
}

/** @returns the serving workers, whose outputs were the same */
async function compareAsShadow(options: SucceedWorkersOptions): Promise<string[]> {
  const { log, topics: of, compareMs, timeoutMs, onFailed, logger } = options;
  const topics = topicsOf(of.prefix);
  const comparison = new OutputComparison();
  const positions = new Map<number, number>();
  const from = (await log.extent(topics.signals)).map(({ partition, next }) => ({ partition, offset: next }));
  for (const { partition, offset } of from) positions.set(partition, offset);
  const serving = await log.read({
    topic: topics.signals,
    from,
    onRecords(partition, records) {
      for (const record of records) comparison.take('serving', record);
      positions.set(partition, records[records.length - 1].offset + 1);
    },
    onFailed,
  });
  const onAppended = (_topic: string, records: readonly LogRecord[]): void => {
    for (const record of records) comparison.take('shadow', record);
  };
  try {
    const shadow = await startEngineWorkers({ ...options, log: new ShadowLog({ log, onAppended, positions }) });
    try {
      const caughtUp = (): boolean => shadow.notReady() === null && comparison.equal >= EQUAL_MIN;
      if (!(await until(caughtUp, comparison, timeoutMs)))
        throw new HandOverRefused(
          `hand-over refused: nothing to compare within ${timeoutMs} ms; ${waitingFor(shadow)}`,
        );
      logger.info({ compareMs }, 'caught up: compared with the serving workers from here on');
      const equalBefore = comparison.equal;
      await until(() => false, comparison, compareMs);
      if (compareMs > 0 && comparison.equal === equalBefore)
        throw new HandOverRefused(`hand-over refused: nothing was published within ${compareMs} ms to compare with`);
      logger.info({ equal: comparison.equal }, 'equal to the serving workers');
    } finally {
      await shadow.stop(STOP_MS);
    }
  } finally {
    await serving.stop();
  }
  return [...comparison.workers];
}

function waitingFor(shadow: EngineWorkersRole): string {
  return shadow.notReady() ?? 'the serving workers publish nothing';
}

/**
 * @returns whether the condition holds, once it does or the time is over
 * @throws HandOverRefused where the two sides differ meanwhile
 */
async function until(holds: () => boolean, comparison: OutputComparison, ms: number): Promise<boolean> {
  for (let waited = 0; waited < ms && !holds(); waited += LOOK_MS) {
    await delay(LOOK_MS);
    const { difference } = comparison;
    if (difference !== null) throw new HandOverRefused(`hand-over refused: ${describeOutputDifference(difference)}`);
  }
  return holds();
}
