// The command that looks at the configuration.
import { type Commands, UsageError } from './command-line.ts';
import { SETTING_FLAGS, type SettingFlag } from './flags.ts';

const FLAGS = Object.keys(SETTING_FLAGS) as SettingFlag[];

export const CONFIG_COMMANDS: Commands = {
  config: {
    summary: 'check the configuration, or print it with the origin of each value',
    words: 'check|print',
    flags: FLAGS,
    async run({ words, config }) {
      const { printConfig } = await import('./print.ts');
      const loaded = config();
      for (const warning of loaded.warnings) process.stderr.write(`${warning}\n`);
      if (words[0] === 'print') process.stdout.write(printConfig(loaded));
      else if (words[0] === 'check') process.stdout.write('the configuration is valid\n');
      else throw new UsageError('config needs a word: check or print');
    },
  },
};
