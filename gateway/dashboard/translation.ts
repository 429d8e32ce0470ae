// The language of the page: chosen by the reader, remembered, else the browser's.
import { Format } from './format.ts';
import type { Memory } from './memory.ts';
import { LANGUAGES, type Language, TEXTS, type TextKey } from './texts.ts';

/** Kinds of codes that the engine sends: a text of each is `kind.code`. */
export type CodeKind = 'reason' | 'market' | 'session' | 'state' | 'indicator' | 'finding' | 'rule';

const REMEMBERED = 'kisignal.language';

export class Translation {
  language: Language;
  format: Format;
  private readonly memory: Memory;

  /** `preferred` are language tags of the browser, most wanted first. */
  constructor(memory: Memory, preferred: readonly string[]) {
    this.memory = memory;
    const remembered = memory.getItem(REMEMBERED);
    this.language = LANGUAGES.find((language) => language === remembered) ?? preferredLanguage(preferred);
    this.format = new Format(this.language);
  }

  toggle(): void {
    this.language = this.language === 'en' ? 'ko' : 'en';
    this.format = new Format(this.language);
    this.memory.setItem(REMEMBERED, this.language);
  }

  text(key: TextKey, values: Record<string, string | number> = {}): string {
    return TEXTS[this.language][key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
  }

  /** A code of the engine in words; one that has no text is shown as it came, its underscores as spaces. */
  code(kind: CodeKind, code: string): string {
    return this.known(kind, code) ?? code.replaceAll('_', ' ');
  }

  /** A signal's reason, which is codes and numbers: `probability_up 0.7312 >= 0.6500`. */
  reason(reason: string): string {
    const words = reason.split(' ').map((word) => {
      if (word === '>=') return '≥';
      return /^-?\d+\.\d+$/.test(word) ? this.format.decimal(word) : this.code('reason', word);
    });
    return words.join(' ');
  }

  /** `macd12-26-9.signal` → `MACD 12-26-9 signal`: an abbreviation that every trader knows stays one. */
  indicator(name: string): string {
    const [, kind = '', parameters = '', output = ''] = /^([a-z]+)([\d-]*)(?:\.(\w+))?$/.exec(name) ?? [];
    if (kind === '') return name;
    const named = this.known('indicator', kind) ?? kind.toUpperCase();
    return [named, parameters, output && this.code('indicator', output)].filter((part) => part !== '').join(' ');
  }

  private known(kind: string, code: string): string | undefined {
    const texts: Record<string, string> = TEXTS[this.language];
    return texts[`${kind}.${code}`];
  }
}

function preferredLanguage(preferred: readonly string[]): Language {
  for (const tag of preferred) {
    const language = LANGUAGES.find((known) => tag.toLowerCase().startsWith(known));
    if (language !== undefined) return language;
  }
  return 'en';
}
