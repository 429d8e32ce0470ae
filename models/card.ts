// The card of an artifact: what it was made from and how well it did on what it had not seen. card.json for programs
// (the evaluation reads the recipe from it), card.md for people; both are generated, never typed.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { ArtifactError } from './artifact.ts';
import { recipeSchema } from './recipe.ts';
import type { Board } from './scoreboard.ts';
import { formatBoards, meanGains } from './scoreboard.ts';

const cardSchema = z.object({
  name: z.string(),
  hash: z.string(),
  weightsSha256: z.string(),
  data: z.array(z.object({ file: z.string(), sha256: z.string() })),
  rows: z.int(),
  span: z.object({ from: z.string(), to: z.string() }),
  recipe: recipeSchema,
  epochs: z.int(),
  temperature: z.number(),
});

export type Card = z.infer<typeof cardSchema>;

const LABEL =
  'direction of the next move of the mid, from the mid that stands at the time of the row; not smoothed, no threshold';

const LIMITS = [
  'Eleven minutes of one night (2024-08-08/09) of three Bitcoin and one Ether instrument; nothing of KRX. Every gain is small and its interval wide.',
  'Features and recipe were chosen with an eye on these very tables, so the gains are somewhat flattering; fresh recordings decide.',
  'A logistic regression on the same features comes close; it is printed beside the network so that the difference can be judged.',
  'Leaving one instrument out does not leave its time out: the instruments move together.',
  'A better log loss than imbalance is no profit: fees, latency and the half-spread are not in these numbers.',
  'On conflated books (regime frames) much of the information is gone; what is left above imbalance comes largely from trades that print outside the last known quotes.',
  'Features are folded by engine/features; an artifact trained on other features is refused.',
];

export function writeCard(directory: string, card: Card, boards: readonly Board[]): void {
  const extended = { ...card, label: LABEL, limits: LIMITS, boards, meanGains: meanGains(boards) };
  writeFileSync(join(directory, 'card.json'), `${JSON.stringify(extended, rounded, 1)}\n`);
  writeFileSync(join(directory, 'card.md'), cardMarkdown(card, boards));
}

/** @throws {ArtifactError} where the card is missing or incomplete */
export function readCard(path: string): Card {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ArtifactError(path, 'card', 'JSON', error instanceof Error ? error.message : String(error));
  }
  const parsed = cardSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ArtifactError(path, `${issue?.path.join('.')}`, 'the fields of models/card.ts', `${issue?.message}`);
}

function cardMarkdown(card: Card, boards: readonly Board[]): string {
  const { recipe } = card;
  return `# ${card.name}

A multilayer perceptron (${recipe.network.hidden.join('-')}, relu, odd under the exchange of bid and ask) on the features of
\`engine/features/order-book-features.ts\`: the probability that the next move of the mid is up.

- Artifact SHA-256 \`${card.hash}\`, weights \`${card.weightsSha256}\`
- Label: ${LABEL}
- Teacher: mean log-odds of a ridge logistic regression for each regime and of ${recipe.boosting.trees} boosted trees of depth ${recipe.boosting.depth}, all
  odd; the network is distilled from it. Epochs (${card.epochs}) and temperature (${card.temperature.toFixed(3)}) were found on what was left out.
- Seed ${recipe.seed}; ${card.rows} training rows in two regimes: \`quotes\`, a row at each change of the best quotes, and
  \`frames\`, books and trades conflated to five a second as KIS does
- Span ${card.span.from} to ${card.span.to}

## Data
Recordings of Binance market data © nkaz001/hftbacktest (MIT) were used for training; none of them is included.

${card.data.map(({ file, sha256 }) => `- \`${basename(file)}\` ${sha256}`).join('\n')}

## Unseen data
Each line was trained without what is named under "left out". The ruler is the gain in log loss, nats a row, over the
calibrated imbalance (a logistic regression on imbalance and its square); intervals by bootstrap of 5 s blocks.

\`\`\`
${formatBoards(boards)}
\`\`\`

## Limits
${LIMITS.map((limit) => `- ${limit}`).join('\n')}
`;
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}
