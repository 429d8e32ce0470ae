// `npm run simulate [-- --world NAME --seeds N --from S --seed S --plant NAME --trace]`: runs seeds, each a life of the
// system in virtual time with all that can go wrong in it. A seed that fails is printed with what happened last and how
// to run it again.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { UsageError } from '../../config/command-line.ts';
import type { SeedReport } from './seed.ts';
import { runSideBySide } from './seed-processes.ts';
import { WORLDS } from './worlds.ts';

const PLANTS = Object.entries(WORLDS).map(([name, { plants }]) => `${name}: ${Object.keys(plants).join(', ')}`);
const USAGE = `Usage: npm run simulate [-- --world NAME --seeds N --from S --seed S --plant NAME --trace]
  --world      of the data folder, or of the log: ${Object.keys(WORLDS).join(', ')} (folder)
  --seeds      how many (1000)
  --from       the first one (0)
  --seed       this one alone
  --trace      every event, of one seed
  --plant      with a bug planted on purpose, of ${PLANTS.join('; of ')}
  --processes  side by side (one a processor)
`;

const PROGRESS_MS = 2000;

interface Run {
  readonly world: string;
  readonly plant: string | undefined;
}

function describe({ seed, steps, virtualMs, violation, lastEvents }: SeedReport, { world, plant }: Run): string {
  const options = `${world === 'folder' ? '' : ` --world ${world}`}${plant === undefined ? '' : ` --plant ${plant}`}`;
  const head = `seed ${seed} fails at step ${steps}, ${virtualMs.toFixed(3)} ms: ${violation!.message}`;
  return [...lastEvents, head, `again: npm run simulate -- --seed ${seed}${options}`, ''].join('\n');
}

function integer(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new UsageError(`--${name} takes a whole number, not "${text}"`);
  return value;
}

async function runOne(seed: number, { world, plant }: Run, traced: boolean): Promise<number> {
  const onEvent = traced ? (line: string) => void process.stdout.write(`${line}\n`) : undefined;
  const report = await WORLDS[world].run({ seed, plant, onEvent });
  if (report.violation !== null) process.stdout.write(describe(report, { world, plant }));
  process.stdout.write(`${report.steps} steps, trace ${report.traceHash}\n`);
  return report.violation === null ? 0 : 1;
}

async function runMany(first: number, seeds: number, processes: number, run: Run): Promise<number> {
  const beganMs = performance.now();
  let saidMs = beganMs;
  const counts: Record<string, number> = {};
  let done = 0;
  let failed = 0;
  const onReport = (report: SeedReport): void => {
    done += 1;
    for (const [name, count] of Object.entries(report.counts)) counts[name] = (counts[name] ?? 0) + count;
    if (report.violation !== null) {
      failed += 1;
      process.stdout.write(describe(report, run));
    }
    if (performance.now() - saidMs < PROGRESS_MS) return;
    saidMs = performance.now();
    process.stderr.write(`${done} of ${seeds} seeds, ${failed} failed\n`);
  };
  await runSideBySide({ ...run, first, seeds, processes, onReport });
  const seconds = (performance.now() - beganMs) / 1000;
  const seen = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  process.stdout.write(
    `${seeds} seeds, ${failed} failed, ${(seeds / seconds).toFixed(1)} a second\n${seen.join(', ')}\n`,
  );
  return failed === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      world: { type: 'string', default: 'folder' },
      seeds: { type: 'string', default: '1000' },
      from: { type: 'string', default: '0' },
      seed: { type: 'string' },
      plant: { type: 'string' },
      processes: { type: 'string', default: String(availableParallelism()) },
      trace: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const { world, plant, trace, processes } = values;
  if (!Object.hasOwn(WORLDS, world)) throw new UsageError(`no world "${world}"`);
  if (plant !== undefined && !Object.hasOwn(WORLDS[world].plants, plant)) throw new UsageError(`no plant "${plant}"`);
  const run = { world, plant };
  if (values.seed !== undefined) return runOne(integer('seed', values.seed), run, trace === true);
  const atOnce = Math.max(1, integer('processes', processes));
  return runMany(integer('from', values.from), integer('seeds', values.seeds), atOnce, run);
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS')))
    throw error;
  process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
  process.exitCode = 2;
}
