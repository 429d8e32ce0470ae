// `npm run bench [-- NAME … --seconds N --rounds N]`: runs the benches one after the other, each beside its baseline, and
// writes what it found to RESULTS.md in this folder. Only a run of all of them does; others print.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '../config/command-line.ts';
import { packageRoot } from '../config/paths.ts';
import { benchDecode } from './decode.bench.ts';
import { benchIndicators } from './indicators.bench.ts';
import { benchIngest } from './ingest.bench.ts';
import { benchJournal } from './journal.bench.ts';
import { benchKafka } from './kafka.bench.ts';
import { describeMachine } from './machine.ts';
import { benchPredict } from './predict.bench.ts';
import { benchQuality } from './quality.bench.ts';
import { benchRecovery, RECOVERY_LOAD } from './recovery.bench.ts';
import { benchReplay } from './replay.bench.ts';
import { type Results, renderResults } from './report.ts';
import { benchSnapshot, SNAPSHOT_LOAD } from './snapshot.bench.ts';
import { benchStart } from './start.bench.ts';
import { temporaryFolder } from './temporary-folder.ts';
import type { LoadShape } from './whole-path/schedule.ts';
import { benchWholePath } from './whole-path/whole-path.ts';

const NAMES = [
  'decode',
  'quality',
  'indicators',
  'predict',
  'journal',
  'path',
  'ingest',
  'kafka',
  'snapshot',
  'recovery',
  'start',
] as const;
type Name = (typeof NAMES)[number];

/** The load that the goals speak of. */
const LOAD: Omit<LoadShape, 'seconds'> = {
  symbols: 400,
  clients: 100,
  symbolsPerClient: 40,
  framesPerSecond: 2_000,
  recordsPerFrame: 10,
  warmUpSeconds: 4,
};
/** 10,000 ticks a second. */
const KAFKA_LOAD = {
  shape: { ...LOAD, clients: 10, framesPerSecond: 1_000, seconds: 12 },
  workers: [1, 2],
};
const START_ROUNDS = 3;

const USAGE = `Usage: npm run bench [-- NAME … --seconds N --rounds N --out FILE]
  NAME       ${NAMES.join(', ')}; all of them where none is given
  --seconds  of each measured round of the whole path (8)
  --rounds   of the whole path, relay and kisignal each (2)
  --out      file for the results (bench/RESULTS.md where all of them run, else the terminal)
`;

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function runBenches(names: ReadonlySet<Name>, seconds: number, rounds: number): Promise<Results> {
  const { folder, remove } = temporaryFolder();
  const results: Results = {};
  try {
    if (names.has('decode')) {
      say('decode');
      results.decode = await benchDecode();
    }
    if (names.has('quality')) {
      say('quality');
      results.quality = await benchQuality();
    }
    if (names.has('indicators')) {
      say('indicators');
      results.indicators = benchIndicators();
    }
    if (names.has('predict')) {
      say('predict');
      results.predict = await benchPredict();
    }
    if (names.has('journal')) {
      say('journal');
      results.journal = await benchJournal();
    }
    if (names.has('path')) {
      const onProgress = (text: string) => say(`path: ${text}`);
      results.path = await benchWholePath({ shape: { ...LOAD, seconds }, rounds, onProgress }, folder);
      say('replay');
      results.replay = await benchReplay(join(results.path.journalFolder, 'emulator'));
    }
    if (names.has('ingest')) results.ingest = await benchIngest(folder, (text) => say(`ingest: ${text}`));
    if (names.has('kafka')) {
      const onProgress = (text: string) => say(`kafka: ${text}`);
      results.kafka = await benchKafka({ ...KAFKA_LOAD, onProgress }, join(folder, 'kafka'));
    }
    if (names.has('snapshot')) {
      say('snapshot');
      results.snapshot = await benchSnapshot(join(folder, 'snapshot'), SNAPSHOT_LOAD);
    }
    if (names.has('recovery')) {
      say('recovery');
      results.recovery = await benchRecovery(join(folder, 'recovery'), RECOVERY_LOAD);
    }
    if (names.has('start')) results.start = await benchStart(START_ROUNDS, folder, say);
    return results;
  } finally {
    remove();
  }
}

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new UsageError(`--${name} is a whole number from 1, found ${text}`);
  return Number(text);
}

/** What the command line is told after `bench`. */
export async function bench(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '8' },
      rounds: { type: 'string', default: '2' },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const unknown = positionals.filter((name) => !(NAMES as readonly string[]).includes(name));
  if (unknown.length > 0)
    throw new UsageError(`there is no bench ${unknown.join(', ')}; there are ${NAMES.join(', ')}`);
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const machine = describeMachine(args);
  const names = new Set(positionals.length > 0 ? (positionals as Name[]) : NAMES);
  const results = await runBenches(names, wholeNumber('seconds', values.seconds), wholeNumber('rounds', values.rounds));
  const text = renderResults(results, machine);
  const isWhole = names.size === NAMES.length;
  const out = values.out ?? (isWhole ? join(packageRoot, 'bench', 'RESULTS.md') : null);
  if (out !== null) writeFileSync(out, text);
  process.stdout.write(out === null ? text : `${out}\n`);
}

// `npm run bench` runs this module, `kisignal bench` imports it.
if (process.argv[1] === import.meta.filename) {
  try {
    await bench(process.argv.slice(2));
  } catch (error) {
    const text = error instanceof UsageError ? `${error.message}\n\n${USAGE}` : `${(error as Error).stack ?? error}\n`;
    process.stderr.write(text);
    process.exitCode = 1;
  }
}
