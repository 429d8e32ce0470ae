// Precedence, and errors that say everything at once without quoting a secret.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from './draft.ts';
import { OTHER_NAMES } from './environment.ts';
import { valueAt } from './load.ts';
import { dataFolder, packageRoot } from './paths.ts';
import { printConfig } from './print.ts';
import { configSchema, settings } from './schema.ts';
import { type Setting, type SettingType, textOfValue } from './setting.ts';
import { directory, KEY, load, problemsOf, SECRET, write } from './test-configuration.ts';

describe('precedence', () => {
  it('is defaults, file, .env, environment, flags', () => {
    expect(load().config.gateway.port).toBe(8787);
    expect(load().originOf('gateway.port')).toEqual({ kind: 'default', name: '' });
    const variables: Record<string, string> = { KISIGNAL_CONFIG: write('my.json', { gateway: { port: 1 } }) };
    expect(load({ variables }).config.gateway.port).toBe(1);
    write('.env', 'KISIGNAL_PORT=2\n');
    expect(load({ variables }).config.gateway.port).toBe(2);
    expect(load({ variables }).originOf('gateway.port')).toEqual({ kind: '.env', name: 'KISIGNAL_PORT' });
    variables.KISIGNAL_PORT = '3';
    expect(load({ variables }).config.gateway.port).toBe(3);
    const flags = [{ name: '--port', path: 'gateway.port', text: '4' }];
    expect(load({ variables, flags }).config.gateway.port).toBe(4);
    expect(load({ variables, flags }).originOf('gateway.port')).toEqual({ kind: 'flag', name: '--port' });
  });

  it('takes the name of the file from .env too', () => {
    write('other.json', { signals: { horizonMs: 77 } });
    write('.env', 'KISIGNAL_CONFIG=other.json');
    expect(load().config.signals.horizonMs).toBe(77);
  });

  it('counts a variable that is set to nothing as not set', () => {
    write('.env', 'KISIGNAL_PORT=2\nREDIS_URL=\n');
    const { config } = load({ variables: { KISIGNAL_PORT: ' ', REDIS_URL: '' } });
    expect(config.gateway.port).toBe(2);
    expect(config.state.redisUrl).toBeNull();
  });

  it('keeps the data of each environment apart', () => {
    const paper = load({ variables: { KIS_ENV: 'paper', KIS_APP_KEY: KEY, KIS_APP_SECRET: SECRET } });
    expect(dataFolder(load().config)).not.toBe(dataFolder(paper.config));
  });
});

describe('every setting', () => {
  it('has a description, and a name in the environment that no other has', () => {
    const names = settings.map(({ environment }) => environment);
    expect(new Set(names).size).toBe(names.length);
    for (const { environment, description } of settings) {
      expect(environment).toMatch(/^[A-Z][A-Z0-9_]+$/);
      expect(description).toMatch(/\.$/);
    }
  });

  it('is declared as a setting: the schema has no other leaf', () => {
    const leaves = (value: unknown, path: string): string[] =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(value).flatMap(([key, child]) => leaves(child, path === '' ? key : `${path}.${key}`))
        : [path];
    expect(settings.map(({ path }) => path)).toEqual(leaves(configSchema.parse({}), ''));
  });

  it('has the default that the schema gives', () => {
    const defaults = configSchema.parse({});
    for (const { path, fallback } of settings) expect(valueAt(defaults, path), path).toEqual(fallback);
  });

  it('comes back from its name in the environment as it was', () => {
    // Of those, some are bound by others: which keys are asked for, and which bars an indicator needs.
    const free = settings.filter(
      ({ path }) => !['source.env', 'indicators.timeFrames', 'bars.intervals'].includes(path),
    );
    const drawn = fc.constantFrom(...free).chain((setting) => fc.tuple(fc.constant(setting), valuesOf(setting)));
    fc.assert(
      fc.property(drawn, ([{ path, environment }, value]) => {
        const { config, originOf } = load({ variables: { KIS_ENV: 'emulator', [environment]: textOfValue(value) } });
        expect(valueAt(config, path)).toEqual(value);
        expect(originOf(path)).toEqual({ kind: 'environment', name: environment });
      }),
      { numRuns: 500 },
    );
  });

  it('refuses a text of another kind, and says what it expected', () => {
    for (const { path, environment, type } of settings) {
      if (!['integer', 'number', 'boolean'].includes(type.type ?? '') && type.enum === undefined) continue;
      expect(problemsOf({ variables: { [environment]: 'seven' } })).toMatch(
        new RegExp(`^${path}: expected .+, found "seven" \\(environment ${environment}\\)$`),
      );
    }
  });
});

