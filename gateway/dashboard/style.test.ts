// Contrast as WCAG 2.2 defines it (relative luminance, 1.4.3): text needs 4.5 : 1 on whatever it may stand.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const sheet = readFileSync(new URL('style.css', import.meta.url), 'utf8');
const COLOUR = /--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g;
const colours = new Map([...sheet.matchAll(COLOUR)].map(([, name, light, dark]) => [name, { light, dark }]));

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : Math.exp(2.4 * Math.log((channel + 0.055) / 1.055));
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const TEXT_ON_GROUND: [string, string[]][] = [
  ['text', ['panel', 'panel-raised', 'ground', 'accent-soft']],
  ['text-muted', ['panel', 'panel-raised', 'ground', 'accent-soft']],
  ['green', ['panel', 'panel-raised', 'accent-soft']],
  ['red', ['panel', 'panel-raised', 'accent-soft']],
  ['blue', ['panel', 'panel-raised', 'accent-soft']],
  ['good', ['panel']],
  ['accent', ['panel', 'panel-raised']],
  ['warning', ['panel', 'warning-soft']],
  ['alert', ['panel', 'alert-soft']],
];

describe('the style sheet', () => {
  it.each(['light', 'dark'] as const)('has text of AA contrast on every ground, %s', (theme) => {
    const weak = TEXT_ON_GROUND.flatMap(([text, grounds]) =>
      grounds
        .map((ground) => ({ text, ground, ratio: contrast(colours.get(text)![theme], colours.get(ground)![theme]) }))
        .filter(({ ratio }) => ratio < 4.5),
    );
    expect(weak).toEqual([]);
  });

  it('asks the network for nothing', () => {
    expect(sheet).not.toMatch(/url\(|@import|https?:/);
  });
});
