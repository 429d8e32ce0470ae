// The logger. Secrets are kept out twice: fields with a secret's name are redacted, and whatever line still holds the
// value of a secret (in a message, an address, an error of a library) has it masked before it is written.
import { type DestinationStream, type Logger, pino } from 'pino';

export interface LoggerOptions {
  readonly level: string;
  /** Values that must never be written. */
  readonly secrets?: readonly string[];
  /** Default: standard output. */
  readonly destination?: DestinationStream;
}

const MASK = '[secret]';

/** Field names, ours and KIS's, that hold secrets or personal data. */
const SECRET_FIELDS = [
  'appKey',
  'appSecret',
  'appkey',
  'appsecret',
  'secretkey',
  'approvalKey',
  'approval_key',
  'accessToken',
  'access_token',
  'authorization',
  'accountNo',
  'htsId',
  'redisUrl',
  'aes',
];
const REDACTED_PATHS = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);

export function createLogger({
  level,
  secrets = [],
  destination = pino.destination({ sync: true }),
}: LoggerOptions): Logger {
  const mask = createMask(secrets);
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED_PATHS, censor: MASK },
    },
    { write: (line) => destination.write(mask(line)) },
  );
}

/** Shorter values are no secrets, and masking them would hit ordinary words. */
const MASKED_LENGTH_MIN = 6;

/** Masks every occurrence of the secrets in a line of JSON, which stays JSON. */
export function createMask(secrets: readonly string[]): (line: string) => string {
  const forms = [...new Set(secrets.flatMap(formsOf))].filter((form) => form.length >= MASKED_LENGTH_MIN);
  if (forms.length === 0) return (line) => line;
  // Longest first, so that no form is left behind by one that it contains.
  const alternatives = forms
    .sort((a, b) => b.length - a.length)
    .map(patternOf)
    .join('|');
  // A number that is a secret becomes a string; everything else lies in a string already.
  const pattern = new RegExp(`(?<=[:,[])(?:${alternatives})(?=[,}\\]])|(?:${alternatives})`, 'g');
  return (line) =>
    line.replace(pattern, (_found, ...rest) => {
      const [offset, whole] = rest as [number, string];
      return /[:,[]/.test(whole[offset - 1] ?? '') && /^\d+[,}\]]/.test(whole.slice(offset)) ? `"${MASK}"` : MASK;
    });
}

/** The ways in which a secret may come up: as it is, escaped in JSON or in an address, an account with or without dash. */
function formsOf(secret: string): string[] {
  const forms = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)];
  if (/^\d{8}-?\d{2}$/.test(secret)) forms.push(secret.replace('-', ''), secret.slice(0, 8));
  const password = /^\w+:\/\/[^/@]*:([^/@]+)@/.exec(secret)?.[1];
  if (password !== undefined) forms.push(password, decodeURIComponent(password));
  return forms;
}

function patternOf(form: string): string {
  const escaped = form.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
  // Digits inside a longer number are no account number but a time or a price.
  return /^\d+$/.test(form) ? `(?<!\\d)${escaped}(?!\\d)` : escaped;
}
