// A configuration on its way: values by path with the origin of each, gathered from weak to strong sources, and what is
// wrong with them. Validation comes after, once.
import { expectationOf, type Setting } from './setting.ts';

/** Where a value comes from: `default`, `file kisignal.json`, `.env KIS_ENV`, `environment KIS_ENV`, `flag --port`. */
export interface Origin {
  readonly kind: 'default' | 'file' | '.env' | 'environment' | 'flag';
  /** Name of the file, variable or flag; '' for plain defaults. */
  readonly name: string;
}

export interface Problem {
  readonly path: string;
  readonly text: string;
}

/** Everything that is wrong with a configuration, at once. Never quotes a secret. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(({ path, text }) => (path === '' ? text : `${path}: ${text}`)).join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

export class Draft {
  readonly problems: Problem[] = [];
  /** What may be a mistake and stops nothing. */
  readonly warnings: string[] = [];
  private readonly values = new Map<string, unknown>();
  private readonly origins = new Map<string, Origin>();

  has(path: string): boolean {
    return this.values.has(path);
  }

  get(path: string): unknown {
    return this.values.get(path);
  }

  /** The latest wins. */
  set(path: string, value: unknown, origin: Origin): void {
    this.values.set(path, value);
    this.origins.set(path, origin);
  }

  originOf(path: string): Origin {
    return this.origins.get(path) ?? { kind: 'default', name: '' };
  }

  /** `path` is '' where the problem is not of one setting. */
  report(path: string, text: string): void {
    this.problems.push({ path, text });
  }

  reportInvalid(setting: Setting): void {
    const { path, secret, type } = setting;
    const found = secret ? 'a value that is not shown' : (JSON.stringify(this.values.get(path)) ?? 'nothing');
    this.report(path, `expected ${expectationOf(type)}, found ${found} (${originText(this.originOf(path))})`);
  }

  /** The values as one nested object; settings that nothing names are left out. */
  toObject(): Record<string, unknown> {
    const root: Record<string, unknown> = {};
    for (const [path, value] of this.values) {
      const keys = path.split('.');
      const last = keys.pop()!;
      let section = root;
      for (const key of keys) {
        section[key] ??= {};
        section = section[key] as Record<string, unknown>;
      }
      section[last] = value;
    }
    return root;
  }
}

export function originText({ kind, name }: Origin): string {
  return name === '' ? kind : `${kind} ${name}`;
}
