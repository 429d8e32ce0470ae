import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SESSION_PHASES } from '../../config/session-tables.ts';
import { FINDING_KINDS } from '../../engine/quality/findings.ts';
import type { Memory } from './memory.ts';
import { LANGUAGES, TEXTS, type TextKey } from './texts.ts';
import { Translation } from './translation.ts';

const folder = new URL('./', import.meta.url);
const keys = Object.keys(TEXTS.en) as TextKey[];
const read = (file: string) => readFileSync(new URL(file, folder), 'utf8');

function memory(kept: Record<string, string> = {}): Memory {
  return {
    getItem: (name) => kept[name] ?? null,
    setItem: (name, value) => {
      kept[name] = value;
    },
  };
}

describe('the texts', () => {
  it('exist in every language and fill in the same names', () => {
    const names = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
    for (const language of LANGUAGES) {
      expect(Object.keys(TEXTS[language]).sort()).toEqual([...keys].sort());
      for (const key of keys) {
        expect(TEXTS[language][key].trim(), key).not.toBe('');
        expect(names(TEXTS[language][key]), key).toEqual(names(TEXTS.en[key]));
      }
    }
  });

  it('are Korean in Korean, but for names that are the same everywhere', () => {
    const same = keys.filter((key) => TEXTS.ko[key] === TEXTS.en[key]);
    expect(same.sort()).toEqual([
      'badge.circuit_breaker',
      'badge.volatility_interruption',
      'chart.overlay.ema',
      'chart.overlay.sma',
      'latency.p50',
      'latency.p99',
      'state.redis',
    ]);
  });

  it('that the page’s source names exist, and those that exist are named', () => {
    const page = read('index.html');
    const named = [...page.matchAll(/data-(?:text|label|placeholder)="([^"]+)"/g)].map((match) => match[1]);
    expect(named.filter((key) => !(keys as string[]).includes(key))).toEqual([]);

    const sources = readdirSync(folder).filter((file) => /^(?!.*\.test).*\.ts$/.test(file) && file !== 'texts.ts');
    const source = sources.map(read).join('\n');
    // `connection.${state}` names every text that begins so; codes of the engine are looked up by kind.
    const prefixes = [...source.matchAll(/`([\w.]+\.)\$\{/g)].map((match) => match[1]);
    const looked = ['reason.', 'market.', 'session.', 'state.', 'indicator.', 'finding.', 'rule.', ...prefixes];
    const unused = keys.filter(
      (key) => !named.includes(key) && !source.includes(`'${key}'`) && !looked.some((prefix) => key.startsWith(prefix)),
    );
    expect(unused).toEqual([]);
  });
});

describe('codes of the engine', () => {
  it('have a text each: every kind of finding and every session, in full and short', () => {
    const named = (kind: string) =>
      keys.filter((key) => key.startsWith(`${kind}.`)).map((key) => key.slice(kind.length + 1));
    expect(named('finding').sort()).toEqual([...FINDING_KINDS].sort());
    for (const kind of ['market', 'session']) expect(named(kind).sort()).toEqual([...SESSION_PHASES].sort());
  });
});

describe('the translation', () => {
  it('is the remembered language, else the first that the browser asks for and the page has', () => {
    expect(new Translation(memory(), ['ko-KR', 'en']).language).toBe('ko');
    expect(new Translation(memory(), ['fr', 'ko']).language).toBe('ko');
    expect(new Translation(memory(), ['fr']).language).toBe('en');
    expect(new Translation(memory({ 'kisignal.language': 'en' }), ['ko']).language).toBe('en');
    expect(new Translation(memory({ 'kisignal.language': 'xx' }), ['ko']).language).toBe('ko');
  });

  it('is remembered once chosen', () => {
    const kept = memory();
    new Translation(kept, ['ko']).toggle();
    expect(new Translation(kept, ['ko']).language).toBe('en');
  });

  it('says codes of the engine in words, and shows one it does not know as it came', () => {
    const korean = new Translation(memory(), ['ko']);
    expect(korean.code('reason', 'kill_switch')).toBe('비상 정지');
    expect(korean.code('reason', 'some_new_reason')).toBe('some new reason');
    const english = new Translation(memory(), ['en']);
    expect(english.reason('probability_up 0.7312 >= 0.6500')).toBe('probability of up 0.73 ≥ 0.65');
    expect(korean.reason('spread 1.0 ticks')).toBe('스프레드 1.0 틱');
    expect(english.indicator('macd12-26-9.signal')).toBe('MACD 12-26-9 signal');
    expect(english.indicator('bb20-2.upper')).toBe('Bollinger 20-2 upper');
    expect(korean.indicator('bi')).toBe('호가 불균형');
    expect(english.indicator('Some Other/Name')).toBe('Some Other/Name');
  });
});
