// What a verification found, and what made a signal, as a person reads it.
import { bytesText, countText, kstIso, kstText, table } from '../journal/tools/text.ts';
import type { Explanation, Recent } from './explanation.ts';
import { FAULTS, type Finding, isFault, REMARKS } from './findings.ts';
import type { VerifyReport } from './verify.ts';

export function verifyText(report: VerifyReport): string {
  const { ok, dataFolder, journalId, build, derivation, findings, parts } = report;
  const faults = findings.filter(isFault);
  const head = table([
    ['folder', dataFolder],
    ['journal', journalId ?? 'without a name'],
    ['entries', `${countText(report.firstOffset)} to ${countText(report.nextOffset)}`],
    ['segments', `${countText(report.segments)}, ${bytesText(report.bytes)}`],
    ['seals', countText(report.seals)],
    ['chain', report.chainHash ?? 'none'],
    ['contents', countText(report.contents)],
    ['snapshots', countText(report.snapshots)],
    ['anchors', countText(report.anchors)],
    ['build', build],
    ['signals', derivation === null ? 'not derived' : derivationText(derivation)],
  ]);
  const runs = table([
    ['run from entry', 'to', 'build', 'signals'],
    ...parts.map(({ fromOffset, toOffset, build, derived }) => [
      countText(fromOffset),
      countText(toOffset),
      build,
      derived ? 'derived' : 'not derived',
    ]),
  ]);
  const verdict = ok
    ? 'No fault was found.'
    : `${countText(faults.length)} ${faults.length === 1 ? 'fault' : 'faults'}.`;
  const lines = [...faults, ...findings.filter((finding) => !isFault(finding))].map(findingText);
  return `${head}\n${parts.length === 0 ? '' : `${runs}\n`}${lines.join('')}${verdict}\n`;
}

function derivationText({ signals, sealsCompared, fromOffset }: NonNullable<VerifyReport['derivation']>): string {
  return `${countText(signals)} derived from entry ${countText(fromOffset)} on, ${countText(sealsCompared)} seals compared`;
}

function findingText(finding: Finding): string {
  const { code, message, file, bytes, entries } = finding;
  const meaning = { ...FAULTS, ...REMARKS }[code];
  const place = [
    file,
    bytes && (bytes[0] === bytes[1] ? `byte ${bytes[0]}` : `bytes ${bytes[0]} to ${bytes[1]}`),
    entries && `entries ${entries[0]} to ${entries[1]}`,
  ].filter((part) => part !== undefined);
  return `${isFault(finding) ? 'FAULT ' : ''}${code}: ${message}\n${place.length > 0 ? `  ${place.join(', ')}\n` : ''}  ${meaning}\n`;
}

function provenText(proven: boolean, seal: Explanation['seal']): string {
  if (proven) return 'yes: the journal gives what its seal says was published';
  if (seal === null) return 'no: no seal stands behind it yet';
  if (seal.signals >= 0) return 'no: see verify';
  return 'no: the journal gives it, but whoever wrote that derived no signals, so no seal says what was published';
}

export function explanationText(explanation: Explanation): string {
  const { id, proven, signal, position, seal, run, prediction, features, gates, entries, trades, books } = explanation;
  const { model, up, down, probabilityMin, side, confidence, strength } = prediction;
  const sections = [
    table([
      ['signal', `${id}, ${side}, seq ${signal.seq}`],
      ['time', kstIso(signal.timeUs)],
      ['proven', provenText(proven, seal)],
      ['entry', `${position.offset}, batch ${position.batch}`],
      [
        'seal',
        seal === null ? 'none yet' : `at entry ${seal.offset}, ${seal.chainHash}, ${seal.file} byte ${seal.byte}`,
      ],
      ['build', run.versions.kisignal],
      ['runtime', `Node ${run.versions.node}, backend ${run.versions.backend}`],
      ['settings', run.configHash],
      ['model', `${model}, ${run.modelHash}`],
      ['calendar', run.calendarHash],
      ['epoch', run.epoch],
      ['source', run.source],
    ]),
    heading('Probability'),
    table([
      ['up', String(up)],
      ['down', String(down)],
      ['threshold', String(probabilityMin)],
      ['confidence', String(confidence)],
      ['strength', String(strength)],
    ]),
    heading('Gates'),
    table(gates.map(({ gate, passed, figures }) => [gate, passed ? 'passed' : 'denied', figuresText(figures)])),
    heading('Features'),
    table(
      features.map(({ name, value }) => [name, value.toFixed(6)]),
      [1],
    ),
    heading('Last trades'),
    recentText(trades, ({ price, volume, side }) => `${price} × ${volume} ${side}`),
    heading('Last books'),
    recentText(
      books,
      ({ bids, asks }) => `bid ${bids[0]?.join(' × ') ?? 'none'}   ask ${asks[0]?.join(' × ') ?? 'none'}`,
    ),
    heading('Entries of its batch'),
    entries.map((entry) => `${printable(JSON.stringify(entry))}\n`).join(''),
  ];
  return sections.join('');
}

function heading(text: string): string {
  return `\n${text}\n`;
}

function figuresText(figures: Explanation['gates'][number]['figures']): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? Math.round(value * 10_000) / 10_000 : value}`)
    .join(', ');
}

function recentText<M extends { readonly timeUs: number }>(recent: readonly Recent<M>[], text: (message: M) => string) {
  if (recent.length === 0) return 'none\n';
  return table(
    recent.map(({ entries, message }) => [`${entries[0]}–${entries[1] - 1}`, kstText(message.timeUs), text(message)]),
  );
}

/** Control characters would speak to the terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
