// `npm run simulate [-- --seeds N --from S --seed S --plant NAME --trace]`: runs seeds, each a life of the system in virtual time
// with all that can go wrong in it. A seed that fails is printed with what happened last and how to run it again.
import { parseArgs } from 'node:util';
import { UsageError } from '../../config/command-line.ts';
import { PLANTS } from './plants.ts';
import { runSeed, type SeedReport } from './seed.ts';

const USAGE = `Usage: npm run simulate [-- --seeds N --from S --seed S --plant NAME --trace]
  --seeds   how many (1000)
  --from    the first one (0)
  --seed    this one alone
  --trace   every event
  --plant   with a bug planted on purpose: ${Object.keys(PLANTS).join(', ')}
`;

const PROGRESS_MS = 2000;

function describe({ seed, steps, virtualMs, violation, lastEvents }: SeedReport, plant: string | undefined): string {
  const again = `npm run simulate -- --seed ${seed}${plant === undefined ? '' : ` --plant ${plant}`}`;
  const head = `seed ${seed} fails at step ${steps}, ${virtualMs.toFixed(3)} ms: ${violation!.message}`;
  return [...lastEvents, head, `again: ${again}`, ''].join('\n');
}

function integer(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new UsageError(`--${name} takes a whole number, not "${text}"`);
  return value;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1000' },
      from: { type: 'string', default: '0' },
      seed: { type: 'string' },
      plant: { type: 'string' },
      trace: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const plant = values.plant === undefined ? undefined : PLANTS[values.plant];
  if (values.plant !== undefined && plant === undefined) throw new UsageError(`no plant "${values.plant}"`);
  const first = integer('from', values.seed ?? values.from);
  const seeds = values.seed === undefined ? integer('seeds', values.seeds) : 1;
  const beganMs = performance.now();
  let saidMs = beganMs;
  const counts: Record<string, number> = {};
  let failed = 0;
  const onEvent = values.trace ? (line: string) => void process.stdout.write(`${line}\n`) : undefined;
  for (let seed = first; seed < first + seeds; seed++) {
    const report = await runSeed(seed, { plant, onEvent });
    for (const [name, count] of Object.entries(report.counts)) counts[name] = (counts[name] ?? 0) + count;
    if (report.violation !== null) {
      failed += 1;
      process.stdout.write(describe(report, values.plant));
    }
    if (seeds === 1) process.stdout.write(`${report.steps} steps, trace ${report.traceHash}\n`);
    if (performance.now() - saidMs < PROGRESS_MS) continue;
    saidMs = performance.now();
    process.stderr.write(`${seed - first + 1} of ${seeds} seeds, ${failed} failed\n`);
  }
  const seconds = (performance.now() - beganMs) / 1000;
  const seen = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  process.stdout.write(
    `${seeds} seeds, ${failed} failed, ${(seeds / seconds).toFixed(1)} a second\n${seen.join(', ')}\n`,
  );
  return failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS')))
    throw error;
  process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
  process.exitCode = 2;
}
