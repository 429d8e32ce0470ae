import { expect, it } from 'vitest';
import { type Commands, type Invocation, readCommandLine, UsageError } from './command-line.ts';
import { SETTING_FLAGS, type SettingFlag } from './flags.ts';

const calls: Invocation[] = [];
const run = async (invocation: Invocation): Promise<void> => {
  calls.push(invocation);
};
const COMMANDS: Commands = {
  run: { summary: 'does much', flags: Object.keys(SETTING_FLAGS) as SettingFlag[], run },
  train: { summary: 'learns', words: 'FOLDER', options: { out: 'Where to.' }, run },
};

function read(...args: string[]) {
  return readCommandLine(COMMANDS, args);
}

it('runs the command named with its words and texts', async () => {
  const train = read('train', 'folder', '--out', 'there');
  expect(train).toBeTypeOf('function');
  await (train as () => Promise<void>)();
  expect(calls.at(-1)).toMatchObject({ words: ['folder'], options: { out: 'there' } });
  await (read('run', '--port', '9000', '--env', 'live') as () => Promise<void>)();
  expect(calls.at(-1)!.config({ keys: false }).config).toMatchObject({
    source: { env: 'live' },
    gateway: { port: 9000 },
  });
});

it('explains itself in columns that never touch', () => {
  expect(read()).toBe(read('--help'));
  expect(read('help')).toBe('Usage: kisignal COMMAND [--help]\n\n  run    does much\n  train  learns\n');
  const usage = read('run', '--help') as string;
  const rows = usage.split('\n').filter((line) => line.startsWith('  --'));
  expect(rows).toHaveLength(Object.keys(SETTING_FLAGS).length + 1);
  const starts = rows.map((row) => /^ {2}--[a-z-]+ {2,}/.exec(row)?.[0].length);
  expect(new Set(starts).size).toBe(1);
  expect(starts[0]).toBeGreaterThan('  --registrations-max'.length);
  expect(read('train', '-h')).toBe('Usage: kisignal train FOLDER [--FLAG TEXT …]\n\nLearns.\n\n  --out  Where to.\n');
});

it.each([
  [['fly'], 'there is no command fly'],
  [['toString'], 'there is no command toString'],
  [['train', '--port', '1'], /train: .*--port/],
  [['run', '--port'], /run: .*--port/],
])('refuses %j', (args, message) => {
  expect(() => read(...args)).toThrow(UsageError);
  expect(() => read(...args)).toThrow(message);
});
