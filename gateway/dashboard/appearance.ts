// Light or dark, and which colour rises: chosen by the reader, remembered, else the system's and the language's custom
// (in Korea red rises and blue falls). The style sheet holds the colours; the charts ask here for them resolved.

import type { Memory } from './memory.ts';
import type { Language } from './texts.ts';

export type Theme = 'light' | 'dark';
export type ColourConvention = 'korean' | 'international';

const REMEMBERED_THEME = 'kisignal.theme';
const REMEMBERED_COLOURS = 'kisignal.colours';

export class Appearance {
  private readonly memory: Memory;
  private readonly root: HTMLElement;
  private readonly prefersDark: MediaQueryList;
  private readonly probe: HTMLElement;
  /** Resolved since the last change: asking the browser makes it compute styles. */
  private readonly resolved = new Map<string, string>();
  private chosenTheme: Theme | null;
  private chosenColours: ColourConvention | null;

  constructor(memory: Memory, document: Document, prefersDark: MediaQueryList) {
    this.memory = memory;
    this.root = document.documentElement;
    this.prefersDark = prefersDark;
    this.probe = document.createElement('span');
    this.probe.hidden = true;
    document.body.append(this.probe);
    this.chosenTheme = oneOf(['light', 'dark'], memory.getItem(REMEMBERED_THEME));
    this.chosenColours = oneOf(['korean', 'international'], memory.getItem(REMEMBERED_COLOURS));
  }

  get theme(): Theme {
    return this.chosenTheme ?? (this.prefersDark.matches ? 'dark' : 'light');
  }

  colours(language: Language): ColourConvention {
    return this.chosenColours ?? (language === 'ko' ? 'korean' : 'international');
  }

  toggleTheme(): void {
    this.chosenTheme = this.theme === 'dark' ? 'light' : 'dark';
    this.memory.setItem(REMEMBERED_THEME, this.chosenTheme);
  }

  toggleColours(language: Language): void {
    this.chosenColours = this.colours(language) === 'korean' ? 'international' : 'korean';
    this.memory.setItem(REMEMBERED_COLOURS, this.chosenColours);
  }

  /** Puts the choices where the style sheet reads them. */
  apply(language: Language): void {
    this.resolved.clear();
    this.root.dataset.theme = this.theme;
    this.root.dataset.colours = this.colours(language);
  }

  /** A colour of the style sheet (`rise`, `text-muted` …) as `rgb()`, which canvases understand. */
  colour(name: string, opacity = 1): string {
    let resolved = this.resolved.get(name);
    if (resolved === undefined) {
      this.probe.style.color = `var(--${name})`;
      resolved = getComputedStyle(this.probe).color;
      this.resolved.set(name, resolved);
    }
    return opacity === 1 ? resolved : resolved.replace(/^rgb\((.*)\)$/, `rgba($1, ${opacity})`);
  }
}

function oneOf<T extends string>(choices: readonly T[], value: string | null): T | null {
  return choices.find((choice) => choice === value) ?? null;
}
