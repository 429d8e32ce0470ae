// `kisignal verify`: its options as they stand on the command line, and where the text goes.
import type { Writable } from 'node:stream';
import { explain } from './explanation.ts';
import type { VerifyOptionTexts } from './options.ts';
import { explanationText, verifyText } from './report-text.ts';
import { VerifyError, type VerifyStage, verify } from './verify.ts';

/** Results go to one of them, progress to the other. */
export interface VerifyTerminal {
  readonly out: Writable;
  readonly remarks: Writable & { readonly isTTY?: boolean };
}

/**
 * @param dataFolder of one environment: `data/emulator`
 * @returns the exit code: 0, or 1 where a fault was found or a signal is not proven
 * @throws VerifyError, AnchorError where there is nothing to verify, or the options cannot be
 */
export async function verifyCommand(
  dataFolder: string,
  { signal, anchors, format = 'text' }: VerifyOptionTexts,
  { out, remarks }: VerifyTerminal,
): Promise<0 | 1> {
  if (format !== 'text' && format !== 'json') throw new VerifyError(`--format ${format}: it is one of text, json`);
  const onProgress = (stage: VerifyStage, fraction: number): void => {
    if (remarks.isTTY) remarks.write(`\r${stage} ${Math.round(100 * fraction)} %   \r`);
  };
  if (signal !== undefined) {
    const explanation = await explain({
      dataFolder,
      id: signal,
      onFraction: (fraction) => onProgress('signals', fraction),
    });
    out.write(format === 'json' ? jsonText(explanation) : explanationText(explanation));
    return explanation.proven ? 0 : 1;
  }
  const report = await verify({ dataFolder, anchorsFile: anchors, onProgress });
  out.write(format === 'json' ? jsonText(report) : verifyText(report));
  return report.ok ? 0 : 1;
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
