// One setting: a zod type with its default, what it means, and the name it has in the environment. The schema is made of
// these; whoever lists settings (the loader, `config print`, the tests) reads them back with `listSettings`.
import { z } from 'zod';

export interface SettingOptions {
  /** Name in the environment; left out, it follows from the path: `gateway.limits.queueBytesMax` is
   * KISIGNAL_GATEWAY_LIMITS_QUEUE_BYTES_MAX. */
  readonly environment?: string;
  /** Never printed, logged or quoted in an error. */
  readonly secret?: boolean;
}

/** Declares a setting for use inside a section of the schema. */
export function setting<T extends z.ZodType>(
  type: T,
  fallback: z.output<T> & z.core.util.NoUndefined<z.output<T>>,
  description: string,
  options: SettingOptions = {},
): z.ZodDefault<T> {
  return type.default(fallback).meta({ ...options, description, setting: true });
}

/** The part of a JSON schema that tells how to read a setting from text and what to say when it is wrong. */
export interface SettingType {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly minItems?: number;
  readonly items?: SettingType;
}

export interface Setting {
  /** `gateway.port` */
  readonly path: string;
  readonly environment: string;
  readonly secret: boolean;
  readonly description: string;
  readonly fallback: unknown;
  readonly type: SettingType;
}

interface SchemaNode extends Omit<SettingType, 'type'> {
  /** A nullable type is a list of two, or a choice of two schemas. */
  readonly type?: string | readonly string[];
  readonly anyOf?: readonly SchemaNode[];
  readonly setting?: boolean;
  readonly environment?: string;
  readonly secret?: boolean;
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Record<string, SchemaNode>;
}

/** All settings of a schema, in its order. */
export function listSettings(schema: z.ZodType): Setting[] {
  return settingsBelow('', z.toJSONSchema(schema, { io: 'input' }) as SchemaNode);
}

function settingsBelow(path: string, node: SchemaNode): Setting[] {
  if (node.setting) {
    const { environment = environmentName(path), secret = false, description = '', default: fallback } = node;
    return [{ path, environment, secret, description, fallback, type: withoutNull(node) }];
  }
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) =>
    settingsBelow(path === '' ? key : `${path}.${key}`, child),
  );
}

/** Null stands for `not set`, which no text says: what remains is the type of the texts. */
function withoutNull(node: SchemaNode): SettingType {
  const { type, ...rest } = node.anyOf?.find((choice) => choice.type !== 'null') ?? node;
  return {
    ...rest,
    type: (typeof type === 'string' ? [type] : (type ?? [])).filter((kind) => kind !== 'null')[0] ?? '',
  };
}

function environmentName(path: string): string {
  const words = path.replaceAll('.', '_').replace(/([a-z0-9])([A-Z])/g, '$1_$2');
  return `KISIGNAL_${words.toUpperCase()}`;
}

/**
 * The value that a text stands for: lists are separated by commas. A text that does not fit the type is handed back as it
 * is, and validation then says what was expected.
 */
export function valueOfText(type: SettingType, text: string): unknown {
  const trimmed = text.trim();
  if (type.type === 'integer' || type.type === 'number') {
    return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(trimmed) ? Number(trimmed) : trimmed;
  }
  if (type.type === 'boolean') return trimmed === 'true' ? true : trimmed === 'false' ? false : trimmed;
  if (type.type === 'array') {
    const items = trimmed.split(',').map((item) => item.trim());
    return items.filter((item) => item !== '').map((item) => valueOfText(type.items ?? {}, item));
  }
  return trimmed;
}

/** The text that `valueOfText` reads back. */
export function textOfValue(value: unknown): string {
  return Array.isArray(value) ? value.map(textOfValue).join(',') : String(value);
}

/** What a setting takes, in words: `a whole number from 0 to 65535`. */
export function expectationOf(type: SettingType): string {
  if (type.enum !== undefined) return `one of ${type.enum.join(', ')}`;
  if (type.type === 'integer') return `a whole number${rangeOf(type)}`;
  if (type.type === 'number') return `a number${rangeOf(type)}`;
  if (type.type === 'boolean') return 'true or false';
  if (type.type === 'array') {
    return `a list${type.minItems ? ' that is not empty' : ''}, each item ${expectationOf(type.items ?? {})}`;
  }
  if (type.pattern !== undefined) return `text like ${type.pattern}`;
  return type.minLength ? 'text that is not empty' : 'text';
}

function rangeOf({ minimum, maximum, exclusiveMinimum }: SettingType): string {
  // zod bounds whole numbers by what a double can hold; nobody needs to be told.
  const top = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : maximum;
  const bottom = minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? undefined : minimum;
  if (exclusiveMinimum !== undefined)
    return ` above ${exclusiveMinimum}${top === undefined ? '' : ` and up to ${top}`}`;
  if (bottom !== undefined && top !== undefined) return ` from ${bottom} to ${top}`;
  if (bottom !== undefined) return ` of ${bottom} or more`;
  return top === undefined ? '' : ` of ${top} or less`;
}
