// The commands that make and judge models.
import { join } from 'node:path';
import { type Commands, UsageError } from '../config/command-line.ts';
import { packageRoot } from '../config/paths.ts';

const SHIPPED_ARTIFACT = join(packageRoot, 'models', 'artifacts', 'next-mid-move');

export const MODEL_COMMANDS: Commands = {
  train: {
    summary: 'train the model on recordings and write its artifact and card',
    words: 'RECORDINGS',
    options: { out: 'Folder of the artifact. (models/artifacts/next-mid-move)', seed: 'Whole number. (1)' },
    async run({ words, options }) {
      const { trainCommand } = await import('./train.ts');
      if (words.length !== 1) throw new UsageError('train needs the folder of the recordings');
      const { out = SHIPPED_ARTIFACT, seed = '1' } = options;
      if (!/^\d+$/.test(seed)) throw new UsageError(`train: --seed is a whole number, found ${seed}`);
      trainCommand({ dataDir: words[0], out, seed: Number(seed) });
    },
  },
  evaluate: {
    summary: 'hold an artifact against its baselines on recordings',
    words: 'RECORDINGS',
    options: { artifact: 'Folder of the artifact. (models/artifacts/next-mid-move)' },
    async run({ words, options }) {
      const { evaluateCommand } = await import('./evaluate.ts');
      if (words.length !== 1) throw new UsageError('evaluate needs the folder of the recordings');
      evaluateCommand({ dataDir: words[0], artifact: options.artifact ?? SHIPPED_ARTIFACT });
    },
  },
};
