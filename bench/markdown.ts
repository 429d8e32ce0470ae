// Tables and numbers for people to read in RESULTS.md.

/** One goal of the project, and what was measured. */
export interface Goal {
  readonly text: string;
  readonly value: string;
  readonly met: boolean;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

export function goalTable(goals: readonly Goal[]): string {
  return table(
    ['goal', 'measured', ''],
    goals.map(({ text, value, met }) => [text, value, met ? 'met' : '**missed**']),
  );
}

/** Three figures, or all of a whole number: 0.0123, 1.25, 48.1, 220,000. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return 'n/a';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

/** `page, prediction and signal` */
export function arrayOfWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