describe('errors', () => {
  it('tell everything that is wrong at once', () => {
    write('kisignal.json', { gateway: { prot: 1, limits: 7 }, signals: { horizonMs: 'long' }, gatewy: {} });
    const text = problemsOf({ variables: { KISIGNAL_CONFIG: 'kisignal.json', KISIGNAL_PORT: '70000' } });
    expect(text.split('\n')).toEqual([
      'gateway.prot: not a setting (file kisignal.json); did you mean gateway.port?'.replace(
        'kisignal.json',
        join(directory, 'kisignal.json'),
      ),
      `gateway.limits: expected an object with settings, found a number (file ${join(directory, 'kisignal.json')})`,
      expect.stringMatching(/^gatewy: not a setting/),
      expect.stringMatching(/^signals.horizonMs: expected a whole number of 1 or more, found "long" \(file .+\)$/),
      'gateway.port: expected a whole number from 0 to 65535, found 70000 (environment KISIGNAL_PORT)',
    ]);
  });

  it('say where JSON breaks without quoting it', () => {
    write('broken.json', `{\n  "source": { "kis": { "appSecret": "${SECRET}" oops } }\n}`);
    const text = problemsOf({ file: 'broken.json' });
    expect(text).toContain('not valid JSON');
    expect(text).not.toContain(SECRET);
  });

  it('say that a file is missing, is no object, or cannot be read', () => {
    expect(problemsOf({ file: 'nowhere.json' })).toMatch(/nowhere\.json: cannot be read \(ENOENT\)/);
    expect(problemsOf({ file: write('list.json', []) })).toMatch(/expected a JSON object/);
    mkdirSync(join(directory, '.env'));
    expect(problemsOf({})).toMatch(/\.env: cannot be read \(EISDIR\)/);
  });

  it('never quote a secret, whatever is wrong with it', () => {
    const secret = settings.filter((setting) => setting.secret);
    expect(secret.map(({ environment }) => environment)).toEqual(
      expect.arrayContaining(['KIS_APP_KEY', 'KIS_APP_SECRET', 'KIS_ACCOUNT_NO', 'KIS_HTS_ID', 'REDIS_URL']),
    );
    fc.assert(
      fc.property(fc.constantFrom(...secret), fc.stringMatching(/^[A-Za-z0-9]{12,40}$/), ({ path }, value) => {
        const nested = path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), { wrong: value });
        const text = problemsOf({ file: write('secret.json', nested), variables: { KIS_ENV: 'emulator' } });
        expect(text).toContain(path);
        expect(text).not.toContain(value);
      }),
      { numRuns: 50 },
    );
    expect(problemsOf({ variables: { REDIS_URL: 'http://:hunter2hunter2@host' } })).not.toContain('hunter2');
  });

  it('name the bars that an indicator lacks', () => {
    const variables = { KISIGNAL_INDICATORS_TIME_FRAMES: 'tick,5m' };
    expect(problemsOf({ variables })).toBe(
      'indicators.timeFrames: "5m" needs bars of that interval: add it to bars.intervals',
    );
  });

  it('hold any JSON: a file is accepted or refused with a reason, never a crash', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.json().map((json) => `{"gateway":${json},"source":{"kis":${json}}}`),
        ),
        (json) => {
          write('any.json', json);
          try {
            load({ file: 'any.json', variables: { KIS_ENV: 'emulator' } });
          } catch (error) {
            expect(error).toBeInstanceOf(ConfigError);
            expect((error as ConfigError).problems.length).toBeGreaterThan(0);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

it('warns of KISIGNAL_ variables that are no settings', () => {
  const { warnings } = load({ variables: { KISIGNAL_PROT: '1', KISIGNAL_CONFIG: '', PATH: '/bin' } });
  expect(warnings).toEqual(['KISIGNAL_PROT (environment) is not a setting; did you mean KISIGNAL_PORT?']);
});

describe('print', () => {
  it('shows path, value and origin of every setting, and no secret', () => {
    const variables = { KIS_ENV: 'live', KIS_APP_KEY: KEY, KIS_APP_SECRET: SECRET, KISIGNAL_SYMBOLS: '005930,000660' };
    const text = printConfig(load({ variables }));
    expect(text.trimEnd().split('\n')).toHaveLength(settings.length);
    expect(text).toMatch(/^source\.env +live +environment KIS_ENV$/m);
    expect(text).toMatch(/^source\.kis\.appKey +\(secret\) +environment KIS_APP_KEY$/m);
    expect(text).toMatch(/^universe\.symbols +005930,000660 +environment KISIGNAL_SYMBOLS$/m);
    expect(text).toMatch(/^state\.redisUrl +- +default$/m);
    expect(text).not.toContain(KEY);
    expect(text).not.toContain(SECRET);
  });
});

it('has an example file that names real settings only, and quotes no default wrong', () => {
  const lines = readFileSync(join(packageRoot, '.env.example'), 'utf8').matchAll(/^#([A-Z_]+)=(.*)$/gm);
  const example = Object.fromEntries([...lines].map(([, name, text]) => [name, text]));
  expect(load({ variables: { ...example, KIS_ENV: 'emulator' } }).warnings).toEqual([]);
  const shown = settings.filter(({ environment, fallback }) => example[environment] && fallback !== null);
  for (const { path, environment, fallback } of shown) {
    if (path !== 'universe.symbols') expect(example[environment], environment).toBe(textOfValue(fallback));
  }
  const others = settings.map(({ environment }) => environment).concat(OTHER_NAMES);
  expect(Object.keys(example).filter((name) => !others.includes(name))).toEqual([]);
});

it('finds the root of its package', () => {
  expect(join(packageRoot, 'config', 'load.test.ts')).toBe(import.meta.filename);
});

/** Values that a setting takes and that a text can carry. */
function valuesOf({ path, type }: Setting): fc.Arbitrary<unknown> {
  if (path === 'emulator.startTime') return fc.constantFrom('2026-09-15T09:00:00+09:00', '2026-01-02T00:00:00Z');
  if (path === 'gateway.allowedOrigins')
    return fc.array(
      fc.webUrl({ validSchemes: ['https'] }).filter((url) => !url.includes(',')),
      { minLength: 1 },
    );
  return valuesOfType(type);
}

function valuesOfType(type: SettingType): fc.Arbitrary<unknown> {
  const { minimum = -1e9, maximum = Number.MAX_SAFE_INTEGER, exclusiveMinimum } = type;
  if (type.enum !== undefined) return fc.constantFrom(...type.enum);
  if (type.type === 'integer') {
    return fc.integer({
      min: Math.max(minimum, Number.MIN_SAFE_INTEGER),
      max: Math.min(maximum, Number.MAX_SAFE_INTEGER),
    });
  }
  if (type.type === 'number') {
    return fc
      .double({ min: exclusiveMinimum ?? minimum, max: maximum, noNaN: true })
      .filter((value) => !Object.is(value, -0) && (exclusiveMinimum === undefined || value > exclusiveMinimum));
  }
  if (type.type === 'boolean') return fc.boolean();
  if (type.type === 'array') return fc.array(valuesOfType(type.items ?? {}), { minLength: 1, maxLength: 6 });
  const pattern = type.pattern?.startsWith('^(') ? type.pattern.replace('.+', '[a-z0-9:/]{1,20}$') : type.pattern;
  return fc.stringMatching(new RegExp(pattern ?? '^[!-+.-~]{1,30}$'));
}
