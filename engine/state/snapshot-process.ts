// The process that makes snapshots beside an engine: it stands by, because to fork a process as large as the engine takes
// milliseconds, and forks itself for each snapshot. That second process works at low priority in a bounded heap, and ends.
import { type ChildProcess, fork } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { pino } from 'pino';
import type { SnapshotMade, SnapshotRequest } from './snapshot-by-replay.ts';

export interface SnapshotOrder {
  readonly request: SnapshotRequest;
  /** Where it is kept besides the data folder. */
  readonly redis: RedisAddress | null;
  readonly msMax: number;
  /** Of the process that works: the old generation's. */
  readonly heapMbMax: number;
}

export interface RedisAddress {
  readonly url: string;
  /** Of the journal's keys: `ENVIRONMENT:JOURNAL`. */
  readonly namespace: string;
}

export type SnapshotAnswer = { readonly begun: number } | { readonly made: SnapshotMade } | { readonly failed: string };

const WORK = 'work';
const ERRORS_KEPT = 1000;

/** One order after the other; the parent asks for the next one once it has its answer. */
function standBy(): void {
  let worker: ChildProcess | null = null;
  process.on('message', (order: SnapshotOrder) => {
    worker?.kill('SIGKILL');
    worker = startWork(order);
  });
  process.once('disconnect', () => {
    worker?.kill('SIGKILL');
    process.exit();
  });
}

function startWork(order: SnapshotOrder): ChildProcess {
  const { msMax, heapMbMax } = order;
  const worker = fork(process.argv[1], [WORK], {
    execArgv: [`--max-old-space-size=${heapMbMax}`],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let answer: SnapshotAnswer | null = null;
  let errors = '';
  worker.stderr?.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString('utf8')).slice(-ERRORS_KEPT);
  });
  const deadline = setTimeout(() => {
    answer ??= { failed: `not made within ${msMax} ms` };
    worker.kill('SIGKILL');
  }, msMax);
  worker.once('message', (message: SnapshotAnswer) => {
    answer ??= message;
  });
  // Once its pipes are closed as well: what it said last is then known.
  worker.once('close', (code, signal) => {
    clearTimeout(deadline);
    process.send?.(answer ?? { failed: `ended by ${signal ?? `code ${code}`} ${errors}`.trim() });
  });
  worker.once('error', (error) => {
    answer ??= { failed: error.message };
  });
  process.send?.({ begun: worker.pid! } satisfies SnapshotAnswer);
  worker.send(order);
  return worker;
}

async function work({ request, redis }: SnapshotOrder): Promise<SnapshotAnswer> {
  setPriority(constants.priority.PRIORITY_LOW);
  // Only now: whoever stands by stays small.
  const { snapshotByReplay } = await import('./snapshot-by-replay.ts');
  const remote = redis === null ? null : await remoteSnapshots(redis, request);
  try {
    return { made: await snapshotByReplay(request, remote === null ? [] : [remote.snapshots]) };
  } catch (error) {
    return { failed: (error as Error).message };
  } finally {
    remote?.close();
  }
}

async function remoteSnapshots({ url, namespace }: RedisAddress, { resumeWindowMs }: SnapshotRequest) {
  const { RedisConnection } = await import('./redis-connection.ts');
  const { RedisSnapshots } = await import('./redis-snapshots.ts');
  const { engineKey } = await import('./redis-layout.ts');
  const connection = new RedisConnection({ url, log: pino({ level: 'silent' }) });
  await connection.open();
  const snapshots = new RedisSnapshots({
    redis: connection.redis,
    key: (name) => engineKey(namespace, name),
    windowUs: resumeWindowMs * 1000,
  });
  return { snapshots, close: () => connection.close() };
}

if (process.argv[2] === WORK) {
  process.once('disconnect', () => process.exit());
  process.once('message', async (order: SnapshotOrder) => {
    const answer = await work(order);
    process.send?.(answer, () => process.exit());
  });
} else standBy();
